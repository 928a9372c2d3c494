//! RFC 2449 and Q23: listings that are requested before earlier commands are answered.

use restante_client::api::problem::ProblemKind;
use restante_client::api::settings::Encryption;
use restante_client::api::transcript::TranscriptLine;
use restante_client::clock::Clock;
use restante_shared::pop3::quirk::Quirk;

use super::{GREETING, QUIT, USER_PASS, capa, done, in_a_row, listing, login, retr, unique_ids};
use crate::scripted::Script;
use crate::shown;
use crate::visit::Visitor;

const PIPELINING: [&str; 3] = ["USER", "UIDL", "PIPELINING"];

/// Returns the dialogue from the greeting to three unanswered commands after the login.
fn asked_ahead() -> String {
    let capa = capa(&PIPELINING);
    format!("{GREETING}{capa}{USER_PASS}C: CAPA\nC: UIDL\nC: LIST\n")
}

/// Returns the answer to `CAPA`.
fn capa_answer() -> String {
    capa(&PIPELINING).replace("C: CAPA\n", "")
}

/// Returns two messages: `UIDL` and `LIST` with their answers.
fn two() -> String {
    listing(&[("one", 7), ("two", 8)])
}

fn answers(asked: &str) -> String {
    let lines = asked.lines().filter(|line| !line.starts_with("C:"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// Returns the dialogue until the end of the listings, with one command at a time.
fn one_by_one() -> String {
    let (uidl, list) = (unique_ids(&["one", "two"]), two());
    let list = list.trim_start_matches(uidl.as_str());
    format!("{}{uidl}{list}", login())
}

/// Returns the number of sessions that requested a listing before the previous command was
/// answered.
fn sessions_ahead<C: Clock>(visitor: &Visitor<C>) -> usize {
    let records = visitor.journal.borrow().records();
    let is_ahead = |lines: &[TranscriptLine]| {
        let said = shown::texts(lines);
        said == ["C: CAPA", "C: UIDL"] || said == ["C: UIDL", "C: LIST"]
    };
    let ahead = records
        .iter()
        .filter(|record| record.lines.windows(2).any(is_ahead));
    ahead.count()
}

fn texts() -> String {
    retr(1, "first") + &retr(2, "second")
}

#[tokio::test]
async fn rfc2449_listings_are_pipelined_after_the_capabilities() {
    let first = format!(
        "{}{}{}{}{QUIT}",
        asked_ahead(),
        capa_answer(),
        answers(&two()),
        texts()
    );
    // With messages in the store, the client cannot know yet whether it needs sizes.
    let second = format!(
        "{}{}{}{QUIT}",
        asked_ahead(),
        capa_answer(),
        answers(&unique_ids(&["one", "two"]))
    )
    .replace("C: LIST\n", "");
    let script = Script::start([first, second]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    assert_eq!(visitor.check().await, done(0, 0));
    assert_eq!(sessions_ahead(&visitor), 2);
    script.played().await;
}

#[tokio::test]
async fn q07_pipelining_announced_only_after_the_login_is_remembered() {
    let before = format!("{GREETING}{}{USER_PASS}", capa(&["USER", "UIDL"]));
    let answer = capa_answer();
    let first = format!(
        "{before}C: CAPA\n{answer}C: UIDL\nC: LIST\n{}{}{QUIT}",
        answers(&two()),
        texts()
    );
    let second = format!(
        "{before}C: CAPA\nC: UIDL\n{answer}{}{QUIT}",
        answers(&unique_ids(&["one", "two"]))
    );
    let script = Script::start([first, second]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    assert_eq!(visitor.check().await, done(0, 0));
    assert_eq!(sessions_ahead(&visitor), 2);
    script.played().await;
}

#[tokio::test]
async fn q23_unanswered_pipelined_commands_are_sent_one_by_one_from_then_on() {
    let (answer, uidl) = (capa_answer(), answers(&unique_ids(&["one", "two"])));
    let ends = [
        "[wait 61000 ms]\n".to_owned(),
        format!("{answer}[wait 61000 ms]\n"),
        format!("{answer}{uidl}[wait 61000 ms]\n"),
        format!("{answer}S: what?\n[close]"),
    ];
    for end in ends {
        let stalled = format!("{}{end}", asked_ahead());
        let careful = format!("{}{}{QUIT}", one_by_one(), texts());
        let later = format!("{}{}{QUIT}", login(), unique_ids(&["one", "two"]));
        let script = Script::start([&stalled, &careful, &later]).await;
        let mut visitor = script.visitor(Encryption::None);
        assert_eq!(visitor.check().await, done(2, 0), "{stalled}");
        assert!(visitor.profile.pipelining.broken, "{stalled}");
        assert!(visitor.met(Quirk::BrokenPipelining));
        assert!(!visitor.met(Quirk::CapaBreaksSession), "{stalled}");
        assert_eq!(visitor.check().await, done(0, 0), "{stalled}");
        assert_eq!(sessions_ahead(&visitor), 1, "{stalled}");
        script.played().await;
    }
}

#[tokio::test]
async fn q23_after_a_closed_connection_only_the_listings_are_sent_one_by_one() {
    for said in [String::new(), capa_answer()] {
        let cut = format!("{}{said}[close]", asked_ahead());
        let careful = format!("{}{}{QUIT}", one_by_one(), in_a_row(&texts()));
        let script = Script::start([&cut, &careful]).await;
        let mut visitor = script.visitor(Encryption::None);
        assert_eq!(visitor.check().await, done(2, 0), "{said}");
        let profile = visitor.profile.clone();
        assert!(!profile.pipelining.broken, "{said}");
        assert!(profile.ahead_broke.is_some(), "{said}");
        assert_eq!(profile.capa_broke, None, "{said}");
        assert_eq!(sessions_ahead(&visitor), 1, "{said}");
        script.played().await;
    }
}

#[tokio::test]
async fn q23_a_slow_listing_does_not_count_as_broken_pipelining() {
    let slow = format!("{}{}[wait 61000 ms]\n", asked_ahead(), capa_answer());
    let (uidl, list) = (unique_ids(&["one", "two"]), two());
    let list = list.trim_start_matches(uidl.as_str());
    let uidl = uidl.replace("C: UIDL\n", "C: UIDL\n[wait 61000 ms]\n");
    let again = format!("{}{uidl}{list}{}{QUIT}", login(), in_a_row(&texts()));
    let script = Script::start([slow, again]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    assert!(!visitor.profile.pipelining.broken);
    script.played().await;
}

#[tokio::test]
async fn q23_an_incomplete_listing_does_not_count_as_broken_pipelining() {
    let cut = format!(
        "{}{}S: +OK\nS: 1 one\n[wait 181000 ms]\n",
        asked_ahead(),
        capa_answer()
    );
    let again = format!("{}{}{QUIT}", one_by_one(), in_a_row(&texts()));
    let script = Script::start([cut, again]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    assert!(!visitor.met(Quirk::BrokenPipelining));
    script.played().await;
}

#[tokio::test]
async fn no_login_is_repeated_before_the_announced_delay() {
    let capa = capa(&["USER", "UIDL", "PIPELINING", "LOGIN-DELAY 300"]);
    let answer = capa.replace("C: CAPA\n", "");
    let cut = format!("{GREETING}{capa}{USER_PASS}C: CAPA\nC: UIDL\nC: LIST\n{answer}[close]");
    let script = Script::start([cut]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.problem().await.kind, ProblemKind::ConnectionLost);
    assert!(visitor.profile.ahead_broke.is_some());
    script.played().await;
}

#[tokio::test]
async fn a_delay_announced_before_the_login_counts_even_if_the_session_ends_at_once() {
    let capa = capa(&["USER", "UIDL", "PIPELINING", "LOGIN-DELAY 300"]);
    let cut = format!("{GREETING}{capa}{USER_PASS}C: CAPA\nC: UIDL\nC: LIST\n[close]");
    let script = Script::start([cut]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.problem().await.kind, ProblemKind::ConnectionLost);
    assert!(visitor.profile.next_login.is_some());
    script.played().await;
}

#[tokio::test]
async fn q08_an_unanswered_capa_after_the_login_does_not_count_as_broken_pipelining() {
    let ahead = format!("{}[wait 31000 ms]\n", asked_ahead());
    let capa = capa(&PIPELINING);
    let alone = format!("{GREETING}{capa}{USER_PASS}C: CAPA\n[wait 31000 ms]\n");
    let without = format!("{GREETING}{USER_PASS}{}{}{QUIT}", two(), texts());
    let script = Script::start([ahead, alone, without]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    assert!(visitor.met(Quirk::CapaBreaksSession));
    assert!(!visitor.met(Quirk::BrokenPipelining));
    assert!(!visitor.profile.pipelining.broken);
    script.played().await;
}

#[tokio::test]
async fn q23_listings_answered_out_of_order_are_not_confused() {
    let uidl = answers(&unique_ids(&["one", "two"]));
    let both = answers(&two());
    let list = both.trim_start_matches(uidl.as_str());
    let mixed = [
        format!("{}{list}{uidl}", capa_answer()),
        format!(
            "{}S: +OK\nS: +OK\nS: 1 one\nS: 1 7\nS: .\nS: .\n",
            capa_answer()
        ),
        // The server answers only the last of the commands.
        format!("{list}[wait 61000 ms]\n"),
    ];
    for mixed in mixed {
        let mixed = format!("{}{mixed}", asked_ahead());
        let careful = format!("{}{}{QUIT}", one_by_one(), texts());
        let script = Script::start([&mixed, &careful]).await;
        let mut visitor = script.visitor(Encryption::None);
        assert_eq!(visitor.check().await, done(2, 0), "{mixed}");
        assert!(visitor.met(Quirk::BrokenPipelining), "{mixed}");
        let kept = visitor.kept.messages();
        let names: Vec<_> = kept.iter().map(|(unique_id, _)| *unique_id).collect();
        assert_eq!(names, ["one", "two"], "{mixed}");
        script.played().await;
    }
}

#[tokio::test]
async fn a_maildrop_still_locked_by_the_lost_session_is_retried() {
    let cut = format!(
        "{}{}S: +OK\nS: 1 one\n[close]",
        asked_ahead(),
        capa_answer()
    );
    let locked = format!(
        "{GREETING}{}{}",
        capa(&["USER", "UIDL", "PIPELINING", "RESP-CODES"]),
        USER_PASS.replace("horse\n    S: +OK", "horse\n    S: -ERR [IN-USE] locked")
    );
    let careful = format!("{}{}{QUIT}", one_by_one(), in_a_row(&texts()));
    let script = Script::start([&cut, &locked, &locked, &careful]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    script.played().await;
}

#[tokio::test]
async fn pipelined_sizes_are_not_requested_again_one_by_one() {
    let lines = "S: 1 one\n".repeat(5_001) + "S: 2 two\n";
    let list = "S: +OK\nS: 1 7\nS: 2 8\nS: .\n";
    let script = Script::start([format!(
        "{}{}S: +OK\n{lines}S: .\n{list}{}{QUIT}",
        asked_ahead(),
        capa_answer(),
        in_a_row(&texts())
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    script.played().await;
}

#[tokio::test]
async fn the_answer_with_pipelined_sizes_is_read_even_if_unique_ids_are_refused() {
    let list = "S: +OK\nS: 1 7\nS: 2 8\nS: .\n";
    let each = "C: UIDL 1\nS: +OK 1 one\nC: UIDL 2\nS: +OK 2 two\n";
    let script = Script::start([format!(
        "{}{}S: -ERR what?\n{list}{each}C: LIST\n{list}{}{QUIT}",
        asked_ahead(),
        capa_answer(),
        texts()
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    script.played().await;
}
