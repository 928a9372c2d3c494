//! The replies of a server to a pipeline of commands: no panic, a bounded number of events, and a
//! trace that is parsed as it was written and never contains the password. The input is the data of
//! the server after the login.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::command::Command;
use restante_shared::pop3::session::{Event, Session};
use restante_shared::pop3::transcript::{Step, Transcript};

const PASSWORD: &[u8] = b"tanstaaf-and-more";

const LINES: [&str; 12] = [
    "CAPA", "STAT", "LIST", "LIST 3", "UIDL", "UIDL 3", "LANG", "LANG *", "TOP 1 0", "RETR 1",
    "DELE 1", "QUIT",
];

fuzz_target!(|bytes: &[u8]| {
    let mut session = Session::new();
    for (received, line) in [
        ("+OK\r\n", "USER a"),
        ("+OK\r\n", "PASS tanstaaf-and-more"),
        ("+OK\r\n", "NOOP"),
    ] {
        session.receive(Bytes::from_static(received.as_bytes()));
        while let Ok(Some(_)) = session.next_event() {}
        session
            .send(Command::parse(line.as_bytes()).unwrap())
            .unwrap();
    }
    for line in LINES {
        session
            .send(Command::parse(line.as_bytes()).unwrap())
            .unwrap();
    }
    session.receive(Bytes::copy_from_slice(bytes));
    let mut events = 0;
    while let Ok(Some(event)) = session.next_event() {
        events += 1;
        assert!(events <= 3 * bytes.len() + 3, "more events than the bytes allow");
        if let Event::Capability(capability) = event {
            let again = Capability::parse(capability.to_string().as_bytes());
            assert_eq!(again.to_string(), capability.to_string());
        }
    }
    let _ = session.end_of_input();
    let steps = session.take_trace();
    for step in &steps {
        if let Step::Server(line) | Step::Raw(line) = step {
            let leaks = line.windows(PASSWORD.len()).any(|w| w == PASSWORD);
            assert!(!leaks, "{step}");
        }
    }
    let text = Transcript {
        steps: steps.clone(),
    }
    .to_string();
    assert_eq!(text.parse(), Ok(Transcript { steps }));
});
