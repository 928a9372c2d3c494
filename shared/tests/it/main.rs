//! Tests of the POP3 codec through its public interface.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

mod examples;
mod hostile;
mod inverse;
mod kept_trace;
mod lenient_parsing;
mod misuse;
mod play;
mod quirks;
mod recordings;
mod serialised;
mod upgrade;
