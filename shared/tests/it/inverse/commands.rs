//! Command lines.

use proptest::collection::vec;
use proptest::prelude::*;
use restante_shared::pop3::argument::{ApopDigest, BoardName, LanguageRange, Password, UserName};
use restante_shared::pop3::command::{Apop, Auth, Command, Xtnd};
use restante_shared::pop3::server::{CommandReader, SaslLine};
use restante_shared::sasl::{MechanismName, SaslResponse};

use super::{number, pieces};

fn response() -> impl Strategy<Value = SaslResponse> {
    vec(any::<u8>(), 0..120).prop_map(|bytes| SaslResponse::new(bytes).unwrap())
}

fn log_in() -> impl Strategy<Value = Command> {
    let name = "[a-z\u{e9}@.]{1,20}( [a-z]{1,5})?".prop_map(|text| UserName::new(text).unwrap());
    let word = "[a-z\u{e9}@.]{1,20}".prop_map(|text| UserName::new(text).unwrap());
    let password =
        vec(1_u8.., 1..60).prop_filter_map("no line end", |bytes| Password::new(bytes).ok());
    let mechanism = "[A-Z0-9_-]{1,20}".prop_map(|name| MechanismName::new(&name).unwrap());
    prop_oneof![
        name.prop_map(Command::User),
        password.prop_map(Command::Pass),
        (word, any::<[u8; 16]>()).prop_map(|(user, digest)| {
            Command::Apop(Apop::new(user, ApopDigest::new(digest)).unwrap())
        }),
        mechanism
            .clone()
            .prop_map(|mechanism| Command::Auth(Auth::new(mechanism))),
        (mechanism, response()).prop_map(|(mechanism, response)| {
            Command::Auth(Auth::with_initial_response(mechanism, response).unwrap())
        }),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let range = "[a-zA-Z0-9-]{1,64}|\\*".prop_map(|text| LanguageRange::new(&text).unwrap());
    let board = || "[!-~]{1,40}".prop_map(|name| BoardName::new(&name).unwrap());
    prop_oneof![
        log_in(),
        log_in(),
        Just(Command::Mechanisms),
        Just(Command::Stls),
        Just(Command::Capa),
        Just(Command::Utf8),
        Just(Command::Stat),
        Just(Command::Noop),
        Just(Command::Rset),
        Just(Command::Quit),
        proptest::option::of(range).prop_map(Command::Lang),
        proptest::option::of(number()).prop_map(Command::List),
        proptest::option::of(number()).prop_map(Command::Uidl),
        (number(), any::<u32>()).prop_map(|(message, lines)| Command::Top { message, lines }),
        number().prop_map(Command::Retr),
        number().prop_map(Command::Dele),
        proptest::option::of(board()).prop_map(|name| Command::Xtnd(Xtnd::Bboards(name))),
        proptest::option::of(board()).prop_map(|name| Command::Xtnd(Xtnd::XBboards(name))),
        board().prop_map(|name| Command::Xtnd(Xtnd::Archive(name))),
    ]
}

proptest! {
    #[test]
    fn commands_are_parsed_as_they_were_encoded(
        commands in vec(command(), 1..8),
        sizes in vec(1_usize..40, 1..5),
    ) {
        let mut wire = Vec::new();
        for command in &commands {
            let before = wire.len();
            command.encode(&mut wire);
            prop_assert!(wire.len() - before <= 255);
        }
        let mut reader = CommandReader::new();
        let mut read = Vec::new();
        for piece in pieces(wire.into(), &sizes) {
            reader.push(&piece);
            while let Some(command) = reader.next_command() {
                read.push(command.unwrap());
            }
        }
        prop_assert!(reader.is_empty());
        prop_assert_eq!(read, commands);
    }

    #[test]
    fn responses_are_parsed_as_they_were_encoded(response in response()) {
        let mut session = crate::play::session_after("S: +OK\nC: AUTH X\nS: +");
        session.respond(&response).unwrap();
        let mut reader = CommandReader::new();
        reader.push(&session.take_output());
        prop_assert_eq!(reader.next_sasl_line(), Some(Ok(SaslLine::Response(response))));
        prop_assert!(reader.is_empty());
    }
}
