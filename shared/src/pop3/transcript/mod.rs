//! Transcripts: sessions as text that a person can read, a test can replay and a scripted server
//! can play.
//!
//! One line is one step:
//!
//! | line | means |
//! |---|---|
//! | `C: CAPA` | the client sends this line; `***` matches any text, such as a secret |
//! | `S: +OK ready` | the server sends this line and CRLF |
//! | `R: +OK re` | the server sends exactly these bytes, without a line end |
//! | `[3200 octets]` | the server sends lines of text with a total size of 3200 bytes, including line ends |
//! | `[split]` | the following bytes arrive in another read |
//! | `[wait 250 ms]` | the server waits for this time |
//! | `[tls]` | TLS begins |
//! | `[close]` | the server closes the connection |
//! | `# text`, empty | a comment |
//!
//! In `C:`, `S:` and `R:`, `\r`, `\n`, `\\` and `\xNN` stand for one byte. Only printable ASCII
//! stands for itself.

mod player;
mod replay;
mod text;

pub use player::{FillerLines, Player, ServerAction, TranscriptMismatch, filler_lines};
pub use replay::{Divergence, ReplaySummary, command, replay};
pub use text::{EscapedBytes, Step, Transcript, TranscriptError};
