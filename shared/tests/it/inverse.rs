//! The two halves against each other: what one writes, the other reads, split anywhere.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use restante_shared::pop3::argument::{
    Mechanism, MessageNumber, Password, SaslResponse, UniqueId, UserName,
};
use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::command::{Auth, Command};
use restante_shared::pop3::server::{BodyWriter, CommandReader, ReplyWriter, top};
use restante_shared::pop3::session::{Event, Request, Session};

use crate::trace::session_after;

/// Octets among which line ends and dots are frequent.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => Just(b"\r\n".to_vec()),
        2 => Just(b".".to_vec()),
        1 => Just(b"\r".to_vec()),
        1 => Just(b"text".to_vec()),
        1 => any::<u8>().prop_filter("no bare LF", |o| *o != b'\n').prop_map(|o| vec![o]),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn number() -> impl Strategy<Value = MessageNumber> {
    any::<u32>().prop_filter_map("not 0", MessageNumber::new)
}

fn unique_id() -> impl Strategy<Value = UniqueId> {
    "[!-~]{1,70}".prop_map(|text| UniqueId::new(text).unwrap())
}

fn command() -> impl Strategy<Value = Command> {
    let name = "[a-z\u{e9}@.]{1,20}( [a-z]{1,5})?".prop_map(|text| UserName::new(text).unwrap());
    let password = "[^\r\n\0]{1,60}".prop_map(|text| Password::new(text).unwrap());
    prop_oneof![
        name.clone().prop_map(Command::User),
        password.clone().prop_map(Command::Pass),
        (name, password).prop_map(|(name, password)| {
            let response = SaslResponse::plain(&name, &password);
            Command::Auth(
                Auth::with_initial_response(Mechanism::plain(), response)
                    .unwrap_or_else(|_| Auth::new(Mechanism::plain())),
            )
        }),
        proptest::option::of(number()).prop_map(Command::List),
        proptest::option::of(number()).prop_map(Command::Uidl),
        (number(), any::<u32>()).prop_map(|(message, lines)| Command::Top { message, lines }),
        number().prop_map(Command::Retr),
        number().prop_map(Command::Dele),
    ]
}

/// Cuts octets into pieces of the given sizes, over and over.
fn pieces(mut octets: Bytes, sizes: &[usize]) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        if octets.is_empty() {
            break;
        }
        pieces.push(octets.split_to((*size).clamp(1, octets.len())));
    }
    pieces
}

fn events(session: &mut Session, octets: Bytes, sizes: &[usize]) -> Vec<Event> {
    let mut events = Vec::new();
    for piece in pieces(octets, sizes) {
        session.receive(piece);
        while let Some(event) = session.next_event().unwrap() {
            events.push(event);
        }
    }
    events
}

fn transaction(commands: impl IntoIterator<Item = Command>) -> Session {
    let mut session = session_after("S: +OK\nC: USER a\nS: +OK\nC: PASS b\nS: +OK");
    for command in commands {
        session.send(command).unwrap();
    }
    session
}

proptest! {
    #[test]
    fn commands_are_read_as_they_were_written(
        commands in vec(command(), 1..8),
        sizes in vec(1_usize..40, 1..5),
    ) {
        let mut wire = Vec::new();
        for command in &commands {
            let before = wire.len();
            command.encode(&mut wire);
            prop_assert!(wire.len() - before <= 255);
        }
        let mut reader = CommandReader::new();
        let mut read = Vec::new();
        for piece in pieces(wire.into(), &sizes) {
            reader.push(&piece);
            while let Some(command) = reader.next_command() {
                read.push(command.unwrap());
            }
        }
        prop_assert!(reader.is_empty());
        prop_assert_eq!(read, commands);
    }

    #[test]
    fn messages_arrive_as_they_were_sent(
        messages in vec(message(), 1..5),
        sizes in vec(1_usize..40, 1..5),
    ) {
        let mut writer = ReplyWriter::new();
        let mut session = transaction(
            (1..).zip(&messages).map(|(n, _)| Command::Retr(MessageNumber::new(n).unwrap())),
        );
        for message in &messages {
            writer.ok("");
            let mut body = BodyWriter::new();
            for piece in pieces(Bytes::copy_from_slice(message), &sizes) {
                body.push(&piece, &mut writer);
            }
            body.finish(&mut writer);
        }
        let mut received = Vec::new();
        for event in events(&mut session, writer.take(), &sizes) {
            match event {
                Event::Accepted { .. } => received.push(Vec::new()),
                Event::Octets(octets) => received.last_mut().unwrap().extend_from_slice(&octets),
                Event::Completed { .. } => {}
                other => prop_assert!(false, "{other:?}"),
            }
        }
        let sent: Vec<Vec<u8>> = messages
            .into_iter()
            .map(|mut message| {
                // A message without a last line end gets one: its end could not be told otherwise.
                if !message.is_empty() && !message.ends_with(b"\r\n") {
                    message.extend_from_slice(b"\r\n");
                }
                message
            })
            .collect();
        prop_assert_eq!(received, sent);
        prop_assert_eq!(session.unanswered(), 0);
    }

    #[test]
    fn listings_are_read_as_they_were_written(
        listings in vec((number(), any::<u64>(), unique_id()), 0..6),
        sizes in vec(1_usize..40, 1..5),
    ) {
        let mut writer = ReplyWriter::new();
        writer.scan_listings("", listings.iter().map(|(n, octets, _)| (*n, *octets)));
        writer.unique_id_listings("", listings.iter().map(|(n, _, id)| (*n, id)));
        let mut session = transaction([Command::List(None), Command::Uidl(None)]);
        let mut scans = Vec::new();
        let mut ids = Vec::new();
        for event in events(&mut session, writer.take(), &sizes) {
            match event {
                Event::ScanListing(listing) => scans.push((listing.message, listing.octets)),
                Event::UniqueId(listing) => ids.push((listing.message, listing.unique_id)),
                Event::Accepted { .. } | Event::Completed { .. } => {}
                other => prop_assert!(false, "{other:?}"),
            }
        }
        let expected: Vec<_> = listings.iter().map(|(n, octets, _)| (*n, *octets)).collect();
        prop_assert_eq!(scans, expected);
        let expected: Vec<_> = listings.into_iter().map(|(n, _, id)| (n, id)).collect();
        prop_assert_eq!(ids, expected);
    }

    #[test]
    fn nothing_a_server_sends_makes_the_session_panic(
        octets in vec(prop_oneof![
            Just(b"+OK".to_vec()), Just(b"-ERR".to_vec()), Just(b"\r\n".to_vec()),
            Just(b".".to_vec()), Just(b"+ ".to_vec()), vec(any::<u8>(), 0..9),
        ], 0..60),
        size in 1_usize..30,
    ) {
        let commands = [
            Command::Uidl(None), Command::Capa, Command::Stat,
            Command::Retr(MessageNumber::new(1).unwrap()), Command::Quit,
        ];
        let octets = Bytes::from(octets.concat());
        let outcome = |size: usize| {
            let mut session = transaction(commands.clone());
            let mut shown = Vec::new();
            let mut body = 0;
            for piece in pieces(octets.clone(), &[size]) {
                session.receive(piece);
                loop {
                    match session.next_event() {
                        Ok(Some(Event::Octets(octets))) => body += octets.len(),
                        Ok(Some(event)) => shown.push(event),
                        Ok(None) => break,
                        Err(error) => return (shown, body, Some(error)),
                    }
                }
            }
            (shown, body, session.end_of_input().err())
        };
        prop_assert_eq!(outcome(size), outcome(usize::MAX));
    }
}

#[test]
fn capabilities_are_read_as_they_were_written() {
    let capabilities = [
        Capability::Top,
        Capability::Sasl(vec![Mechanism::plain()]),
        Capability::Other(".dots begin this line".into()),
    ];
    let mut writer = ReplyWriter::new();
    writer.capabilities(&capabilities);
    let mut session = transaction([Command::Capa]);
    let mut read = Vec::new();
    for event in events(&mut session, writer.take(), &[1]) {
        if let Event::Capability(capability) = event {
            read.push(capability);
        }
    }
    assert_eq!(read, capabilities);
}

#[test]
fn top_is_answered_by_the_front_of_the_message() {
    let message = b"Subject: x\r\n\r\n.one\r\ntwo\r\n";
    let mut writer = ReplyWriter::new();
    writer.message("", top(message, 1));
    let mut session = transaction([Command::Top {
        message: MessageNumber::new(1).unwrap(),
        lines: 1,
    }]);
    let received = events(&mut session, writer.take(), &[usize::MAX]);
    assert!(received.contains(&Event::Octets(Bytes::from_static(b"Subject: x\r\n\r\n"))));
    assert!(received.contains(&Event::Completed {
        request: Request::Top(MessageNumber::new(1).unwrap())
    }));
}
