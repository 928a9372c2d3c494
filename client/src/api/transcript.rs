//! Transcripts of sessions.

use serde::{Deserialize, Serialize};

/// One line of a transcript in the form of [`restante_shared::pop3::transcript`], without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TranscriptLine {
    /// The line.
    pub text: String,
    /// For a status line, the milliseconds since its command was sent.
    pub millis: Option<u32>,
}
