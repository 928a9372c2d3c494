//! The transport of a client: a TCP connection, or TLS over one.

use std::io;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// A stream that can carry a relay.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Completes when a read may return data.
    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Makes closing the stream send a reset, so that the kernel discards the data that a client does not
    /// read, instead of retrying for minutes.
    fn abandon(&mut self);
}

impl Transport for TcpStream {
    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_read_ready(cx)
    }

    fn abandon(&mut self) {
        // A failure means that the connection is closed already.
        let _ = self.set_zero_linger();
    }
}

impl Transport for TlsStream<TcpStream> {
    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (stream, session) = self.get_mut();
        // It wants no data while it holds decrypted data, and after the end of the stream.
        if session.wants_read() {
            stream.poll_read_ready(cx)
        } else {
            Poll::Ready(Ok(()))
        }
    }

    fn abandon(&mut self) {
        self.get_mut().0.abandon();
    }
}
