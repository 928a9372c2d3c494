//! How each version of HTTP is spoken, and what bounds a peer that speaks it.

use std::convert::Infallible;
use std::pin::pin;

use hyper::body::{Body, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::limits::Limits;

/// The most header fields of a request; a browser sends some twenty.
const MAX_HEADERS: usize = 64;

/// The most requests that one HTTP/2 connection may have open.
const MAX_STREAMS: u32 = 64;

/// The most requests that an HTTP/2 connection may take back before they were looked at ("rapid
/// reset"), and the most of its errors that are answered; then it is ended.
const MAX_RESETS: usize = 20;

/// How many octets of requests an HTTP/2 client may send unasked: no request here is longer, and the
/// standard does not allow to give less.
const WINDOW: u32 = 65_535;

/// The longest frame of HTTP/2, which is the shortest that the standard allows to set.
const FRAME: u32 = 16 * 1024;

/// How much of an answer may wait for one HTTP/2 client.
const SEND_BUFFER: usize = 64 * 1024;

/// The version of HTTP that a connection speaks.
#[derive(Clone, Copy)]
pub(super) enum Version {
    One,
    Two,
}

/// How both are spoken by one bridge.
pub(super) struct Http {
    one: http1::Builder,
    two: http2::Builder<TokioExecutor>,
}

impl Http {
    pub(super) fn new(limits: &Limits) -> Self {
        let mut one = http1::Builder::new();
        one.timer(TokioTimer::new())
            .header_read_timeout(limits.handshake_time)
            .max_headers(MAX_HEADERS)
            .max_buf_size(limits.header_octets);
        let mut two = http2::Builder::new(TokioExecutor::new());
        two.timer(TokioTimer::new())
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(u32::try_from(limits.header_octets).unwrap_or(u32::MAX))
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

    /// Serves until the connection ends or becomes a relay. Once `stop` completes, what was asked for
    /// is still answered.
    pub(super) async fn serve<S, A, B>(
        &self,
        stream: S,
        version: Version,
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
        // HTTP/2 is spoken where TLS agreed on it, and never guessed from the first octets.
        match version {
            Version::One => {
                let connection = self.one.serve_connection(stream, service).with_upgrades();
                let mut connection = pin!(connection);
                tokio::select! {
                    served = connection.as_mut() => return served,
                    () = stop => connection.as_mut().graceful_shutdown(),
                }
                connection.await
            }
            Version::Two => {
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
