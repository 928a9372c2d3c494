//! The second listener, for the operator: liveness, readiness and metrics.
//!
//! It speaks plain HTTP, and shows no addresses and no targets. How much a bridge is used is still
//! confidential, so the listener belongs on an address that only the operator's machines reach.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::{debug, error, info};

use crate::lifecycle::{Lifecycle, LifecycleStage};
use crate::metrics::{MEDIA_TYPE, Metrics};
use crate::origin::TlsMode;

/// The most connections at a time: a few scrapers and health checks.
const CONNECTIONS: usize = 16;

/// The longest that the header of a request may take, and so the longest idle time of a connection.
const HEADER_TIME: Duration = Duration::from_secs(5);

/// The longest that a connection may last in total, which evicts clients that do not read.
const CONNECTION_TIME: Duration = Duration::from_secs(60);

/// The longest header of a request in bytes; hyper's minimum.
const HEADER_BYTES: usize = 8 * 1024;

/// The pause after a failed accept, which mostly means that descriptors ran out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

const PLAIN_TEXT: &str = "text/plain; charset=utf-8";

/// The data that is published: the stage of the bridge, and its metrics.
#[derive(Debug, Clone)]
pub struct Status {
    /// [`Settings::lifecycle`](crate::Settings::lifecycle).
    pub lifecycle: Lifecycle,
    /// [`Settings::metrics`](crate::Settings::metrics).
    pub metrics: Arc<Metrics>,
    /// [`Settings::tls_mode`](crate::Settings::tls_mode).
    pub tls_mode: TlsMode,
}

impl Status {
    /// Answers `/healthz`, `/readyz`, `/readyz/https` and `/metrics` until it is dropped. A failed accept
    /// is logged and retried.
    pub async fn serve(self, listener: TcpListener) {
        info!(
            address = listener.local_addr().ok().map(display),
            "status listening"
        );
        let status = Arc::new(self);
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        let mut connections = JoinSet::new();
        loop {
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let status = Arc::clone(&status);
                    connections.spawn(async move {
                        status.converse(stream).await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    error!(%error, "cannot accept a connection for status");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
            while connections.try_join_next().is_some() {}
        }
    }

    async fn converse(&self, stream: TcpStream) {
        let service = service_fn(|request| {
            let answer = self.answer(&request);
            async move { Ok::<_, Infallible>(answer) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME)
            .max_buf_size(HEADER_BYTES)
            .serve_connection(TokioIo::new(stream), service);
        match timeout(CONNECTION_TIME, connection).await {
            Ok(Ok(())) | Err(_) => {}
            Ok(Err(error)) => debug!(%error, "status connection failed"),
        }
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "use GET or HEAD\n");
            let allowed = HeaderValue::from_static("GET, HEAD");
            answer.headers_mut().insert(header::ALLOW, allowed);
            return answer;
        }
        match request.uri().path() {
            "/healthz" => text(StatusCode::OK, "ok\n"),
            "/readyz" => self.readiness(false),
            "/readyz/https" => self.readiness(true),
            "/metrics" => answer(StatusCode::OK, MEDIA_TYPE, self.metrics.text()),
            _ => text(
                StatusCode::NOT_FOUND,
                "available: /healthz, /readyz, /readyz/https and /metrics\n",
            ),
        }
    }

    /// Returns whether this bridge wants connections: any, or, `for_users`, those of users.
    ///
    /// Without a certificate the bridge wants the connections by which the authority validates its name.
    /// It would never obtain a certificate if a load balancer sent it none. For users it is not ready.
    fn readiness(&self, for_users: bool) -> Response<Full<Bytes>> {
        let lacks_certificate = match &self.tls_mode {
            TlsMode::Tls(tls) => !tls.has_certificate(),
            TlsMode::Plain | TlsMode::Proxy => false,
        };
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        match self.lifecycle.stage() {
            LifecycleStage::Starting => text(unavailable, "starting\n"),
            LifecycleStage::Draining => text(unavailable, "draining\n"),
            LifecycleStage::Serving if !lacks_certificate => text(StatusCode::OK, "ready\n"),
            LifecycleStage::Serving if for_users => text(unavailable, "no certificate yet\n"),
            LifecycleStage::Serving => text(
                StatusCode::OK,
                "ready for ACME validation only: no certificate yet\n",
            ),
        }
    }
}

fn text(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    answer(status, PLAIN_TEXT, text)
}

fn answer(
    status: StatusCode,
    media_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        let value = HeaderValue::from_static(value);
        answer.headers_mut().insert(name, value);
    }
    answer
}
