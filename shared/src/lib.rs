//! What the client and the bridge both know: POP3, and the contract of the relay between them.
//!
//! Nothing here touches a socket, a clock or a random number: octets and times come in as
//! parameters, so every line of this crate can be tested by feeding it bytes.

pub mod page;
pub mod pop3;
pub mod relay;
pub mod sasl;
