//! The capabilities that a server advertises.

use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::login::AdvertisedLogin;
use restante_shared::pop3::session::Event;
use restante_shared::sasl::MechanismName;

use super::connection::Reply;

/// The reply to `CAPA`. Empty if the server does not know the command, or was not asked.
#[derive(Debug, Default)]
pub(in crate::engine) struct Capabilities {
    known: Option<Vec<Capability>>,
    mechanisms: Vec<MechanismName>,
}

impl Capabilities {
    /// Reads the reply to `CAPA`.
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

    /// Returns true if the server answered `CAPA`.
    pub(in crate::engine) fn are_known(&self) -> bool {
        self.known.is_some()
    }

    fn all(&self) -> impl Iterator<Item = &Capability> {
        self.known.iter().flatten()
    }

    /// Returns true if the server advertises a capability.
    pub(in crate::engine) fn has(&self, wanted: &Capability) -> bool {
        self.all().any(|capability| capability == wanted)
    }

    /// Returns true if commands may be pipelined.
    pub(in crate::engine) fn pipelining(&self) -> bool {
        self.has(&Capability::Pipelining)
    }

    /// Returns true if text in brackets after `-ERR` is a response code.
    pub(in crate::engine) fn response_codes(&self) -> bool {
        self.has(&Capability::RespCodes) || self.has(&Capability::AuthRespCode)
    }

    /// Returns the advertised login methods; `None` if the server did not answer `CAPA`.
    pub(in crate::engine) fn advertised_login(&self) -> Option<AdvertisedLogin<'_>> {
        self.are_known().then(|| AdvertisedLogin {
            mechanisms: &self.mechanisms,
            user: self.has(&Capability::User),
        })
    }

    /// Returns `Some` if the server supports UTF-8, and in it true if user names and passwords may be
    /// UTF-8 as well ([RFC 6856 §2]).
    pub(in crate::engine) fn utf8(&self) -> Option<bool> {
        self.all().find_map(|capability| match capability {
            Capability::Utf8 { user } => Some(*user),
            _ => None,
        })
    }

    /// Returns the least time between two logins in seconds; `None` if there is no limit.
    pub(in crate::engine) fn login_delay(&self) -> Option<u32> {
        let seconds = |capability: &Capability| match capability {
            Capability::LoginDelay { seconds, .. } => Some(*seconds),
            _ => None,
        };
        self.all().find_map(seconds).filter(|seconds| *seconds > 0)
    }
}
