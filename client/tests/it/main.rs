//! The client without a browser: through a real bridge, with real servers and with scripted servers
//! that misbehave.

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
mod console_dovecot;
mod console_idle;
mod console_scripted;
mod console_talk;
mod cutting;
mod daemon;
mod dovecot;
mod engine;
mod engine_busy;
mod faulty_files;
mod fetch_lost;
mod journal_sessions;
mod kept;
mod login_delay;
mod login_ladder;
mod mailutils;
mod matrix;
mod messages;
mod nginx;
mod quirks;
mod reader;
mod reading;
mod rolling_restart;
mod scripted;
mod servers;
mod shown;
mod tokens;
mod visit;
