//! The configuration of both HTTP versions, with the limits for their peers.

use std::convert::Infallible;
use std::pin::pin;

use hyper::body::{Body, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::limits::Limits;

/// The most header fields of a request; a browser sends about twenty.
const MAX_HEADERS: usize = 64;

/// The most concurrent requests on one HTTP/2 connection.
const MAX_STREAMS: u32 = 64;

/// The most requests that an HTTP/2 connection may reset before they were processed ("rapid reset"), and
/// the most of its errors that are answered. Beyond them it is ended.
const MAX_RESETS: usize = 20;

/// The bytes of request bodies that an HTTP/2 client may send without permission. No request here is
/// longer, and the standard permits no smaller value.
const WINDOW: u32 = 65_535;

/// The longest frame of HTTP/2: the smallest value that the standard permits.
const FRAME: u32 = 16 * 1024;

/// The bytes of responses that may be buffered for one HTTP/2 stream.
const SEND_BUFFER: usize = 64 * 1024;

/// The HTTP version of a connection.
#[derive(Clone, Copy)]
pub(super) enum HttpVersion {
    One,
    Two,
}

/// The configured servers for both versions.
pub(super) struct HttpServer {
    one: http1::Builder,
    two: http2::Builder<TokioExecutor>,
}

impl HttpServer {
    pub(super) fn new(limits: &Limits) -> Self {
        let mut one = http1::Builder::new();
        one.timer(TokioTimer::new())
            .header_read_timeout(limits.handshake_time)
            .max_headers(MAX_HEADERS)
            .max_buf_size(limits.header_bytes);
        let mut two = http2::Builder::new(TokioExecutor::new());
        two.timer(TokioTimer::new())
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
            .header_table_size(4096)
            .max_pending_accept_reset_streams(MAX_RESETS)
            .max_local_error_reset_streams(MAX_RESETS)
            .initial_connection_window_size(WINDOW)
            .initial_stream_window_size(WINDOW)
            .max_frame_size(FRAME)
            .max_send_buf_size(SEND_BUFFER)
            .keep_alive_interval(limits.ping_interval)
            .keep_alive_timeout(limits.handshake_time);
        Self { one, two }
    }

    /// Serves until the connection ends or becomes a relay. After `stop`, requests that were received are
    /// still answered.
    pub(super) async fn serve<S, A, B>(
        &self,
        stream: S,
        version: HttpVersion,
        service: A,
        stop: impl Future<Output = ()>,
    ) -> hyper::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        A: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
        A::Future: Send + 'static,
        B: Body<Error = Infallible> + Send + 'static,
        B::Data: Send,
    {
        let stream = TokioIo::new(stream);
        // HTTP/2 is used only if ALPN selected it, and never guessed from the first bytes.
        match version {
            HttpVersion::One => {
                let connection = self.one.serve_connection(stream, service).with_upgrades();
                let mut connection = pin!(connection);
                tokio::select! {
                    served = connection.as_mut() => return served,
                    () = stop => connection.as_mut().graceful_shutdown(),
                }
                connection.await
            }
            HttpVersion::Two => {
                let mut connection = pin!(self.two.serve_connection(stream, service));
                tokio::select! {
                    served = connection.as_mut() => return served,
                    () = stop => connection.as_mut().graceful_shutdown(),
                }
                connection.await
            }
        }
    }
}
