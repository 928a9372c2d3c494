//! Commands that the session refuses; it then sends nothing.

use restante_shared::pop3::command::Command;
use restante_shared::pop3::session::{MisuseError, Request, Session, SessionState};
use restante_shared::sasl::SaslResponse;

use crate::play::session_after;

const AUTHORIZATION: &str = "S: +OK";
const TRANSACTION: &str = "S: +OK\nC: USER a\nS: +OK\nC: PASS b\nS: +OK";

const LINES: [&str; 21] = [
    "USER a",
    "PASS b",
    "APOP a c4c9334bac560ecc979e58001b3e22fb",
    "AUTH PLAIN",
    "AUTH",
    "STLS",
    "UTF8",
    "CAPA",
    "LANG",
    "STAT",
    "LIST",
    "LIST 1",
    "UIDL",
    "RETR 1",
    "TOP 1 0",
    "DELE 1",
    "NOOP",
    "RSET",
    "UIDL 1",
    "XTND BBOARDS",
    "QUIT",
];

/// Returns the commands that a session accepts after a conversation.
fn accepted(conversation: &str) -> Vec<&'static str> {
    let accepts = |line: &&str| {
        let mut session = session_after(conversation);
        let is_accepted = session
            .send(Command::parse(line.as_bytes()).unwrap())
            .is_ok();
        assert_eq!(is_accepted, !session.take_output().is_empty(), "{line}");
        is_accepted
    };
    LINES.into_iter().filter(accepts).collect()
}

#[test]
fn each_state_allows_its_commands() {
    let transaction: Vec<&str> = LINES.into_iter().skip(7).collect();
    assert_eq!(accepted(""), [] as [&str; 0]);
    assert_eq!(
        accepted(AUTHORIZATION),
        [
            "USER a",
            "APOP a c4c9334bac560ecc979e58001b3e22fb",
            "AUTH PLAIN",
            "AUTH",
            "STLS",
            "UTF8",
            "CAPA",
            "LANG",
            "QUIT"
        ]
    );
    assert!(accepted("S: +OK\nC: USER a\nS: +OK").contains(&"PASS b"));
    assert!(!accepted("S: +OK\nC: USER a\nS: -ERR").contains(&"PASS b"));
    assert_eq!(accepted(TRANSACTION), transaction);
    assert_eq!(accepted("S: +OK\nC: STLS\nS: +OK"), [] as [&str; 0]);
    assert_eq!(
        accepted(&format!("{TRANSACTION}\nC: QUIT\nS: +OK")),
        [] as [&str; 0]
    );
    assert_eq!(accepted("S: -ERR busy"), [] as [&str; 0]);
}

#[test]
fn nothing_is_queued_after_a_change_of_state() {
    for change in ["USER a", "AUTH PLAIN", "STLS", "UTF8", "QUIT"] {
        let conversation = format!("{AUTHORIZATION}\nC: {change}");
        assert_eq!(accepted(&conversation), [] as [&str; 0], "{change}");
    }
    assert_eq!(
        accepted("S: +OK\nC: CAPA"),
        ["AUTH", "CAPA", "LANG", "QUIT"]
    );
    let other_maildrop = format!("{TRANSACTION}\nC: XTND BBOARDS a");
    assert_eq!(accepted(&other_maildrop), [] as [&str; 0]);
}

#[test]
fn tls_does_not_begin_after_utf8() {
    let session = "S: +OK\nC: UTF8\nS: +OK";
    assert!(!accepted(session).contains(&"STLS"));
    assert!(accepted(session).contains(&"AUTH PLAIN"));
}

#[test]
fn the_state_follows_the_replies() {
    for (conversation, state) in [
        ("", SessionState::Greeting),
        ("S: -ERR busy", SessionState::Closed),
        (
            AUTHORIZATION,
            SessionState::Authorization { user_given: false },
        ),
        (
            "S: +OK\nC: USER a\nS: +OK",
            SessionState::Authorization { user_given: true },
        ),
        (
            "S: +OK\nC: USER a\nS: +OK\nC: CAPA\nS: -ERR",
            SessionState::Authorization { user_given: false },
        ),
        (
            "S: +OK\nC: USER a\nS: +OK\nC: PASS b\nS: -ERR",
            SessionState::Authorization { user_given: false },
        ),
        (
            "S: +OK\nC: AUTH PLAIN AGEAYg==\nS: -ERR",
            SessionState::Authorization { user_given: false },
        ),
        (
            "S: +OK\nC: AUTH PLAIN AGEAYg==\nS: +OK",
            SessionState::Transaction,
        ),
        (TRANSACTION, SessionState::Transaction),
        (
            "S: +OK\nC: QUIT",
            SessionState::Authorization { user_given: false },
        ),
        ("S: +OK\nC: QUIT\nS: +OK", SessionState::Closed),
    ] {
        assert_eq!(session_after(conversation).state(), state, "{conversation}");
    }
    let quit = format!("{TRANSACTION}\nC: RETR 1\nC: QUIT");
    assert_eq!(session_after(&quit).state(), SessionState::Update);
    let answered = format!("{quit}\nS: -ERR\nS: -ERR some deleted messages not removed");
    assert_eq!(session_after(&answered).state(), SessionState::Closed);
}

#[test]
fn a_response_needs_a_challenge() {
    let response = SaslResponse::from_base64(b"AGEAYg==").unwrap();
    for conversation in [
        AUTHORIZATION,
        TRANSACTION,
        "S: +OK\nC: AUTH PLAIN",
        "S: +OK\nC: AUTH PLAIN AGEAYg==",
        "S: +OK\nC: AUTH PLAIN\nS: +\nC: AGEAYg==",
    ] {
        let mut session = session_after(conversation);
        assert_eq!(session.respond(&response), Err(MisuseError::NoChallenge));
        assert_eq!(session.cancel_auth(), Err(MisuseError::NoChallenge));
        assert!(session.take_output().is_empty());
    }
    let mut session = session_after("S: +OK\nC: AUTH PLAIN\nS: +");
    assert_eq!(session.cancel_auth(), Ok(()));
    assert_eq!(session.take_output(), b"*\r\n");
}

#[test]
fn misuse_names_the_command_without_its_secret() {
    let mut session = session_after(TRANSACTION);
    let error = session
        .send(Command::parse(b"PASS tanstaaf").unwrap())
        .unwrap_err();
    assert_eq!(error, MisuseError::WrongState(Request::Pass));
    let mut session = session_after("S: +OK\nC: USER a\nS: +OK");
    session
        .send(Command::parse(b"PASS tanstaaf").unwrap())
        .unwrap();
    assert!(!format!("{error} {session:?} {:?}", Session::new()).contains("tanstaaf"));
}
