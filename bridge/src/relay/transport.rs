//! What a client is connected by: a TCP connection, or TLS over one.

use std::io;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// A stream that a relay can be served on.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Completes when a read may find something.
    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Makes the end of this stream a reset: what a client that does not read was sent is then
    /// forgotten by the kernel as well, instead of being offered to it for minutes.
    fn abandon(&mut self);
}

impl Transport for TcpStream {
    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_read_ready(cx)
    }

    fn abandon(&mut self) {
        // Where this fails, the connection is gone already.
        let _ = self.set_zero_linger();
    }
}

impl Transport for TlsStream<TcpStream> {
    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (stream, session) = self.get_mut();
        // It wants nothing more while there is something that it has deciphered, and after its end.
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
