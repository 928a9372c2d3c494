//! What the server says that it can do.

use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::login::Announced;
use restante_shared::pop3::session::Event;
use restante_shared::sasl::MechanismName;

use super::connection::Reply;

/// The answer to `CAPA`; nothing is in it where the server does not know the command, or was not
/// asked.
#[derive(Debug, Default)]
pub(super) struct Capabilities {
    known: Option<Vec<Capability>>,
    mechanisms: Vec<MechanismName>,
}

impl Capabilities {
    pub(super) fn read(reply: Reply) -> Self {
        let Reply::Accepted(items) = reply else {
            return Self::default();
        };
        let capability = |item| match item {
            Event::Capability(capability) => Some(capability),
            _ => None,
        };
        let known: Vec<_> = items.into_iter().filter_map(capability).collect();
        let mechanisms = known.iter().filter_map(|capability| match capability {
            Capability::Sasl(mechanisms) => Some(mechanisms.clone()),
            _ => None,
        });
        Self {
            mechanisms: mechanisms.flatten().collect(),
            known: Some(known),
        }
    }

    /// Whether there is an answer at all.
    pub(super) fn are_known(&self) -> bool {
        self.known.is_some()
    }

    fn all(&self) -> impl Iterator<Item = &Capability> {
        self.known.iter().flatten()
    }

    pub(super) fn has(&self, wanted: &Capability) -> bool {
        self.all().any(|capability| capability == wanted)
    }

    /// Whether commands may be sent ahead.
    pub(super) fn pipelining(&self) -> bool {
        self.has(&Capability::Pipelining)
    }

    /// Whether text in brackets behind `-ERR` means something.
    pub(super) fn response_codes(&self) -> bool {
        self.has(&Capability::RespCodes) || self.has(&Capability::AuthRespCode)
    }

    /// What is said about logging in.
    pub(super) fn announced(&self) -> Option<Announced<'_>> {
        self.are_known().then(|| Announced {
            mechanisms: &self.mechanisms,
            user: self.has(&Capability::User),
        })
    }

    /// Whether there is UTF-8, and if so whether in names as well ([RFC 6856 §2]).
    pub(super) fn utf8(&self) -> Option<bool> {
        self.all().find_map(|capability| match capability {
            Capability::Utf8 { user } => Some(*user),
            _ => None,
        })
    }

    /// The least time between two logins in seconds; `None` where nothing is said, or 0.
    pub(super) fn login_delay(&self) -> Option<u32> {
        let seconds = |capability: &Capability| match capability {
            Capability::LoginDelay { seconds, .. } => Some(*seconds),
            _ => None,
        };
        self.all().find_map(seconds).filter(|seconds| *seconds > 0)
    }
}
