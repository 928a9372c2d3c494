//! The examples of the RFCs for single commands. Whole sessions are in `tests/transcripts`.

use crate::play::play;

/// The greeting and the login of the examples in [RFC 1939 §7], which all other commands need.
const LOGIN: &str = r"
    S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>
    #> accepted the greeting
    #> completed the greeting
    C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
    S: +OK maildrop has 1 message (369 octets)
    #> accepted APOP
    #> completed APOP
";

fn logged_in(rest: &str) {
    play(&format!("{LOGIN}{rest}"));
}

#[test]
fn quit_before_login_of_section_4() {
    play(
        r"
        S: +OK POP3 server ready
        #> accepted the greeting
        #> completed the greeting
        C: QUIT
        S: +OK dewey POP3 server signing off
        #> accepted QUIT
        #> completed QUIT",
    );
}

#[test]
fn stat_of_section_5() {
    logged_in(
        r"
        C: STAT
        S: +OK 2 320
        #> accepted STAT
        #> 2 messages, 320 octets
        #> completed STAT",
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
        #> accepted LIST
        #> message 1 has 120 octets
        #> message 2 has 200 octets
        #> completed LIST
        C: LIST 2
        S: +OK 2 200
        #> accepted LIST 2
        #> message 2 has 200 octets
        #> completed LIST 2
        C: LIST 3
        S: -ERR no such message, only 2 messages in maildrop
        #> refused LIST 3: no such message, only 2 messages in maildrop",
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
        #> accepted RETR 1
        #> octets Subject: the POP3 server sends the entire message here\r\n\r\n.dot\r\n
        #> completed RETR 1",
    );
}

#[test]
fn dele_noop_and_rset_of_section_5() {
    logged_in(
        r"
        C: DELE 1
        S: +OK message 1 deleted
        #> accepted DELE 1
        #> completed DELE 1
        C: DELE 2
        S: -ERR message 2 already deleted
        #> refused DELE 2: message 2 already deleted
        C: NOOP
        S: +OK
        #> accepted NOOP
        #> completed NOOP
        C: RSET
        S: +OK maildrop has 2 messages (320 octets)
        #> accepted RSET
        #> completed RSET",
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
            #> accepted QUIT
            #> completed QUIT"
        ));
    }
    logged_in(
        r"
        C: QUIT
        S: -ERR some deleted messages not removed
        #> refused QUIT: some deleted messages not removed",
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
        #> accepted TOP 1
        #> octets Subject: the headers, a blank line, and the first 10 lines\r\n\r\none\r\n
        #> completed TOP 1
        C: TOP 100 3
        S: -ERR no such message
        #> refused TOP 100: no such message",
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
        #> accepted UIDL
        #> message 1 is whqtswO00WBw418f9t5JxYwZ
        #> message 2 is QhdPYR:00WBw1Ph7x7
        #> completed UIDL
        C: UIDL 2
        S: +OK 2 QhdPYR:00WBw1Ph7x7
        #> accepted UIDL 2
        #> message 2 is QhdPYR:00WBw1Ph7x7
        #> completed UIDL 2
        C: UIDL 3
        S: -ERR no such message, only 2 messages in maildrop
        #> refused UIDL 3: no such message, only 2 messages in maildrop",
    );
}

#[test]
fn user_and_pass_of_section_7() {
    play(
        r"
        S: +OK POP3 server ready
        #> accepted the greeting
        #> completed the greeting
        C: USER frated
        S: -ERR sorry, no mailbox for frated here
        #> refused USER: sorry, no mailbox for frated here
        C: USER mrose
        S: +OK mrose is a real hoopy frood
        #> accepted USER
        #> completed USER
        C: PASS secret
        S: -ERR maildrop already locked
        #> refused PASS: maildrop already locked
        C: USER mrose
        S: +OK mrose is a real hoopy frood
        #> accepted USER
        #> completed USER
        C: PASS secret
        S: +OK mrose's maildrop has 2 messages (320 octets)
        #> accepted PASS
        #> completed PASS",
    );
}

#[test]
fn auth_plain_of_rfc_5034_section_6() {
    let before = r"
        S: +OK pop.example.com BlurdyBlurp POP3 server ready
        #> accepted the greeting
        #> completed the greeting";
    play(&format!(
        r"{before}
        C: AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=
        S: +OK Maildrop locked and ready
        #> accepted AUTH
        #> completed AUTH"
    ));
    play(&format!(
        r"{before}
        C: AUTH PLAIN
        S: +
        #> challenge []
        C: dGVzdAB0ZXN0AHRlc3Q=
        S: +OK Maildrop locked and ready
        #> accepted AUTH
        #> completed AUTH
        C: NOOP
        S: +OK
        #> accepted NOOP
        #> completed NOOP"
    ));
    play(&format!(
        r"{before}
        C: AUTH DIGEST-MD5
        S: + cmVhbG09ImVs
        #> challenge [cmVhbG09ImVs]
        C: Y2hhcnNl
        S: + cnNwYXV0aD1l
        #> challenge [cnNwYXV0aD1l]
        C:
        S: -ERR [AUTH] no
        #> refused AUTH: Auth no"
    ));
}

#[test]
fn auth_without_arguments_lists_mechanisms_on_servers_from_before_capa() {
    play(
        r"
        S: +OK
        #> accepted the greeting
        #> completed the greeting
        C: AUTH
        S: +OK list follows
        S: LOGIN
        S: cram-md5
        S: not a mechanism
        S: .
        #> accepted AUTH
        #> mechanism LOGIN
        #> mechanism CRAM-MD5
        #> unreadable not a mechanism
        #> completed AUTH",
    );
}
