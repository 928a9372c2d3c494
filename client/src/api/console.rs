//! The console: a session on which the user types commands.

use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::transcript::TranscriptLine;

/// A change in the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ConsoleChange {
    /// The console has logged in, or a reply is complete: the next line may be typed.
    Ready {
        /// The number of messages marked to be deleted at `QUIT`.
        marked: u32,
    },
    /// Lines were sent or received.
    Lines {
        /// The lines.
        lines: Vec<TranscriptLine>,
    },
    /// The line cannot be sent as it is; the session goes on.
    Rejected {
        /// The reason, as a sentence.
        reason: String,
    },
    /// The user has to confirm this line before it is sent.
    Confirm {
        /// The line.
        line: String,
        /// The `several_lines` of the command.
        several_lines: bool,
        /// The consequence of sending it, as a sentence.
        consequence: String,
    },
    /// The session is over.
    Closed {
        /// The reason; absent if the user closed the console.
        problem: Option<Problem>,
    },
}
