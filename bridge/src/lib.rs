//! The bridge: serves the client, and relays its octets to POP3 servers without looking inside.
//!
//! [`run`] serves a listener until it is told to stop; the caller owns both the socket and the stop
//! signal, so that a test passes port 0 and a channel, and `main` an address and Ctrl-C.
//! [`Settings`] says everything else: what may be dialled ([`policy`]), how much of it
//! ([`limits`]), for whose pages ([`origin`]) and for whom ([`access`]), and which client is served
//! ([`site`]). An operator writes them as a [`config`].
//!
//! TLS to the mail server ends in the client, so what the bridge carries is ciphertext. It does not
//! parse, keep or log one octet of it.

pub mod access;
pub mod check;
pub mod client_address;
pub mod config;
pub mod files;
pub mod life;
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

mod http;
mod relay;
mod server;
mod settings;
mod socket;

pub use server::run;
pub use settings::Settings;
