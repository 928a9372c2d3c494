//! Plays transcripts against a session. Comments that begin with `#>` are the events that the session
//! reports. At `[wait N ms]`, the caller ends a body at a terminator without a line break.

use restante_shared::pop3::session::{Event, Session};
use restante_shared::pop3::transcript::{Step, Transcript, command, filler_lines};
use restante_shared::sasl::SaslResponse;

/// Plays a transcript whole, split in two at every byte, and byte by byte.
pub(crate) fn play(text: &str) {
    let transcript: Transcript = text.parse().unwrap();
    let expected = expected(&transcript);
    let whole = run(&transcript, |_| false);
    assert_eq!(whole.shown(), expected, "whole");
    for at in 0..whole.received {
        let events = run(&transcript, |byte| byte == at).shown();
        assert_eq!(events, expected, "split at byte {at}");
    }
    assert_eq!(run(&transcript, |_| true).shown(), expected, "byte by byte");
}

/// Returns the session after a transcript, whose events are ignored.
pub(crate) fn session_after(text: &str) -> Session {
    run(&text.parse().unwrap(), |_| false).session
}

/// A transcript that has been played.
pub(crate) struct Played {
    pub(crate) session: Session,
    /// The events of the session, and its error if there was one.
    reported: Vec<Result<Event, String>>,
    /// True while a challenge waits for its response.
    challenged: bool,
    /// The number of bytes that the server sent.
    received: usize,
}

/// Plays a transcript, with a split after each byte that `split` selects by its number.
pub(crate) fn run(transcript: &Transcript, split: impl Fn(usize) -> bool) -> Played {
    let mut played = Played {
        session: Session::new(),
        reported: Vec::new(),
        challenged: false,
        received: 0,
    };
    for (at, step) in transcript.steps.iter().enumerate() {
        match step {
            Step::Comment(_) | Step::Split => {}
            Step::Client(line) => {
                let answer = transcript.steps.get(at + 1..).unwrap();
                played.send(std::str::from_utf8(line).unwrap(), answer);
            }
            Step::Server(line) => played.receive(&[line, b"\r\n".as_slice()].concat(), &split),
            Step::Raw(bytes) => played.receive(bytes, &split),
            Step::Octets(size) => {
                let text: Vec<u8> = filler_lines(*size).flatten().collect();
                played.receive(&text, &split);
            }
            Step::Wait(_) => {
                played.session.end_body_at_bare_terminator();
                played.collect();
            }
            Step::Tls => {
                let session = std::mem::take(&mut played.session);
                played.session = session.into_upgrade().unwrap().secured();
            }
            Step::Close => {
                let ended = played.session.end_of_input();
                played
                    .reported
                    .extend(ended.err().map(|error| Err(error.to_string())));
            }
        }
    }
    played
}

impl Played {
    /// Returns a line for each event, and one line for consecutive pieces of a body.
    pub(crate) fn shown(&self) -> Vec<String> {
        self.lines(|bytes| bytes.escape_ascii().to_string())
    }

    /// Returns the same lines without the data that a trace omits: mail, and the texts of challenges.
    pub(crate) fn outline(&self) -> Vec<String> {
        let lines = self.lines(|bytes| bytes.len().to_string());
        let cut = |line: String| match line.split_once("challenge") {
            Some(("", _)) => "challenge".to_owned(),
            _ => line,
        };
        lines.into_iter().map(cut).collect()
    }

    fn lines(&self, mail: impl Fn(&[u8]) -> String) -> Vec<String> {
        let mut shown = Vec::new();
        let mut body = Vec::new();
        for report in &self.reported {
            if let Ok(Event::Body(bytes)) = report {
                body.extend_from_slice(bytes);
                continue;
            }
            if !body.is_empty() {
                shown.push(format!("octets {}", mail(&std::mem::take(&mut body))));
            }
            shown.push(match report {
                Ok(event) => show(event),
                Err(error) => format!("error: {error}"),
            });
        }
        if !body.is_empty() {
            shown.push(format!("octets {}", mail(&body)));
        }
        shown
    }

    /// Sends a line, whose secret may be redacted.
    fn send(&mut self, line: &str, answer: &[Step]) {
        if std::mem::take(&mut self.challenged) {
            match line {
                "*" => self.session.cancel_auth().unwrap(),
                "***" => self.session.respond(&redacted()).unwrap(),
                base64 => {
                    let response = SaslResponse::from_base64(base64.as_bytes()).unwrap();
                    self.session.respond(&response).unwrap();
                }
            }
        } else {
            self.session.send(command(line, answer).unwrap()).unwrap();
        }
        let output = self.session.take_output();
        if !line.contains("***") {
            assert_eq!(output, format!("{line}\r\n").as_bytes());
        }
    }

    fn receive(&mut self, bytes: &[u8], split: &impl Fn(usize) -> bool) {
        let mut piece = Vec::new();
        for byte in bytes {
            piece.push(*byte);
            if split(self.received) {
                self.session.receive(std::mem::take(&mut piece).into());
                self.collect();
            }
            self.received += 1;
        }
        self.session.receive(piece.into());
        self.collect();
    }

    fn collect(&mut self) {
        loop {
            match self.session.next_event() {
                Ok(Some(event)) => {
                    self.challenged |= matches!(event, Event::Challenge(_));
                    self.reported.push(Ok(event));
                }
                Ok(None) => return,
                Err(error) => {
                    let error = Err(error.to_string());
                    if self.reported.last() != Some(&error) {
                        self.reported.push(error);
                    }
                    return;
                }
            }
        }
    }
}

fn redacted() -> SaslResponse {
    SaslResponse::new(*b"redacted").unwrap()
}

/// Returns the events that the comments of a transcript expect.
pub(crate) fn expected(transcript: &Transcript) -> Vec<&str> {
    transcript
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Comment(text) => text.strip_prefix("> "),
            _ => None,
        })
        .collect()
}

fn show(event: &Event) -> String {
    match event {
        Event::Accepted { request, text } => match &text.code {
            None => format!("accepted {request}"),
            Some(code) => format!("accepted {request}: {code:?}"),
        },
        Event::Refused { request, text } => match &text.code {
            None => format!("refused {request}: {}", text.text),
            Some(code) => format!("refused {request}: {code:?} {}", text.text),
        },
        Event::Completed { request } => format!("completed {request}"),
        Event::Challenge(text) => format!("challenge [{}]", text.escape_ascii()),
        Event::Capability(capability) => format!("capability {capability:?}"),
        Event::DropListing(listing) => {
            format!("{} messages, {} octets", listing.messages, listing.octets)
        }
        Event::ScanListing(listing) => {
            format!("message {} has {} octets", listing.message, listing.octets)
        }
        Event::UniqueId(listing) => {
            format!("message {} is {}", listing.message, listing.unique_id)
        }
        Event::Body(octets) => format!("octets {}", octets.escape_ascii()),
        Event::Mechanism(mechanism) => format!("mechanism {}", mechanism.as_str()),
        Event::Language(listing) => format!("language {} {}", listing.tag, listing.name),
        Event::Board(listing) => format!("board {} {}", listing.name, listing.highest),
        Event::Line(line) => format!("line {}", line.escape_ascii()),
        Event::Unreadable(line) => format!("unreadable {}", line.escape_ascii()),
    }
}
