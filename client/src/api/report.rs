//! Reports on the connection to a mailbox's server, as values.

use restante_shared::pop3::capability::Capability;
use restante_shared::pop3::login::Method;
use restante_shared::pop3::quirk::Quirk;
use restante_shared::sasl::BindingKind;
use serde::{Deserialize, Serialize};

use super::check::CheckOutcome;
use super::console::ConsoleEnding;
use super::ids::{MailboxId, RequestId};
use super::problem::Problem;
use super::settings::Encryption;
use super::transcript::TranscriptLine;

/// A command about the report on a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ReportCommand {
    /// Requests the report on the connection to a mailbox's server. Answered by `Loaded`.
    Load {
        /// Repeated in the answer.
        request: RequestId,
        /// The mailbox.
        mailbox: MailboxId,
    },
}

/// An event about the report on a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ReportEvent {
    /// The answer to `Load`.
    Loaded {
        /// The `request` of the command.
        request: RequestId,
        /// The report.
        report: Box<ConnectionReport>,
    },
}

/// A report on the connection to a mailbox's server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionReport {
    /// The mailbox.
    pub mailbox: MailboxId,
    /// The facts about the server; absent before the first login.
    pub server: Option<ServerReport>,
    /// The last sessions, newest first.
    pub sessions: Vec<SessionRecord>,
}

/// The facts about a mailbox's server, from all sessions with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerReport {
    /// The latest measurements.
    pub measurements: Measurements,
    /// The use of pipelining; absent if the server was never asked for its capabilities.
    pub pipelining: Option<PipeliningUse>,
    /// The last successful login.
    pub login: Option<LoginReport>,
    /// The capabilities of the server.
    pub advertised: AdvertisedCapabilities,
    /// The quirks of the server.
    pub quirks: Vec<Quirk>,
    /// Messages that the server failed to deliver; at most twenty.
    pub undeliverable: Vec<UndeliverableReport>,
    /// The number of further messages that the server failed to deliver.
    pub more_undeliverable: u32,
}

/// The measured speed of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Measurements {
    /// The time until the bridge was connected to the server, in milliseconds.
    pub connect_millis: Option<u64>,
    /// The time for the TLS handshake, in milliseconds.
    pub handshake_millis: Option<u64>,
    /// The time for the fastest reply to a small command, in milliseconds.
    pub round_trip_millis: Option<u64>,
    /// The rate at which messages were downloaded and stored, in bytes per second.
    pub bytes_per_second: Option<u64>,
}

/// The use of pipelining with a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PipeliningUse {
    /// Not used: replies once got out of order.
    Broken,
    /// Not used: the server does not advertise it.
    NotAdvertised,
    /// Used.
    Used {
        /// The most commands in flight in the last session; 0 before the first download.
        commands: u32,
        /// The most bytes of messages in flight in the last session.
        bytes: u64,
    },
}

/// A successful login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoginReport {
    /// The method.
    pub method: Method,
    /// The methods that the server advertises but refused.
    pub refused: Vec<Method>,
    /// The stronger methods for the same kind of secret that the server does not advertise,
    /// strongest first.
    pub stronger: Vec<Method>,
    /// True if the server accepts the password only in Latin-1.
    pub latin1: bool,
}

/// The capabilities of a server at each of the three times at which they may differ. Empty if it
/// was not asked, or does not support `CAPA`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdvertisedCapabilities {
    /// Before TLS.
    pub before_tls: Vec<Capability>,
    /// Under TLS, before the login.
    pub after_tls: Vec<Capability>,
    /// After the login.
    pub after_login: Vec<Capability>,
}

impl AdvertisedCapabilities {
    /// Returns the latest capabilities from before the login.
    #[must_use]
    pub fn before_login(&self) -> &[Capability] {
        if self.after_tls.is_empty() {
            &self.before_tls
        } else {
            &self.after_tls
        }
    }
}

/// A message that the server failed to deliver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UndeliverableReport {
    /// Its unique-id, without secrets.
    pub unique_id: String,
    /// The number of sessions that have tried.
    pub attempts: u32,
    /// The time of the last attempt, in seconds since 1970.
    pub last: i64,
    /// The server's reply or failure.
    pub reason: String,
}

/// One session with a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRecord {
    /// The time it began, in seconds since 1970.
    pub began: i64,
    /// Its outcome; absent while it goes on.
    pub outcome: Option<SessionOutcome>,
    /// Its encryption.
    pub security: SessionSecurity,
    /// The transcript.
    pub lines: Vec<TranscriptLine>,
}

/// The outcome of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SessionOutcome {
    /// The check ended.
    Check(CheckOutcome),
    /// A problem ended the session.
    Failed(Problem),
    /// Another session took over.
    Continued,
    /// The session only tested the settings of a new mailbox.
    SettingsTested,
    /// The user cancelled the test of the settings.
    TestCancelled,
    /// The console ended.
    Console(ConsoleEnding),
}

/// The encryption of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionSecurity {
    /// The setting of the mailbox.
    pub encryption: Encryption,
    /// The time until the bridge was connected to the server, in milliseconds.
    pub connect_millis: Option<u64>,
    /// The time for the TLS handshake, in milliseconds.
    pub handshake_millis: Option<u64>,
    /// The parameters of TLS; absent without it, or if it had not begun when the session ended.
    pub tls: Option<TlsReport>,
}

/// The parameters of a TLS connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TlsReport {
    /// The version: `TLS 1.3`.
    pub version: String,
    /// The cipher suite: `TLS13_CHACHA20_POLY1305_SHA256`.
    pub cipher_suite: String,
    /// The type of the channel binding, if there is one.
    pub binding: Option<BindingKind>,
    /// The certificates that the server sent, its own first; at most eight.
    pub certificates: Vec<CertificateReport>,
}

/// The contents of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateReport {
    /// The name of the subject.
    pub subject: Option<String>,
    /// The name of the issuer.
    pub issuer: Option<String>,
    /// The beginning of its validity, in seconds since 1970.
    pub not_before: Option<i64>,
    /// The end of its validity, in seconds since 1970.
    pub not_after: Option<i64>,
    /// Its SHA-256 fingerprint.
    #[serde(with = "serde_bytes")]
    pub sha256: Vec<u8>,
}
