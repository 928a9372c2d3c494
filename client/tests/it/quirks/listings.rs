//! Q16 to Q20, Q22 and Q27: listings, and the new messages in them.

use restante_client::api::check::CheckOutcome;
use restante_client::api::settings::Encryption;
use restante_shared::pop3::quirk::Quirk;

use super::{QUIT, done, listing, login, retr, unique_ids};
use crate::kept::Kept;
use crate::scripted::Script;

/// Returns the messages in the store, sorted.
fn kept(kept: &Kept) -> Vec<(&str, &str)> {
    let text = |octets| str::from_utf8(octets).unwrap().trim_end();
    let messages = kept.messages().into_iter();
    messages
        .map(|(name, octets)| (name, text(octets)))
        .collect()
}

#[tokio::test]
async fn q16_listings_are_parsed_in_all_formats() {
    let script = Script::start([format!(
        "{}
        C: UIDL
        S: +OK
        S: 1    one
        S: +OK 3 three
        S: .
        C: LIST
        S: +OK
        S: 1 7 octets, read
        S: +OK 3   7
        S: .
        {}{}{QUIT}",
        login(),
        retr(1, "first"),
        retr(3, "third")
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    assert_eq!(kept(&visitor.kept), [("one", "first"), ("three", "third")]);
    assert!(visitor.met(Quirk::IrregularListing));
    script.played().await;
}

#[tokio::test]
async fn an_empty_maildrop_may_refuse_its_listings() {
    let script = |stat: &str| {
        format!(
            "{}
            C: UIDL
            S: -ERR no messages
            C: LIST
            S: -ERR no messages
            C: STAT
            S: {stat}
            ",
            login(),
        )
    };
    let empty = Script::start([script("+OK 0 0") + QUIT]).await;
    let mut visitor = empty.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(0, 0));
    assert!(!visitor.met(Quirk::Unadvertised));
    empty.played().await;

    for stat in ["+OK 2 700", "-ERR no messages"] {
        let refusing = Script::start([script(stat)]).await;
        let mut visitor = refusing.visitor(Encryption::None);
        let outcome = visitor.check().await;
        assert!(
            matches!(outcome, CheckOutcome::Failed { .. }),
            "{outcome:?}"
        );
        refusing.played().await;
    }
}

#[tokio::test]
async fn q16_unique_ids_are_requested_one_by_one_if_the_listing_is_refused() {
    let list = "C: LIST\nS: +OK\nS: 1 7\nS: 2 8\nS: 3 9\nS: .\n";
    let script = Script::start([format!(
        "{}
        C: UIDL
        S: -ERR not all at once
        {list}
        C: UIDL 1
        S: +OK one
        C: UIDL 2
        S: +OK 2 two
        C: UIDL 3
        S: -ERR it has none
        {list}{}{}{QUIT}",
        login(),
        retr(1, "first"),
        retr(2, "second")
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 1));
    assert_eq!(kept(&visitor.kept), [("one", "first"), ("two", "second")]);
    script.played().await;
}

#[tokio::test]
async fn q17_messages_with_the_same_unique_id_each_arrive_once() {
    let two = format!(
        "{}{}{}{}{QUIT}",
        login(),
        listing(&[("same", 7), ("same", 8)]),
        retr(1, "first"),
        retr(2, "second")
    );
    let known = format!("{}{}{QUIT}", login(), listing(&[("same", 7), ("same", 8)]));
    let third = format!(
        "{}{}{}{QUIT}",
        login(),
        listing(&[("same", 7), ("same", 8), ("same", 7)]),
        retr(3, "third")
    );
    let script = Script::start([two, known, third]).await;
    let mut visitor = script.visitor(Encryption::None);
    for new_messages in [2, 0, 1] {
        assert_eq!(visitor.check().await, done(new_messages, 0));
    }
    let expected = [("same", "first"), ("same", "second"), ("same", "third")];
    assert_eq!(kept(&visitor.kept), expected);
    assert!(visitor.met(Quirk::DuplicateUniqueId));
    script.played().await;
}

#[tokio::test]
async fn q18_a_change_of_all_unique_ids_loses_no_message() {
    let before = format!(
        "{}{}{}{QUIT}",
        login(),
        listing(&[("old-1", 7)]),
        retr(1, "first")
    );
    let after = format!(
        "{}{}{}{}{QUIT}",
        login(),
        listing(&[("new-1", 7), ("new-2", 8)]),
        retr(1, "first"),
        retr(2, "second")
    );
    let script = Script::start([before, after]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(1, 0));
    assert_eq!(visitor.check().await, done(2, 0));
    let expected = [("new-1", "first"), ("new-2", "second"), ("old-1", "first")];
    assert_eq!(kept(&visitor.kept), expected);
    script.played().await;
}

#[tokio::test]
async fn q19_new_mail_in_the_middle_of_the_list_is_found_by_its_unique_id() {
    let before = format!(
        "{}{}{}{}{QUIT}",
        login(),
        listing(&[("a", 7), ("b", 8)]),
        retr(1, "first"),
        retr(2, "second")
    );
    let after = format!(
        "{}{}{}{QUIT}",
        login(),
        listing(&[("b", 8), ("new", 7), ("a", 7)]),
        retr(2, "third")
    );
    let script = Script::start([before, after]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(2, 0));
    assert_eq!(visitor.check().await, done(1, 0));
    let expected = [("a", "first"), ("b", "second"), ("new", "third")];
    assert_eq!(kept(&visitor.kept), expected);
    script.played().await;
}

#[tokio::test]
async fn q20_in_a_large_maildrop_only_sizes_of_new_messages_are_requested() {
    let names: Vec<String> = (0..20_000).map(|n| format!("id-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let script = Script::start([format!(
        "{}{}
        C: LIST 15000
        S: +OK 15000 7
        {}{QUIT}",
        login(),
        unique_ids(&names),
        retr(15_000, "first")
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    let old = names.iter().enumerate().filter(|(at, _)| *at != 14_999);
    visitor.kept = Kept::with(old.map(|(_, name)| *name));
    assert_eq!(visitor.check().await, done(1, 0));
    script.played().await;
}

#[tokio::test]
async fn q22_all_messages_of_partial_listings_arrive_in_one_check() {
    let part = |first: usize, count: usize| {
        let names: Vec<String> = (first..first + count).map(|n| format!("id-{n}")).collect();
        let messages: Vec<(&str, u64)> = names.iter().map(|name| (name.as_str(), 3)).collect();
        let messages_of_one_line: String = (1..=u32::try_from(count).unwrap())
            .map(|number| retr(number, "x"))
            .collect();
        format!(
            "{}{}{messages_of_one_line}{QUIT}",
            login(),
            listing(&messages)
        )
    };
    let script = Script::start([part(0, 250), part(250, 250), part(500, 3)]).await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(503, 0));
    script.played().await;
}

#[tokio::test]
async fn q22_a_user_name_may_have_a_prefix() {
    let script = Script::start([format!(
        "{}{}{QUIT}",
        login().replace("USER reader", "USER recent:reader"),
        listing(&[])
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    visitor.settings.user = "recent:reader".to_owned();
    assert_eq!(visitor.check().await, done(0, 0));
    script.played().await;
}

#[tokio::test]
async fn q27_listings_in_the_wrong_order_with_empty_lines_or_too_many_messages_are_accepted() {
    let script = Script::start([format!(
        "{}
        C: UIDL
        S: +OK 2 messages
        S: 3 three
        S:
        S: 1 one
        S: 2 two
        S: .
        C: LIST
        S: +OK 2 messages (16 octets)
        S: 2 8
        S:
        S: 1 7
        S: 7 99
        S: .
        {}{}{}{QUIT}",
        login(),
        retr(1, "first"),
        retr(2, "second"),
        retr(3, "third")
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    assert_eq!(visitor.check().await, done(3, 0));
    let expected = [("one", "first"), ("three", "third"), ("two", "second")];
    assert_eq!(kept(&visitor.kept), expected);
    script.played().await;
}
