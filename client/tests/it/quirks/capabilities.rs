//! Q7, Q8, Q10 and RFC 2449: the capabilities that servers announce, and when.

use restante_client::api::settings::Encryption;
use restante_client::clock::{Clock as _, SystemClock};
use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::quirk::Quirk;

use super::{GREETING, QUIT, USER_PASS, capa, done, in_a_row, listing, login, retr, unique_ids};
use crate::scripted::Script;

#[tokio::test]
async fn q07_pipelining_announced_only_after_the_login_is_used() {
    let before = capa(&["USER", "UIDL"]);
    let after = capa(&["USER", "UIDL", "PIPELINING"]);
    let listing = listing(&[("one", 10), ("two", 10)]);
    let texts = in_a_row(&(retr(1, "first") + &retr(2, "second")));
    // The server answers the request for the first message after the request for the second.
    let script = Script::start([format!(
        "{GREETING}{before}{USER_PASS}{after}{listing}
        {texts}
        {QUIT}"
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    assert!(visitor.met(Quirk::CapabilitiesChange));
    script.played().await;
}

#[tokio::test]
async fn q07_capabilities_from_before_the_login_hold_if_capa_is_refused_after_it() {
    let before = capa(&["USER", "UIDL", "PIPELINING"]);
    let listing = listing(&[("one", 10), ("two", 10)]);
    let texts = in_a_row(&(retr(1, "first") + &retr(2, "second")));
    let script = Script::start([format!(
        "{GREETING}{before}{USER_PASS}
        C: CAPA
        S: -ERR not now
        {listing}
        {texts}
        {QUIT}"
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    assert!(!visitor.met(Quirk::Unadvertised));
    script.played().await;
}

#[tokio::test]
async fn q07_unique_ids_are_requested_even_if_uidl_is_not_announced() {
    let capa = capa(&["USER"]);
    let listing = listing(&[("one", 10)]);
    let text = retr(1, "first");
    let script = Script::start([format!(
        "{GREETING}{capa}{USER_PASS}{capa}{listing}{text}{QUIT}"
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(1, 0));
    assert!(visitor.met(Quirk::Unadvertised));
    script.played().await;
}

#[tokio::test]
async fn rfc2449_a_server_without_capa_is_probed() {
    let script = Script::start([format!(
        "{GREETING}C: CAPA\nS: -ERR what?\n{USER_PASS}{}{}{QUIT}",
        listing(&[("one", 10)]),
        retr(1, "first")
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(1, 0));
    assert!(visitor.met(Quirk::NoCapa));
    script.played().await;
}

#[tokio::test]
async fn q08_capa_that_stalls_or_ends_the_session_is_not_sent_in_the_next() {
    for end in ["[wait 600000 ms]", "[close]", "S: -ERR what?\n[close]"] {
        let without = format!("{GREETING}{USER_PASS}{}{QUIT}", unique_ids(&[]));
        let broken = format!("{GREETING}C: CAPA\n{end}");
        let script = Script::start([&broken, &without, &without]).await;
        let mut visitor = script.visitor(Encryption::None);
        assert_eq!(visitor.check().await, done(0, 0), "{end}");
        assert!(visitor.profile.capa_broke.is_some(), "{end}");
        assert!(visitor.met(Quirk::CapaBreaksSession));
        assert_eq!(visitor.check().await, done(0, 0), "{end}");
        script.played().await;
    }
}

#[tokio::test]
async fn q08_capa_that_only_fails_before_tls_is_sent_under_tls() {
    let under_tls = capa(&["USER", "UIDL", "PIPELINING"]);
    let without = format!(
        "{GREETING}C: STLS\nS: +OK\n[tls]\n{under_tls}{USER_PASS}{under_tls}{}{QUIT}",
        listing(&[])
    );
    for end in ["[wait 600000 ms]", "[close]", "S: -ERR what?\n[close]"] {
        let broken = format!("{GREETING}C: CAPA\n{end}");
        let script = Script::start([&broken, &without, &without]).await;
        let mut visitor = script.visitor(Encryption::Stls);
        for _ in 0..2 {
            assert_eq!(visitor.check().await, done(0, 0), "{end}");
        }
        let profile = visitor.profile.clone();
        assert!(profile.capa_broke_in_clear.is_some(), "{end}");
        assert_eq!(profile.capa_broke, None, "{end}");
        assert!(profile.quirks.contains(&Quirk::CapaBreaksSession));
        assert_eq!(
            profile.advertised.after_tls,
            [Capability::User, Capability::Uidl, Capability::Pipelining]
        );
        script.played().await;
    }
}

#[tokio::test]
async fn q08_capa_that_fails_before_and_under_tls_is_never_sent() {
    let stls = "C: STLS\nS: +OK\n[tls]\n";
    let broken = format!("{GREETING}C: CAPA\n[close]");
    let broken_again = format!("{GREETING}{stls}C: CAPA\n[close]");
    let without = format!("{GREETING}{stls}{USER_PASS}{}{QUIT}", unique_ids(&[]));
    let script = Script::start([&broken, &broken_again, &without, &without]).await;
    let mut visitor = script.visitor(Encryption::Stls);
    for _ in 0..2 {
        assert_eq!(visitor.check().await, done(0, 0));
    }
    assert!(visitor.profile.capa_broke.is_some());
    script.played().await;
}

#[tokio::test]
async fn q10_apop_with_a_banner_may_be_refused() {
    let capa = capa(&["USER", "UIDL"]);
    let script = Script::start([format!(
        "[tls]
        S: +OK ready <1896.697170952@dbc.mtview.ca.us>
        {capa}
        C: APOP reader ***
        S: -ERR not for you
        {USER_PASS}{capa}{}{QUIT}",
        unique_ids(&[])
    )])
    .await;
    let mut visitor = script.visitor(Encryption::Tls);
    assert_eq!(visitor.check().await, done(0, 0));
    assert!(visitor.met(Quirk::AdvertisedLoginRefused));
    script.played().await;
}

#[tokio::test]
async fn rfc1939_apop_is_not_used_in_clear_text() {
    let capa = capa(&["USER", "UIDL"]);
    let script = Script::start([format!(
        "S: +OK ready <1896.697170952@dbc.mtview.ca.us>
        {capa}{USER_PASS}{capa}{}{QUIT}",
        unique_ids(&[])
    )])
    .await;
    assert_eq!(script.visitor(Encryption::None).check().await, done(0, 0));
    script.played().await;
}

#[tokio::test]
async fn q10_capabilities_with_an_equals_sign_are_parsed() {
    let capa = capa(&["SASL=PLAIN", "UIDL"]);
    let script = Script::start([format!(
        "{GREETING}{capa}
        C: AUTH PLAIN AHJlYWRlcgBjb3JyZWN0IGhvcnNl
        S: +OK
        {capa}{}{QUIT}",
        unique_ids(&[])
    )])
    .await;
    assert_eq!(script.visitor(Encryption::None).check().await, done(0, 0));
    script.played().await;
}

#[tokio::test]
async fn rfc2449_tags_are_parsed_in_any_case_and_unknown_ones_ignored() {
    let capa = capa(&[
        "x-verbose 3",
        "uIdL",
        "sasl plain",
        "Pipelining",
        "BLURDYBLOOP",
    ]);
    let texts = in_a_row(&(retr(1, "first") + &retr(2, "second")));
    let script = Script::start([format!(
        "{GREETING}{capa}
        C: AUTH PLAIN AHJlYWRlcgBjb3JyZWN0IGhvcnNl
        S: +OK
        {capa}{}
        {texts}
        {QUIT}",
        listing(&[("one", 10), ("two", 10)])
    )])
    .await;
    assert_eq!(script.visitor(Encryption::None).check().await, done(2, 0));
    script.played().await;
}

#[tokio::test]
async fn rfc6856_utf8_is_sent_under_tls_and_before_the_login_and_may_be_refused() {
    for answer in ["+OK", "-ERR no"] {
        let before = capa(&["STLS", "UTF8 USER"]);
        let under_tls = capa(&["USER", "UIDL", "UTF8 USER", "LANG"]);
        let script = Script::start([format!(
            "{GREETING}{before}
            C: STLS
            S: +OK
            [tls]
            {under_tls}
            C: UTF8
            S: {answer}
            {USER_PASS}{under_tls}{}{QUIT}",
            unique_ids(&[])
        )])
        .await;
        assert_eq!(script.visitor(Encryption::Stls).check().await, done(0, 0));
        script.played().await;
    }
}

#[tokio::test]
async fn rfc1939_status_text_is_ignored() {
    let script = Script::start([
        login().replacen("+OK ready", "+OK -ERR [SYS/PERM] 1 2 3", 1)
            + &listing(&[("one", 10)])
            + "C: RETR 1\nS: +OK -ERR 0 octets .\nS: first\nS: .\n"
            + QUIT,
    ])
    .await;
    assert_eq!(script.visitor(Encryption::None).check().await, done(1, 0));
    script.played().await;
}

#[tokio::test]
async fn rfc2449_a_user_specific_delay_is_taken_from_the_capabilities_after_the_login() {
    let before = capa(&["USER", "UIDL", "LOGIN-DELAY 3600 USER"]);
    let after = capa(&["USER", "UIDL", "LOGIN-DELAY 60"]);
    let script = Script::start([format!(
        "{GREETING}{before}{USER_PASS}{after}{}{QUIT}",
        unique_ids(&[])
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(0, 0));
    let now = SystemClock.now().as_secs().cast_signed();
    let profile = visitor.profile.clone();
    let pause = profile.pause_at(now - 1).unwrap() - now;
    assert!(pause <= 60, "{pause}");
    script.played().await;
}

#[tokio::test]
async fn rfc6856_a_message_that_needs_utf8_is_skipped_if_the_server_refuses_utf8() {
    let capa = capa(&["USER", "UIDL", "UTF8", "RESP-CODES"]);
    let script = Script::start([format!(
        "{GREETING}{capa}
        C: UTF8
        S: -ERR not today
        {USER_PASS}{capa}{}
        C: RETR 1
        S: -ERR [UTF8] this one has a header in UTF-8
        {}{QUIT}",
        listing(&[("one", 10), ("two", 8)]),
        retr(2, "second")
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(1, 1));
    let bad = visitor.profile.undeliverable["one"].clone();
    assert_eq!(bad.reason, "this one has a header in UTF-8");
    script.played().await;
}

#[tokio::test]
async fn rfc1939_sizes_do_not_include_byte_stuffing() {
    let text = ".one\r\n..two\r\n.\r\n";
    let script = Script::start([format!(
        "{}{}
        C: RETR 1
        S: +OK
        S: ..one
        S: ...two
        S: ..
        S: .
        {QUIT}",
        login(),
        listing(&[("one", text.len() as u64)])
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(1, 0));
    assert_eq!(visitor.kept.messages(), [("one", text.as_bytes())]);
    assert!(!visitor.met(Quirk::WrongSize));
    script.played().await;
}
