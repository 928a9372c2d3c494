//! Status lines, listings and challenges.

use proptest::collection::vec;
use proptest::prelude::*;
use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::command::{Command, Xtnd};
use restante_shared::pop3::listing::{
    BoardListing, DropListing, LanguageListing, ScanListing, UniqueIdListing,
};
use restante_shared::pop3::reply::{ResponseCode, StatusText};
use restante_shared::pop3::server::ReplyWriter;
use restante_shared::pop3::session::{Event, Request};
use restante_shared::sasl::MechanismName;

use super::{events, items, number, transaction, unique_id};
use crate::play::session_after;

fn code() -> impl Strategy<Value = ResponseCode> {
    prop_oneof![
        Just(ResponseCode::InUse),
        Just(ResponseCode::LoginDelay),
        Just(ResponseCode::SysTemp),
        Just(ResponseCode::SysPerm),
        Just(ResponseCode::Auth),
        Just(ResponseCode::Utf8),
        "X-[A-Z0-9/.-]{1,20}".prop_map(ResponseCode::Other),
    ]
}

/// Generates text that is parsed as it was written: without blanks at its ends, and without a
/// response code.
fn text() -> impl Strategy<Value = String> {
    "([!-Z^-~\u{e9}][ -~\u{e9}]{0,60}[!-~\u{e9}])?"
}

fn mechanism() -> impl Strategy<Value = MechanismName> {
    "[A-Z0-9_-]{1,20}".prop_map(|name| MechanismName::new(&name).unwrap())
}

fn capability() -> impl Strategy<Value = Capability> {
    prop_oneof![
        Just(Capability::Top),
        Just(Capability::User),
        vec(mechanism(), 0..5).prop_map(Capability::Sasl),
        Just(Capability::RespCodes),
        Just(Capability::AuthRespCode),
        (any::<u32>(), any::<bool>())
            .prop_map(|(seconds, by_user)| Capability::LoginDelay { seconds, by_user }),
        Just(Capability::Pipelining),
        (any::<Option<u32>>(), any::<bool>())
            .prop_map(|(days, by_user)| Capability::Expire { days, by_user }),
        Just(Capability::Uidl),
        Just(Capability::Stls),
        any::<bool>().prop_map(|user| Capability::Utf8 { user }),
        Just(Capability::Lang),
        "[!-~]([ -~]{0,40}[!-~])?".prop_map(Capability::Implementation),
        "X-[ -~]{0,40}[!-~]".prop_map(Capability::Other),
        "[.]{1,3}".prop_map(Capability::Other),
    ]
}

fn language() -> impl Strategy<Value = LanguageListing> {
    ("[a-z]{2}(-[a-z]{1,8})?", "[!-~\u{e5}]([ -~]{0,20}[!-~])?")
        .prop_map(|(tag, name)| LanguageListing { tag, name })
}

fn board() -> impl Strategy<Value = BoardListing> {
    ("[!-~]{1,20}", any::<u32>()).prop_map(|(name, highest)| BoardListing { name, highest })
}

proptest! {
    #[test]
    fn status_lines_are_parsed_as_they_were_written(
        code in code(), text in text(), sizes in vec(1_usize..40, 1..5),
    ) {
        let mut writer = ReplyWriter::new();
        writer.ok(&text);
        writer.err(&text);
        writer.err_with_code(&code, &text);
        let mut session = transaction([Command::Noop, Command::Noop, Command::Noop]);
        let request = Request::Noop;
        let plain = StatusText { code: None, text };
        let coded = StatusText { code: Some(code), ..plain.clone() };
        prop_assert_eq!(
            events(&mut session, writer.take(), &sizes),
            [
                Event::Accepted { request, text: plain.clone() },
                Event::Completed { request },
                Event::Refused { request, text: plain },
                Event::Refused { request, text: coded },
            ]
        );
    }

    #[test]
    fn capabilities_are_parsed_as_they_were_written(
        capabilities in vec(capability(), 0..8), sizes in vec(1_usize..40, 1..5),
    ) {
        let mut writer = ReplyWriter::new();
        writer.capabilities(&capabilities);
        let mut session = transaction([Command::Capa]);
        let read = items(&mut session, writer.take(), &sizes);
        let written: Vec<_> = capabilities.into_iter().map(Event::Capability).collect();
        prop_assert_eq!(read, written);
    }

    #[test]
    fn listings_are_parsed_as_they_were_written(
        listings in vec((number(), any::<u64>(), unique_id()), 0..6),
        messages in any::<u32>(),
        octets in any::<u64>(),
        sizes in vec(1_usize..40, 1..5),
    ) {
        let mut writer = ReplyWriter::new();
        let mut commands = vec![Command::Stat, Command::List(None), Command::Uidl(None)];
        writer.drop_listing(messages, octets);
        writer.scan_listings("", listings.iter().map(|(n, octets, _)| (*n, *octets)));
        writer.unique_id_listings("", listings.iter().map(|(n, _, id)| (*n, id)));
        for (n, octets, id) in &listings {
            writer.scan_listing(*n, *octets);
            writer.unique_id_listing(*n, id);
            commands.extend([Command::List(Some(*n)), Command::Uidl(Some(*n))]);
        }
        let scan = |(n, octets, _): &(_, u64, _)| {
            Event::ScanListing(ScanListing { message: *n, octets: *octets })
        };
        let id = |(n, _, id): &(_, _, _)| {
            Event::UniqueId(UniqueIdListing { message: *n, unique_id: Clone::clone(id) })
        };
        let mut written = vec![Event::DropListing(DropListing { messages, octets })];
        written.extend(listings.iter().map(scan));
        written.extend(listings.iter().map(id));
        written.extend(listings.iter().flat_map(|listing| [scan(listing), id(listing)]));
        let mut session = transaction(commands);
        prop_assert_eq!(items(&mut session, writer.take(), &sizes), written);
        prop_assert!(session.take_quirks().is_empty());
    }

    #[test]
    fn rare_listings_are_parsed_as_they_were_written(
        mechanisms in vec(mechanism(), 0..5),
        languages in vec(language(), 0..5),
        boards in vec(board(), 0..5),
        sizes in vec(1_usize..40, 1..5),
    ) {
        let mut writer = ReplyWriter::new();
        writer.mechanisms(&mechanisms);
        let mut session = session_after("S: +OK\nC: AUTH");
        let mut read = items(&mut session, writer.take(), &sizes);
        writer.languages(&languages);
        let mut session = transaction([Command::Lang(None)]);
        read.extend(items(&mut session, writer.take(), &sizes));
        writer.boards(&boards);
        let mut session = transaction([Command::Xtnd(Xtnd::Bboards(None))]);
        read.extend(items(&mut session, writer.take(), &sizes));
        let written = mechanisms.into_iter().map(Event::Mechanism);
        let written = written.chain(languages.into_iter().map(Event::Language));
        let written = written.chain(boards.into_iter().map(Event::Board));
        prop_assert_eq!(read, written.collect::<Vec<_>>());
    }
}

#[test]
fn a_challenge_is_read_as_it_was_written() {
    let mut writer = ReplyWriter::new();
    writer.challenge(b"<1896.697170952@postoffice.reston.mci.net>");
    let mut session = session_after("S: +OK\nC: AUTH CRAM-MD5");
    let base64 = b"PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+";
    assert_eq!(
        events(&mut session, writer.take(), &[7]),
        [Event::Challenge(base64.as_slice().into())]
    );
    session.cancel_auth().unwrap();
    writer.challenge(b"");
    assert_eq!(
        events(&mut session, writer.take(), &[1]),
        [Event::Challenge(b"".as_slice().into())]
    );
}
