//! The HTTP server: accepting connections until stopped, and ending the open ones.

mod accept;
mod connection;
mod http;
mod progress;
mod run;

pub use run::run;
