//! The connection under an upgraded request.

use bytes::Bytes;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// A connection that has left HTTP.
///
/// The relay uses the stream itself and not hyper's wrapper, because only the stream reports that it
/// is readable without a buffer to read into.
pub(super) enum UpgradedConnection {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl UpgradedConnection {
    /// Takes the stream out of hyper's wrapper, with the bytes that hyper read ahead. Returns `None`
    /// for a stream that the bridge does not serve.
    pub(super) fn from_upgraded(upgraded: Upgraded) -> Option<(Self, Bytes)> {
        let upgraded = match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => return Some((Self::Tcp(parts.io.into_inner()), parts.read_buf)),
            Err(upgraded) => upgraded,
        };
        let parts = upgraded.downcast::<TokioIo<TlsStream<TcpStream>>>().ok()?;
        let stream = Box::new(parts.io.into_inner());
        Some((Self::Tls(stream), parts.read_buf))
    }
}
