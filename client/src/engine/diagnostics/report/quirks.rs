//! What is odd about a server, and what Restante does about it: a row for every quirk.

use std::collections::BTreeSet;

use restante_shared::pop3::quirk::Quirk;

use super::fact;
use crate::api::event::Fact;

pub(in crate::engine) fn facts(met: &BTreeSet<Quirk>) -> Vec<Fact> {
    let row = |quirk: &Quirk| {
        let (name, what, about_it) = words(*quirk);
        fact(name, what, about_it)
    };
    met.iter().map(row).collect()
}

/// A name, what the server does, and what Restante does about it.
fn words(quirk: Quirk) -> (&'static str, &'static str, &'static str) {
    match quirk {
        Quirk::BareLf => (
            "Bare line ends",
            "Lines end in LF instead of CRLF.",
            "They are read as line ends, and messages are kept as they came.",
        ),
        Quirk::NoByteStuffing => (
            "No byte-stuffing",
            "Lines of messages begin with one dot where POP3 wants two.",
            "A dot is taken away only where there are two, so none is lost.",
        ),
        Quirk::BareTerminator => (
            "Glued ends",
            "The end of an answer comes without the line end before or behind it.",
            "It is found nevertheless.",
        ),
        Quirk::LongLine => (
            "Long lines",
            "Lines have more octets than the standards allow.",
            "They are read up to a generous limit.",
        ),
        Quirk::EightBitText => (
            "Unreadable words",
            "The text of answers is in an encoding that nobody names.",
            "It is shown as Latin-1.",
        ),
        Quirk::ChallengeAsOk => (
            "+OK for a challenge",
            "The server says +OK in the middle of a login.",
            "It counts as the challenge that it stands for, never as a login.",
        ),
        Quirk::IrregularListing => (
            "Odd listings",
            "Lists of messages have a form of their own.",
            "Blanks, indicators and missing numbers are read as they are meant.",
        ),
        Quirk::IrregularUniqueId => (
            "Odd unique-ids",
            "Unique-ids have blanks in them, or more than 70 octets.",
            "They are kept whole, so that no message is fetched twice.",
        ),
        Quirk::DuplicateUniqueId => (
            "Shared unique-ids",
            "Several messages have one unique-id, at once or one after the other.",
            "Each of them is fetched: what is new is told by how many there are, and by their sizes.",
        ),
        Quirk::WrongSize => (
            "Wrong sizes",
            "Messages have another size than LIST says.",
            "The sizes serve as an estimate for the progress only.",
        ),
        Quirk::NoCapa => (
            "No CAPA",
            "The server does not say what it can do.",
            "What is needed is tried out.",
        ),
        Quirk::CapaBreaksSession => (
            "CAPA breaks the session",
            "Asked what it can do, the server falls silent or hangs up.",
            "It is not asked where that happened, and again after a week.",
        ),
        Quirk::Unadvertised => (
            "Unannounced commands",
            "UIDL or TOP work, though the server does not announce them.",
            "They are used.",
        ),
        Quirk::CapabilitiesChange => (
            "Abilities change with the login",
            "The server can do something else once a user is logged in.",
            "It is asked again then, and the later answer counts.",
        ),
        Quirk::ClosesAfterAuth => (
            "Hangs up after a refused login",
            "One refused way to log in ends the connection.",
            "The next way is tried over a new one.",
        ),
        Quirk::AdvertisedLoginRefused => (
            "A login offered in vain",
            "A way to log in was refused that the server had offered.",
            "The next one of the same strength or the one that works is used.",
        ),
        Quirk::LockWithoutCode => (
            "A lock in words only",
            "That the maildrop is locked, or a login came too soon, is told in prose.",
            "The words are understood: nobody is asked for a password because of them.",
        ),
        Quirk::Latin1Password => (
            "Password in Latin-1",
            "Passwords beyond ASCII are not understood in UTF-8.",
            "It is sent in Latin-1.",
        ),
        Quirk::BrokenPipelining => (
            "Broken pipelining",
            "The server announces PIPELINING, but its answers got out of step.",
            "Commands go one by one.",
        ),
        Quirk::UndeliverableMessage => (
            "Messages that cannot be had",
            "For some message the server gives an error, nothing, or hangs up.",
            "It is left out and tried again later; all others arrive.",
        ),
        Quirk::ShortIdleTimeout => (
            "Short patience",
            "The server hangs up on a session that is silent for a short time.",
            "Sessions are kept short, and what was cut goes on over a new one.",
        ),
        Quirk::InexactTop => (
            "Inexact TOP",
            "TOP gives another number of lines than was asked for.",
            "What it gives counts as a part, however much it is.",
        ),
        Quirk::IdentifiedByHeader => (
            "No unique-ids",
            "The server has no UIDL, by which messages are told apart.",
            "They are told by their headers, which are asked for (TOP) at each check.",
        ),
        Quirk::IdentifiedByText => (
            "No unique-ids",
            "The server has neither UIDL nor TOP, by which messages are told apart.",
            "They are told by all of their text, which is fetched anew at each check.",
        ),
    }
}
