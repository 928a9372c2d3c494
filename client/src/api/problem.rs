//! Problems that are reported to the user.

use restante_shared::pop3::login::Method;
use restante_shared::pop3::transcript::Step;
use serde::{Deserialize, Serialize};

/// A problem to report to the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The kind. The page has a sentence and a next step for each.
    pub kind: ProblemKind,
    /// The detail at fault.
    pub detail: Option<Detail>,
    /// The time of the next attempt, in seconds since 1970, if the server gave one.
    #[serde(default)]
    pub retry_at: Option<i64>,
    /// The end of the transcript, without secrets, if the server violated the protocol.
    #[serde(default)]
    pub transcript: Vec<Step>,
}

impl Problem {
    /// Returns a problem without details.
    #[must_use]
    pub fn new(kind: ProblemKind) -> Self {
        Self {
            kind,
            detail: None,
            retry_at: None,
            transcript: Vec::new(),
        }
    }

    /// Returns a problem with a detail.
    #[must_use]
    pub fn with_detail(kind: ProblemKind, detail: impl Into<Detail>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..Self::new(kind)
        }
    }
}

/// The detail of a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Detail {
    /// The message of the server, or of an error, in one line without secrets.
    Text(String),
    /// A check of the mailbox is running.
    CheckRunning,
    /// The password of the mailbox is not stored.
    PasswordNotStored,
    /// The console was closed because nothing was typed.
    NoInput {
        /// The time limit, in minutes.
        minutes: u32,
    },
    /// The server did not answer `QUIT`, so it may have deleted the marked messages or not.
    DeletionUnconfirmed,
    /// A reply has too many lines.
    TooManyLines {
        /// The limit.
        limit: u32,
    },
    /// The server lists too many messages.
    TooManyMessages {
        /// The limit.
        limit: u32,
    },
    /// The reply to `LIST` belongs to another command.
    ListingMismatch,
    /// The server refused `UIDL`.
    NoUniqueIds {
        /// The server's message; may be empty.
        message: String,
    },
    /// POP3 cannot carry a part of the credentials.
    Credential {
        /// The part.
        part: CredentialPart,
        /// The error.
        error: String,
    },
    /// The access token has a character that no token has.
    TokenCharacter,
    /// This device has no random numbers for a login.
    NoRandomness,
    /// The server hung up during a login, as some do if the user name or the password is wrong.
    HungUpAtLogin {
        /// The error of the connection.
        error: Option<String>,
    },
    /// Only weaker login methods can be used than the one that worked before.
    WeakerLogin {
        /// The method that worked before.
        before: Method,
        /// The methods that can be used now.
        now: Vec<Method>,
    },
    /// The accounts on this device have the format of a newer version.
    NewerAccounts,
    /// Messages could not be made durable.
    NotDurable,
}

/// A part of the credentials of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CredentialPart {
    /// The user name.
    UserName,
    /// The password.
    Password,
}

impl From<String> for Detail {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Detail {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The kinds of problems that are reported to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProblemKind {
    /// The server refused the user name or the password.
    WrongCredentials,
    /// Another session holds the maildrop (`[IN-USE]`): the credentials may be right.
    MaildropInUse,
    /// The server asks to try again later (`[SYS/TEMP]`, `[LOGIN-DELAY]`).
    TryLater,
    /// The server reports a failure that its administrator has to fix (`[SYS/PERM]`).
    AdministratorNeeded,
    /// The server offers no way to log in that this client or the mailbox's settings allow.
    NoLoginOffered,
    /// The server offers only weaker ways to log in than the one that worked before.
    LoginWeakened,
    /// The console holds the maildrop, so it cannot be checked.
    ConsoleOpen,
    /// The server answered `-ERR` to a command that it must support.
    ServerRefused,
    /// The server requires TLS before a login, but the mailbox is set to "None".
    EncryptionRequired,
    /// The mailbox is set to "STLS", but the server does not offer it.
    StlsNotOffered,
    /// The host name has no address.
    UnknownHost,
    /// The host refused the connection: nothing listens on the port.
    ConnectionRefused,
    /// The server did not answer in time.
    TimedOut,
    /// The connection to the server was lost, at any stage.
    ConnectionLost,
    /// The server's certificate is not trusted. The detail has the issuer and the reason.
    CertificateNotTrusted,
    /// The server does not speak TLS as the mailbox expects.
    TlsFailed,
    /// The bridge cannot be reached: it is down, or this device is offline.
    BridgeUnreachable,
    /// The bridge's policy does not allow this host and port.
    BridgeRefusedTarget,
    /// The bridge has reached its limit of connections.
    BridgeBusy,
    /// The bridge is shutting down.
    BridgeShuttingDown,
    /// The bridge requires signing in.
    BridgeWantsSignIn,
    /// The bridge does not allow pages of this origin.
    BridgeRefusedPage,
    /// The peer does not speak POP3.
    NotPop3,
    /// The server violated the protocol.
    ProtocolBroken,
    /// The trusted CA in the settings is not a certificate.
    CaNotReadable,
    /// The user name or password has characters that POP3 cannot carry.
    CredentialsNotSendable,
    /// The browser's storage is full.
    StorageFull,
    /// The browser's storage failed.
    StorageFailed,
    /// The message or attachment is not here (any more).
    NotFound,
    /// A mailbox with this user name on this server exists already.
    AlreadyAdded,
    /// The user cancelled the operation.
    Cancelled,
}

impl ProblemKind {
    /// True if the session itself was lost, because of a command or by accident.
    pub(crate) fn is_loss(self) -> bool {
        matches!(
            self,
            Self::ConnectionLost | Self::TimedOut | Self::ProtocolBroken
        )
    }
}
