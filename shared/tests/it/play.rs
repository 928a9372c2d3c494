//! Plays transcripts against a session. Comments that begin with `#>` are the events that the session
//! reports, and `[wait N ms]` is where its caller grows impatient with a body.

use restante_shared::pop3::session::{Event, Session};
use restante_shared::pop3::transcript::{Step, Transcript, command, filler_lines};
use restante_shared::sasl::SaslResponse;

/// Plays a transcript whole, split in two at every octet, and octet by octet.
pub(crate) fn play(text: &str) {
    let transcript: Transcript = text.parse().unwrap();
    let expected = expected(&transcript);
    let whole = run(&transcript, |_| false);
    assert_eq!(whole.shown(), expected, "whole");
    for at in 0..whole.heard {
        let events = run(&transcript, |octet| octet == at).shown();
        assert_eq!(events, expected, "split at octet {at}");
    }
    assert_eq!(
        run(&transcript, |_| true).shown(),
        expected,
        "octet by octet"
    );
}

/// The session after a transcript whose events do not matter.
pub(crate) fn session_after(text: &str) -> Session {
    run(&text.parse().unwrap(), |_| false).session
}

/// A transcript that has been played.
pub(crate) struct Played {
    pub(crate) session: Session,
    /// What the session reported, and its error if it came to one.
    reported: Vec<Result<Event, String>>,
    /// Whether a challenge waits for its response.
    challenged: bool,
    /// How many octets the server sent.
    heard: usize,
}

/// Plays a transcript, with a split behind each octet that is chosen by its number.
pub(crate) fn run(transcript: &Transcript, split: impl Fn(usize) -> bool) -> Played {
    let mut played = Played {
        session: Session::new(),
        reported: Vec::new(),
        challenged: false,
        heard: 0,
    };
    for (at, step) in transcript.steps.iter().enumerate() {
        match step {
            Step::Comment(_) | Step::Split => {}
            Step::Client(line) => {
                let answer = transcript.steps.get(at + 1..).unwrap();
                played.say(std::str::from_utf8(line).unwrap(), answer);
            }
            Step::Server(line) => played.hear(&[line, b"\r\n".as_slice()].concat(), &split),
            Step::Raw(octets) => played.hear(octets, &split),
            Step::Octets(octets) => {
                let text: Vec<u8> = filler_lines(*octets).flatten().collect();
                played.hear(&text, &split);
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
    /// What was reported, a line for each event and one for all octets that follow each other.
    pub(crate) fn shown(&self) -> Vec<String> {
        self.lines(|octets| octets.escape_ascii().to_string())
    }

    /// What was reported, without what a trace does not have: mail, and texts of challenges.
    pub(crate) fn outline(&self) -> Vec<String> {
        let lines = self.lines(|octets| octets.len().to_string());
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
            if let Ok(Event::Body(octets)) = report {
                body.extend_from_slice(octets);
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

    /// Says a line, whose secret may be redacted.
    fn say(&mut self, line: &str, answer: &[Step]) {
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

    fn hear(&mut self, octets: &[u8], split: &impl Fn(usize) -> bool) {
        let mut piece = Vec::new();
        for octet in octets {
            piece.push(*octet);
            if split(self.heard) {
                self.session.receive(std::mem::take(&mut piece).into());
                self.collect();
            }
            self.heard += 1;
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

/// The events that the comments of a transcript expect.
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
