//! `STLS`: the only way to TLS is a clean one ([RFC 2595 §4]).

use bytes::Bytes;
use restante_shared::pop3::command::Command;
use restante_shared::pop3::session::{MisuseError, PeerError, State, UpgradeError};

use crate::trace::session_after;

#[test]
fn a_clean_upgrade_goes_on_without_a_greeting() {
    let session = session_after("S: +OK\nC: STLS\nS: +OK Begin TLS negotiation");
    let mut session = session.into_upgrade().unwrap().secured();
    assert_eq!(session.state(), State::Authorization { user_given: false });
    session.send(Command::Capa).unwrap();
    assert_eq!(session.take_output(), b"CAPA\r\n");
}

#[test]
fn octets_behind_the_reply_are_an_injection() {
    for injected in ["+OK", "+OK\r\n", "\r\n", "x"] {
        let octets = format!("+OK Begin TLS negotiation\r\n{injected}");
        for at in 0..octets.len() {
            let mut session = session_after("S: +OK\nC: STLS");
            let (front, back) = octets.split_at(at);
            for piece in [front, back] {
                session.receive(Bytes::copy_from_slice(piece.as_bytes()));
                while session.next_event().unwrap().is_some() {}
            }
            let error = session.into_upgrade().unwrap_err();
            assert_eq!(error, UpgradeError::Peer(PeerError::Injected), "{octets:?}");
        }
    }
}

#[test]
fn without_the_servers_leave_there_is_no_upgrade() {
    for conversation in [
        "",
        "S: +OK",
        "S: +OK\nC: STLS",
        "S: +OK\nC: STLS\nS: -ERR no",
        "S: +OK\nC: USER a\nS: +OK\nC: PASS b\nS: +OK",
    ] {
        assert_eq!(
            session_after(conversation).into_upgrade().unwrap_err(),
            UpgradeError::Misuse(MisuseError::NoUpgrade),
            "{conversation:?}"
        );
    }
}
