//! What the server says that it can do.

use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::login::AdvertisedLogin;
use restante_shared::pop3::session::Event;
use restante_shared::sasl::MechanismName;

use super::connection::Reply;

/// The answer to `CAPA`; nothing is in it where the server does not know the command, or was not
/// asked.
#[derive(Debug, Default)]
pub(in crate::engine) struct Capabilities {
    known: Option<Vec<Capability>>,
    mechanisms: Vec<MechanismName>,
}

impl Capabilities {
    pub(in crate::engine) fn read(reply: Reply) -> Self {
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
    pub(in crate::engine) fn are_known(&self) -> bool {
        self.known.is_some()
    }

    fn all(&self) -> impl Iterator<Item = &Capability> {
        self.known.iter().flatten()
    }

    pub(in crate::engine) fn has(&self, wanted: &Capability) -> bool {
        self.all().any(|capability| capability == wanted)
    }

    /// Whether commands may be sent ahead.
    pub(in crate::engine) fn pipelining(&self) -> bool {
        self.has(&Capability::Pipelining)
    }

    /// Whether text in brackets behind `-ERR` means something.
    pub(in crate::engine) fn response_codes(&self) -> bool {
        self.has(&Capability::RespCodes) || self.has(&Capability::AuthRespCode)
    }

    /// What is said about logging in.
    pub(in crate::engine) fn advertised_login(&self) -> Option<AdvertisedLogin<'_>> {
        self.are_known().then(|| AdvertisedLogin {
            mechanisms: &self.mechanisms,
            user: self.has(&Capability::User),
        })
    }

    /// Whether there is UTF-8, and if so whether in names as well ([RFC 6856 §2]).
    pub(in crate::engine) fn utf8(&self) -> Option<bool> {
        self.all().find_map(|capability| match capability {
            Capability::Utf8 { user } => Some(*user),
            _ => None,
        })
    }

    /// The least time between two logins in seconds; `None` where nothing is said, or 0.
    pub(in crate::engine) fn login_delay(&self) -> Option<u32> {
        let seconds = |capability: &Capability| match capability {
            Capability::LoginDelay { seconds, .. } => Some(*seconds),
            _ => None,
        };
        self.all().find_map(seconds).filter(|seconds| *seconds > 0)
    }
}
