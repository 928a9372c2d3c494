//! Q5 and later: the contents of replies, and missing replies.

use std::collections::BTreeSet;

use bytes::Bytes;
use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::session::{PeerError, UpgradeError};

use super::logged_in;
use crate::play::{play, session_after};

#[test]
fn q05_wrong_sizes_are_reported_unchanged() {
    logged_in(
        r"
        C: STAT
        S: +OK 3 18446744073709551615
        #> accepted STAT
        #> 3 messages, 18446744073709551615 octets
        #> completed STAT
        C: LIST
        S: +OK
        S: 1 0
        S: 2 1024
        S: 3 -1
        S: .
        #> accepted LIST
        #> message 1 has 0 octets
        #> message 2 has 1024 octets
        #> unreadable 3 -1
        #> completed LIST
        C: RETR 1
        S: +OK 0 octets
        S: not so
        S: .
        #> accepted RETR 1
        #> octets not so\r\n
        #> completed RETR 1",
        &[],
    );
}

#[test]
fn q06_text_in_status_lines_may_have_any_character_set() {
    logged_in(
        r"
        C: NOOP
        S: -ERR caf\xe9
        #> refused NOOP: café",
        &[Quirk::EightBitText],
    );
    logged_in(
        r"
        C: NOOP
        S: -ERR caf\xc3\xa9
        #> refused NOOP: café",
        &[],
    );
}

#[test]
fn q06_unique_ids_may_have_blanks_and_more_than_70_bytes() {
    let long = "x".repeat(1024);
    logged_in(
        &format!(
            r"
            C: UIDL
            S: +OK
            S: 1 a b
            S: 2 {long}
            S: 3 {long}y
            S: 4 \xe9
            S: .
            #> accepted UIDL
            #> message 1 is a b
            #> message 2 is {long}
            #> unreadable 3 {long}y
            #> message 4 is é
            #> completed UIDL"
        ),
        &[Quirk::LongLine, Quirk::IrregularUniqueId],
    );
}

#[test]
fn q09_a_challenge_may_have_the_form_of_ok() {
    let text = r"
        S: +OK
        #> accepted the greeting
        #> completed the greeting
        C: AUTH PLAIN
        S: +OK
        #> challenge []
        C: AGEAYg==
        S: +OK
        #> accepted AUTH
        #> completed AUTH";
    play(text);
    assert_eq!(
        session_after(text).take_quirks(),
        BTreeSet::from([Quirk::ChallengeAsOk])
    );
}

#[test]
fn q09_the_server_may_close_the_connection_after_a_refused_login() {
    let mut session = session_after("S: +OK\nC: AUTH PLAIN AGEAYg==\nS: -ERR no");
    assert_eq!(session.end_of_input(), Ok(()));
}

#[test]
fn q10_capabilities_may_have_an_equals_sign() {
    logged_in(
        r#"
        C: CAPA
        S: +OK
        S: AUTH=LOGIN
        S: SASL=PLAIN LOGIN
        S: expire never
        S: .
        #> accepted CAPA
        #> capability Other("AUTH=LOGIN")
        #> capability Sasl([MechanismName("PLAIN"), MechanismName("LOGIN")])
        #> capability Expire { days: None, by_user: false }
        #> completed CAPA"#,
        &[],
    );
}

#[test]
fn q11_injected_data_prevents_the_upgrade() {
    for injected in ["+OK", "+OK\r\n", "\r\n", "x"] {
        let bytes = format!("+OK Begin TLS negotiation\r\n{injected}");
        for at in 0..bytes.len() {
            let mut session = session_after("S: +OK\nC: STLS");
            let (front, back) = bytes.split_at(at);
            for piece in [front, back] {
                session.receive(Bytes::copy_from_slice(piece.as_bytes()));
                while session.next_event().unwrap().is_some() {}
            }
            let error = session.into_upgrade().unwrap_err();
            assert_eq!(error, UpgradeError::Peer(PeerError::Injected), "{bytes:?}");
        }
    }
}

#[test]
fn q16_unique_id_listings_may_have_irregular_lines() {
    logged_in(
        r"
        C: UIDL
        S: +OK
        S: 1    x
        S: +OK 2 y
        S: 9 z
        S:  10	tab
        S: 11
        S:
        S: .
        #> accepted UIDL
        #> message 1 is x
        #> message 2 is y
        #> message 9 is z
        #> message 10 is tab
        #> unreadable 11
        #> unreadable 
        #> completed UIDL
        C: UIDL 9
        S: +OK zzz
        #> accepted UIDL 9
        #> message 9 is zzz
        #> completed UIDL 9
        C: UIDL 9
        S: +OK   9   zzz
        #> accepted UIDL 9
        #> message 9 is zzz
        #> completed UIDL 9",
        &[Quirk::IrregularListing],
    );
}

#[test]
fn q16_scan_listings_may_have_text_after_the_size_and_gaps() {
    logged_in(
        r"
        C: LIST
        S: +OK
        S: 1 120 octets
        S: 3 200 (sent yesterday)
        S: .
        #> accepted LIST
        #> message 1 has 120 octets
        #> message 3 has 200 octets
        #> completed LIST
        C: LIST 3
        S: +OK 3 200 octets
        #> accepted LIST 3
        #> message 3 has 200 octets
        #> completed LIST 3",
        &[],
    );
    logged_in(
        r"
        C: LIST
        S: +OK
        S: +OK 1  120
        S: many
        S: .
        #> accepted LIST
        #> message 1 has 120 octets
        #> unreadable many
        #> completed LIST",
        &[Quirk::IrregularListing],
    );
}

#[test]
fn q20_an_invalid_drop_listing_is_reported_as_unreadable() {
    logged_in(
        r"
        C: STAT
        S: +OK lots
        #> accepted STAT
        #> unreadable  lots
        #> completed STAT",
        &[],
    );
}

#[test]
fn q23_a_reply_that_a_pipeline_lost_is_noticed() {
    logged_in(
        r"
        C: RETR 1
        C: RETR 2
        S: +OK
        S: one
        S: .
        S: two
        #> accepted RETR 1
        #> octets one\r\n
        #> completed RETR 1
        #> error: the reply to RETR 2 has no status indicator",
        &[],
    );
}

#[test]
fn q26_a_refused_message_leaves_the_session_in_step() {
    logged_in(
        r"
        C: RETR 1
        C: RETR 2
        S: -ERR cannot open message
        S: +OK
        S: two
        S: .
        #> refused RETR 1: cannot open message
        #> accepted RETR 2
        #> octets two\r\n
        #> completed RETR 2",
        &[],
    );
}

#[test]
fn q26_the_end_of_the_connection_in_a_message_names_the_message() {
    logged_in(
        r"
        C: RETR 1
        C: RETR 2
        S: +OK
        R: half a mess
        [close]
        #> accepted RETR 1
        #> octets half a mess
        #> error: the connection ended in the middle of the reply to RETR 1",
        &[],
    );
}
