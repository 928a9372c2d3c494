//! Transcripts of sessions.

use restante_shared::pop3::transcript::Step;
use serde::{Deserialize, Serialize};

/// One line of a transcript, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TranscriptLine {
    /// A step of the session.
    Step {
        /// The step.
        step: Step,
        /// For a status line, the milliseconds since its command was sent.
        millis: Option<u32>,
    },
    /// A gap: lines were left out of a long transcript.
    LinesOmitted {
        /// The number of lines.
        lines: u64,
    },
    /// A gap: the rest of the line before it is not shown.
    LineCut {
        /// The number of bytes.
        bytes: u64,
    },
    /// A gap: the rest of a message is not shown.
    MessageCut {
        /// The number of bytes.
        bytes: u64,
    },
}

impl From<Step> for TranscriptLine {
    /// Returns a line without a time.
    fn from(step: Step) -> Self {
        Self::Step { step, millis: None }
    }
}
