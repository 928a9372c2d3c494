//! The client without a browser: through a real bridge to a real Dovecot, and to servers that
//! misbehave on purpose.

#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

mod bridge;
mod certificates;
mod check_dovecot;
mod check_hostile;
mod check_interrupted;
mod check_refused;
mod check_scripted;
mod check_silent;
mod cutting;
mod dovecot;
mod engine;
mod engine_busy;
mod kept;
mod messages;
mod reader;
mod scripted;
mod visit;
