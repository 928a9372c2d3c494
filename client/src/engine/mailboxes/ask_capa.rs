//! The occasions for `CAPA`, as a server's profile decides.

/// The occasions on which to ask a server for its capabilities. They may change with TLS and with the
/// login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskCapa {
    /// Whenever they may have changed.
    Always,
    /// Not before TLS.
    UnderTls,
    /// Never.
    Never,
}
