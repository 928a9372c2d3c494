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
            .keep_alive_interval(limits.ping_interval)
            .keep_alive_timeout(limits.handshake_time);
        Self { one, two }
    }

    /// Serves until the connection ends or becomes a relay, or, once `stop` completes, until what
    /// was asked for is answered.
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
