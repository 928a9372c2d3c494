//! Every example of RFC 1939, and those of RFCs 2449, 2595 and 5034 that this client can meet.

use crate::trace::play;

/// The greeting and the login of [RFC 1939 §7]'s examples, before which nothing else is possible.
const LOGIN: &str = r"
    S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>
    E: accepted the greeting
    E: completed the greeting
    C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
    S: +OK maildrop has 1 message (369 octets)
    E: accepted APOP
    E: completed APOP
";

fn logged_in(rest: &str) {
    play(&format!("{LOGIN}{rest}"));
}

#[test]
fn quit_before_login_of_section_4() {
    play(
        r"
        S: +OK POP3 server ready
        E: accepted the greeting
        E: completed the greeting
        C: QUIT
        S: +OK dewey POP3 server signing off
        E: accepted QUIT
        E: completed QUIT",
    );
}

#[test]
fn stat_of_section_5() {
    logged_in(
        r"
        C: STAT
        S: +OK 2 320
        E: accepted STAT
        E: 2 messages, 320 octets
        E: completed STAT",
    );
}

#[test]
fn list_of_section_5() {
    logged_in(
        r"
        C: LIST
        S: +OK 2 messages (320 octets)
        S: 1 120
        S: 2 200
        S: .
        E: accepted LIST
        E: message 1 has 120 octets
        E: message 2 has 200 octets
        E: completed LIST
        C: LIST 2
        S: +OK 2 200
        E: accepted LIST 2
        E: message 2 has 200 octets
        E: completed LIST 2
        C: LIST 3
        S: -ERR no such message, only 2 messages in maildrop
        E: refused LIST 3: no such message, only 2 messages in maildrop",
    );
}

#[test]
fn retr_of_section_5() {
    logged_in(
        r"
        C: RETR 1
        S: +OK 120 octets
        S: Subject: the POP3 server sends the entire message here
        S:
        S: ..dot
        S: .
        E: accepted RETR 1
        E: octets Subject: the POP3 server sends the entire message here\r\n\r\n.dot\r\n
        E: completed RETR 1",
    );
}

#[test]
fn dele_noop_and_rset_of_section_5() {
    logged_in(
        r"
        C: DELE 1
        S: +OK message 1 deleted
        E: accepted DELE 1
        E: completed DELE 1
        C: DELE 2
        S: -ERR message 2 already deleted
        E: refused DELE 2: message 2 already deleted
        C: NOOP
        S: +OK
        E: accepted NOOP
        E: completed NOOP
        C: RSET
        S: +OK maildrop has 2 messages (320 octets)
        E: accepted RSET
        E: completed RSET",
    );
}

#[test]
fn quit_after_login_of_section_6() {
    for reply in [
        "+OK dewey POP3 server signing off (maildrop empty)",
        "+OK dewey POP3 server signing off (2 messages left)",
    ] {
        logged_in(&format!(
            r"
            C: QUIT
            S: {reply}
            E: accepted QUIT
            E: completed QUIT"
        ));
    }
    logged_in(
        r"
        C: QUIT
        S: -ERR some deleted messages not removed
        E: refused QUIT: some deleted messages not removed",
    );
}

#[test]
fn top_of_section_7() {
    logged_in(
        r"
        C: TOP 1 10
        S: +OK
        S: Subject: the headers, a blank line, and the first 10 lines
        S:
        S: one
        S: .
        E: accepted TOP 1
        E: octets Subject: the headers, a blank line, and the first 10 lines\r\n\r\none\r\n
        E: completed TOP 1
        C: TOP 100 3
        S: -ERR no such message
        E: refused TOP 100: no such message",
    );
}

#[test]
fn uidl_of_section_7() {
    logged_in(
        r"
        C: UIDL
        S: +OK
        S: 1 whqtswO00WBw418f9t5JxYwZ
        S: 2 QhdPYR:00WBw1Ph7x7
        S: .
        E: accepted UIDL
        E: message 1 is whqtswO00WBw418f9t5JxYwZ
        E: message 2 is QhdPYR:00WBw1Ph7x7
        E: completed UIDL
        C: UIDL 2
        S: +OK 2 QhdPYR:00WBw1Ph7x7
        E: accepted UIDL 2
        E: message 2 is QhdPYR:00WBw1Ph7x7
        E: completed UIDL 2
        C: UIDL 3
        S: -ERR no such message, only 2 messages in maildrop
        E: refused UIDL 3: no such message, only 2 messages in maildrop",
    );
}

#[test]
fn user_and_pass_of_section_7() {
    play(
        r"
        S: +OK POP3 server ready
        E: accepted the greeting
        E: completed the greeting
        C: USER frated
        S: -ERR sorry, no mailbox for frated here
        E: refused USER: sorry, no mailbox for frated here
        C: USER mrose
        S: +OK mrose is a real hoopy frood
        E: accepted USER
        E: completed USER
        C: PASS secret
        S: -ERR maildrop already locked
        E: refused PASS: maildrop already locked
        C: USER mrose
        S: +OK mrose is a real hoopy frood
        E: accepted USER
        E: completed USER
        C: PASS secret
        S: +OK mrose's maildrop has 2 messages (320 octets)
        E: accepted PASS
        E: completed PASS",
    );
}

#[test]
fn the_session_of_section_10() {
    logged_in(
        r"
        C: STAT
        S: +OK 2 320
        E: accepted STAT
        E: 2 messages, 320 octets
        E: completed STAT
        C: LIST
        S: +OK 2 messages (320 octets)
        S: 1 120
        S: 2 200
        S: .
        E: accepted LIST
        E: message 1 has 120 octets
        E: message 2 has 200 octets
        E: completed LIST
        C: RETR 1
        S: +OK 120 octets
        S: message 1
        S: .
        E: accepted RETR 1
        E: octets message 1\r\n
        E: completed RETR 1
        C: DELE 1
        S: +OK message 1 deleted
        E: accepted DELE 1
        E: completed DELE 1
        C: RETR 2
        S: +OK 200 octets
        S: message 2
        S: .
        E: accepted RETR 2
        E: octets message 2\r\n
        E: completed RETR 2
        C: DELE 2
        S: +OK message 2 deleted
        E: accepted DELE 2
        E: completed DELE 2
        C: QUIT
        S: +OK dewey POP3 server signing off (maildrop empty)
        E: accepted QUIT
        E: completed QUIT",
    );
}

#[test]
fn capa_of_rfc_2449_section_5() {
    logged_in(
        r#"
        C: CAPA
        S: +OK Capability list follows
        S: TOP
        S: USER
        S: SASL CRAM-MD5 KERBEROS_V4
        S: RESP-CODES
        S: LOGIN-DELAY 900
        S: PIPELINING
        S: EXPIRE 60
        S: UIDL
        S: IMPLEMENTATION Shlemazle-Plotz-v302
        S: .
        E: accepted CAPA
        E: capability Top
        E: capability User
        E: capability Sasl([Mechanism("CRAM-MD5"), Mechanism("KERBEROS_V4")])
        E: capability RespCodes
        E: capability LoginDelay { seconds: 900, by_user: false }
        E: capability Pipelining
        E: capability Expire { days: Some(60), by_user: false }
        E: capability Uidl
        E: capability Implementation("Shlemazle-Plotz-v302")
        E: completed CAPA"#,
    );
}

#[test]
fn response_codes_of_rfc_2449_section_8() {
    play(
        r"
        S: +OK
        E: accepted the greeting
        E: completed the greeting
        C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
        S: -ERR [LOGIN-DELAY] minimum time between mail checks is 15 minutes
        E: refused APOP: LoginDelay minimum time between mail checks is 15 minutes
        C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
        S: -ERR [IN-USE] Do you have another POP session running?
        E: refused APOP: InUse Do you have another POP session running?",
    );
}

#[test]
fn pipelined_commands_are_answered_in_order() {
    logged_in(
        r"
        C: LIST 1
        C: RETR 1
        C: RETR 2
        C: NOOP
        S: +OK 1 3
        S: +OK
        S: a
        S: .
        S: -ERR no such message
        S: +OK
        E: accepted LIST 1
        E: message 1 has 3 octets
        E: completed LIST 1
        E: accepted RETR 1
        E: octets a\r\n
        E: completed RETR 1
        E: refused RETR 2: no such message
        E: accepted NOOP
        E: completed NOOP",
    );
}

#[test]
fn auth_plain_of_rfc_5034_section_6() {
    let before = r"
        S: +OK pop.example.com BlurdyBlurp POP3 server ready
        E: accepted the greeting
        E: completed the greeting";
    play(&format!(
        r"{before}
        C: AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=
        S: +OK Maildrop locked and ready
        E: accepted AUTH
        E: completed AUTH"
    ));
    play(&format!(
        r"{before}
        C: AUTH PLAIN
        S: +
        E: challenge []
        C: respond dGVzdAB0ZXN0AHRlc3Q=
        S: +OK Maildrop locked and ready
        E: accepted AUTH
        E: completed AUTH
        C: NOOP
        S: +OK
        E: accepted NOOP
        E: completed NOOP"
    ));
    play(&format!(
        r"{before}
        C: AUTH DIGEST-MD5
        S: + cmVhbG09ImVs
        E: challenge [cmVhbG09ImVs]
        C: respond Y2hhcnNl
        S: + cnNwYXV0aD1l
        E: challenge [cnNwYXV0aD1l]
        C: respond
        S: -ERR [AUTH] no
        E: refused AUTH: Auth no"
    ));
}
