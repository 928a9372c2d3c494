//! Conversations as text, which a person can read, a test can replay and a scripted server can act.
//!
//! One line is one step:
//!
//! | line | means |
//! |---|---|
//! | `C: CAPA` | the client sends this line; `***` stands for anything, such as a secret |
//! | `S: +OK ready` | the server sends this line and CRLF |
//! | `R: +OK re` | the server sends exactly these octets, without a line end |
//! | `[3200 octets]` | the server sends lines of text, that many octets in all, line ends included |
//! | `[split]` | what follows arrives in another read |
//! | `[wait 250 ms]` | the server lets this time pass |
//! | `[tls]` | TLS begins |
//! | `[close]` | the server closes the connection |
//! | `# text`, empty | a comment |
//!
//! In `C:`, `S:` and `R:`, `\r`, `\n`, `\\` and `\xNN` stand for an octet, and only printable ASCII
//! for itself.

mod player;
mod replay;
mod text;

pub use player::{FillerLines, Player, ServerAction, TranscriptMismatch, filler_lines};
pub use replay::{Divergence, ReplaySummary, command, replay};
pub use text::{Step, Transcript, TranscriptError};
