//! The words for server quirks: each with a description, and Restante's reaction to it.

use restante_shared::pop3::quirk::Quirk;

use super::report::{Fact, fact};

/// Returns a fact for each quirk.
pub(super) fn quirk_facts(quirks: &[Quirk]) -> Vec<Fact> {
    let facts = quirks.iter().map(|quirk| {
        let (name, description, reaction) = words(*quirk);
        fact(name, description, reaction)
    });
    facts.collect()
}

/// Returns the name of a quirk, the behaviour of the server, and Restante's reaction.
fn words(quirk: Quirk) -> (&'static str, &'static str, &'static str) {
    match quirk {
        Quirk::BareLf => (
            "Bare line feeds",
            "Lines end in LF instead of CRLF.",
            "Restante reads them as line breaks and stores messages unchanged.",
        ),
        Quirk::NoByteStuffing => (
            "No byte-stuffing",
            "Message lines that start with a dot are sent without the extra dot that POP3 requires.",
            "Restante removes a dot only where there are two, so no text is lost.",
        ),
        Quirk::BareTerminator => (
            "Missing line break before the terminator",
            "The line that ends a reply is not separated by line breaks.",
            "Restante finds the end of the reply anyway.",
        ),
        Quirk::LongLine => (
            "Long lines",
            "Lines are longer than the standards allow.",
            "Restante reads them up to a generous limit.",
        ),
        Quirk::EightBitText => (
            "Unknown text encoding",
            "Replies contain text in an encoding that the server does not name.",
            "Restante shows it as Latin-1.",
        ),
        Quirk::ChallengeAsOk => (
            "+OK for a challenge",
            "The server says +OK in the middle of a login.",
            "Restante treats it as a challenge, never as a successful login.",
        ),
        Quirk::IrregularListing => (
            "Irregular listings",
            "Message listings do not follow the standard format.",
            "Restante accepts extra spaces, status indicators and missing numbers.",
        ),
        Quirk::IrregularUniqueId => (
            "Irregular unique-ids",
            "Unique-ids contain spaces or are longer than 70 bytes.",
            "Restante stores them unchanged, so no message is downloaded twice.",
        ),
        Quirk::DuplicateUniqueId => (
            "Shared unique-ids",
            "Several messages share a unique-id, or an old one is used again.",
            "Restante downloads each of them. It finds new ones by their number and size.",
        ),
        Quirk::WrongSize => (
            "Wrong sizes",
            "Messages do not have the size that LIST reports.",
            "Restante uses the sizes only to estimate progress.",
        ),
        Quirk::NoCapa => (
            "No CAPA",
            "The server does not list its capabilities.",
            "Restante tries each command that it needs.",
        ),
        Quirk::CapaBreaksSession => (
            "CAPA breaks the session",
            "When asked for its capabilities, the server stops responding or hangs up.",
            "Restante does not ask there again for a week.",
        ),
        Quirk::Unadvertised => (
            "Unadvertised commands",
            "UIDL or TOP work although the server does not advertise them.",
            "Restante uses them.",
        ),
        Quirk::CapabilitiesChange => (
            "Capabilities change after login",
            "The server lists different capabilities after login.",
            "Restante asks again after login and uses the later answer.",
        ),
        Quirk::ClosesAfterAuth => (
            "Hangs up after a refused login",
            "A refused login method ends the connection.",
            "Restante tries the next method on a new connection.",
        ),
        Quirk::AdvertisedLoginRefused => (
            "Advertised login method refused",
            "The server refused a login method that it had advertised.",
            "Restante uses the next method of the same strength, or the one that works.",
        ),
        Quirk::LockWithoutCode => (
            "Lock reported without a code",
            "The server reports a locked mailbox, or an early login, only in plain text.",
            "Restante understands the text and does not ask for the password again.",
        ),
        Quirk::Latin1Password => (
            "Password in Latin-1",
            "The server does not accept non-ASCII passwords in UTF-8.",
            "Restante sends the password in Latin-1.",
        ),
        Quirk::BrokenPipelining => (
            "Broken pipelining",
            "The server advertises PIPELINING, but its replies got out of order.",
            "Restante sends one command at a time.",
        ),
        Quirk::UndeliverableMessage => (
            "Undeliverable messages",
            "For some messages the server returns an error, does not respond, or hangs up.",
            "Restante skips them, downloads all others, and tries again later.",
        ),
        Quirk::ShortIdleTimeout => (
            "Short idle timeout",
            "The server hangs up after a short time without a command.",
            "Restante keeps sessions short and continues on a new connection.",
        ),
        Quirk::InexactTop => (
            "Inexact TOP",
            "TOP returns a different number of lines than requested.",
            "Restante treats the answer as part of the message, whatever its length.",
        ),
        Quirk::IdentifiedByHeader => (
            "No unique-ids",
            "The server has no UIDL command to identify messages.",
            "Restante identifies messages by their headers and requests these (TOP) at each check.",
        ),
        Quirk::IdentifiedByText => (
            "No unique-ids",
            "The server has neither UIDL nor TOP to identify messages.",
            "Restante identifies messages by their full text and downloads it at each check.",
        ),
    }
}
