//! The bridge: serves the client, and relays its bytes to POP3 servers without parsing them.
//!
//! [`run`] serves a listener until it is stopped. The caller owns both the socket and the stop
//! signal: a test passes port 0 and a channel, `main` passes an address and Ctrl-C. [`Settings`]
//! holds everything else: the targets that may be dialled ([`policy`]), the limits ([`limits`]), the
//! pages that may use the relay ([`origin`]), the authentication ([`access`]) and the client to
//! serve ([`site`]). An operator writes them as a [`config`].
//!
//! TLS to the mail server ends in the client, so the bridge carries ciphertext. It does not parse,
//! store or log any of it.

pub mod access;
pub mod check;
pub mod client_address;
pub mod command_line;
pub mod config;
pub mod files;
pub mod lifecycle;
pub mod limits;
pub mod metrics;
pub mod origin;
pub mod policy;
pub mod reload;
pub mod resolve;
pub mod site;
pub mod status;
pub mod tls;
pub mod websocket;

mod bridge;
mod http;
mod relay;
mod response;
mod security_headers;
mod server;
mod settings;
mod socket;

pub use server::run;
pub use settings::Settings;
