//! `STLS`: TLS begins only after a clean upgrade ([RFC 2595 §4]).

use restante_shared::pop3::command::Command;
use restante_shared::pop3::session::{MisuseError, SessionState, UpgradeError};

use crate::play::session_after;

#[test]
fn a_clean_upgrade_continues_without_a_greeting() {
    let session = session_after("S: +OK\nC: STLS\nS: +OK Begin TLS negotiation");
    let mut session = session.into_upgrade().unwrap().secured();
    assert_eq!(
        session.state(),
        SessionState::Authorization { user_given: false }
    );
    session.send(Command::Capa).unwrap();
    assert_eq!(session.take_output(), b"CAPA\r\n");
}

#[test]
fn there_is_no_upgrade_unless_the_server_accepted_stls() {
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
