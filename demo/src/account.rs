//! The account of the demo mailbox.

/// The e-mail address that the demo's messages are addressed to.
pub const ADDRESS: &str = "visitor@restante.example";

/// The user name to log in with.
pub const USER: &str = "visitor";

/// The password to log in with, which is not secret.
///
/// The server sends this word nowhere else, because a client removes its password from transcripts
/// wherever it occurs.
pub const PASSWORD: &str = "till-called-for";
