//! Client and server side against each other: one parses what the other writes, after every split.

mod commands;
mod messages;
mod replies;

use bytes::Bytes;
use proptest::prelude::*;
use restante_shared::pop3::argument::{MessageNumber, UniqueId};
use restante_shared::pop3::command::Command;
use restante_shared::pop3::session::{Event, Session};

use crate::play::session_after;

fn number() -> impl Strategy<Value = MessageNumber> {
    any::<u32>().prop_filter_map("not 0", MessageNumber::new)
}

fn unique_id() -> impl Strategy<Value = UniqueId> {
    "[!-~]{1,70}".prop_map(|text| UniqueId::new(text).unwrap())
}

/// Splits bytes into pieces of the given sizes, which repeat.
pub(crate) fn pieces(mut bytes: Bytes, sizes: &[usize]) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        if bytes.is_empty() {
            break;
        }
        pieces.push(bytes.split_to((*size).clamp(1, bytes.len())));
    }
    pieces
}

fn events(session: &mut Session, bytes: Bytes, sizes: &[usize]) -> Vec<Event> {
    let mut events = Vec::new();
    for piece in pieces(bytes, sizes) {
        session.receive(piece);
        while let Some(event) = session.next_event().unwrap() {
            events.push(event);
        }
    }
    events
}

/// Returns the events that are neither the beginning nor the end of a reply.
fn items(session: &mut Session, bytes: Bytes, sizes: &[usize]) -> Vec<Event> {
    let mut events = events(session, bytes, sizes);
    events.retain(|event| !matches!(event, Event::Accepted { .. } | Event::Completed { .. }));
    events
}

pub(crate) fn transaction(commands: impl IntoIterator<Item = Command>) -> Session {
    let mut session = session_after("S: +OK\nC: USER a\nS: +OK\nC: PASS tanstaaf\nS: +OK");
    for command in commands {
        session.send(command).unwrap();
    }
    session
}
