//! The journal: transcripts and measurements of the last sessions of each mailbox, for diagnosis.
//!
//! | file | holds |
//! |---|---|
//! | `sessions` | the last sessions of one mailbox |
//! | `recorder` | the recording of one session |
//! | `transcript_buffer` | its transcript, without the middle if it is too long |
//! | `measurements` | round trip and throughput |
//! | `tls_report` | the parameters of TLS |
//! | `journals` | the journals of all mailboxes |
//!
//! It is in memory only: nothing of it is written to the disk, and it is gone with the tab. It
//! contains no secrets, since the POP3 session leaves them out of its trace.

mod journals;
mod measurements;
mod recorder;
mod sessions;
mod tls_report;
mod transcript_buffer;

pub(in crate::engine) use journals::Journals;
pub(in crate::engine) use recorder::{SessionRecorder, SetupStep};
pub use sessions::Journal;
