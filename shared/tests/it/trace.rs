//! Conversations as text: `C:` is what the client sends, `S:` what the server sends, `E:` the event
//! that the client's session reports for it.

use bytes::Bytes;
use restante_shared::pop3::argument::SaslResponse;
use restante_shared::pop3::command::Command;
use restante_shared::pop3::session::{Event, Session};

/// Plays a conversation whole, split in two at every octet, and octet by octet.
pub(crate) fn play(conversation: &str) {
    let expected: Vec<&str> = lines(conversation, "E:").collect();
    let heard: usize = lines(conversation, "S:")
        .map(|line| unescape(line).len())
        .sum();
    assert_eq!(run(conversation, |_| false), expected, "whole");
    for split in 0..heard {
        let events = run(conversation, |at| at == split);
        assert_eq!(events, expected, "split at octet {split}");
    }
    assert_eq!(run(conversation, |_| true), expected, "octet by octet");
}

/// The session after a conversation whose events do not matter.
pub(crate) fn session_after(conversation: &str) -> Session {
    let mut session = Session::new();
    let mut events = Vec::new();
    for line in conversation.lines().map(str::trim) {
        step(&mut session, line, &mut events, &mut |_| false, &mut 0);
    }
    session
}

fn run(conversation: &str, split: impl Fn(usize) -> bool) -> Vec<String> {
    let mut session = Session::new();
    let mut events = Vec::new();
    let mut at = 0;
    for line in conversation.lines().map(str::trim) {
        step(
            &mut session,
            line,
            &mut events,
            &mut |at| split(at),
            &mut at,
        );
    }
    let mut shown = Vec::new();
    let mut body = Vec::new();
    for event in events {
        if let Event::Octets(octets) = event {
            body.extend_from_slice(&octets);
            continue;
        }
        if !body.is_empty() {
            shown.push(format!(
                "octets {}",
                std::mem::take(&mut body).escape_ascii()
            ));
        }
        shown.push(show(&event));
    }
    shown
}

fn step(
    session: &mut Session,
    line: &str,
    events: &mut Vec<Event>,
    split: &mut impl FnMut(usize) -> bool,
    at: &mut usize,
) {
    if let Some(line) = line.strip_prefix("C: ") {
        match line.strip_prefix("respond").map(str::trim) {
            Some(base64) => {
                let response = SaslResponse::from_base64(base64.as_bytes()).unwrap();
                session.respond(&response).unwrap();
                assert_eq!(session.take_output(), format!("{base64}\r\n").as_bytes());
            }
            None => {
                session
                    .send(Command::parse(line.as_bytes()).unwrap())
                    .unwrap();
                assert_eq!(session.take_output(), format!("{line}\r\n").as_bytes());
            }
        }
    } else if let Some(line) = line.strip_prefix("S:") {
        let mut piece = Vec::new();
        for octet in unescape(line) {
            piece.push(octet);
            if split(*at) {
                feed(session, &mut piece, events);
            }
            *at += 1;
        }
        feed(session, &mut piece, events);
    }
}

fn feed(session: &mut Session, piece: &mut Vec<u8>, events: &mut Vec<Event>) {
    session.receive(Bytes::from(std::mem::take(piece)));
    while let Some(event) = session.next_event().unwrap() {
        events.push(event);
    }
}

fn lines<'a>(conversation: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    let all = conversation.lines().map(str::trim);
    all.filter_map(move |line| Some(line.strip_prefix(mark)?.trim_start()))
}

/// The octets of an `S:` line: `\n` stands for a bare LF in place of the CRLF, `\xE9` for an octet.
pub(crate) fn unescape(line: &str) -> Vec<u8> {
    let line = line.strip_prefix(' ').unwrap_or(line);
    let (text, end) = match line.strip_suffix("\\n") {
        Some(text) => (text, "\n"),
        None => (line, "\r\n"),
    };
    let mut octets = text.replace("\\xE9", "\u{1}").into_bytes();
    for octet in &mut octets {
        if *octet == 1 {
            *octet = 0xe9;
        }
    }
    octets.extend_from_slice(end.as_bytes());
    octets
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
        Event::Octets(octets) => format!("octets {}", octets.escape_ascii()),
        Event::Unreadable(line) => format!("unreadable {}", line.escape_ascii()),
    }
}
