//! The protocols of the client, and its contract with the bridge.
//!
//! | module | holds |
//! |---|---|
//! | [`sasl`] | authentication exchanges, independent of the mail protocol |
//! | [`pop3`] | the POP3 codec and the client's session |
//! | [`relay`] | the contract of client and bridge: target and close codes |
//! | [`page`] | the configuration that the bridge serves to the page, and signing in |
//!
//! Nothing here opens a socket, reads a clock or draws a random number: bytes and times are
//! parameters, so every line of this crate can be tested by passing bytes to it.

pub mod page;
pub mod pop3;
pub mod relay;
pub mod sasl;
