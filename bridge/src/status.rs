//! The second listener, for whoever runs the bridge: is it alive, is it ready, what has it counted.
//!
//! It speaks plain HTTP and shows no address and no target, but how much a bridge is used is nobody
//! else's business: it belongs on an address that only the operator's machines reach.

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

use crate::life::{Life, Stage};
use crate::metrics::{MEDIA_TYPE, Metrics};
use crate::origin::Front;

/// Connections at a time: a few scrapers and health checks.
const CONNECTIONS: usize = 16;

/// How long the header of a request may take, and so how long a connection may be idle.
const HEADER_TIME: Duration = Duration::from_secs(5);

/// How long a connection may last in all, which evicts who does not read.
const CONNECTION_TIME: Duration = Duration::from_secs(60);

/// The most octets of a request's header; hyper needs no less.
const HEADER_OCTETS: usize = 8 * 1024;

/// How long to wait after a failed accept, which is mostly a want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

const PLAIN_TEXT: &str = "text/plain; charset=utf-8";

/// What is told: how far the bridge is, and what it has counted.
#[derive(Debug, Clone)]
pub struct Status {
    /// [`Settings::life`](crate::Settings::life).
    pub life: Life,
    /// [`Settings::metrics`](crate::Settings::metrics).
    pub metrics: Arc<Metrics>,
    /// [`Settings::front`](crate::Settings::front).
    pub front: Front,
}

impl Status {
    /// Answers `/healthz`, `/readyz`, `/readyz/https` and `/metrics` until it is dropped. A failed accept is logged and
    /// tried again.
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
                    error!(%error, "cannot accept for status");
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
            .max_buf_size(HEADER_OCTETS)
            .serve_connection(TokioIo::new(stream), service);
        match timeout(CONNECTION_TIME, connection).await {
            Ok(Ok(())) | Err(_) => {}
            Ok(Err(error)) => debug!(%error, "status connection failed"),
        }
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "this can only be read\n");
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
                "there are /healthz, /readyz, /readyz/https and /metrics\n",
            ),
        }
    }

    /// Whether connections are to be sent here: any, or those of readers only.
    ///
    /// Without a certificate the bridge is ready for the connections by which an authority proves its
    /// name, and would never get one if nobody sent them here. So it is not ready `for_readers` alone.
    fn readiness(&self, for_readers: bool) -> Response<Full<Bytes>> {
        let lacks_certificate = match &self.front {
            Front::Tls(tls) => !tls.has_certificate(),
            Front::Plain | Front::Proxy => false,
        };
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        match self.life.stage() {
            Stage::Starting => text(unavailable, "starting\n"),
            Stage::Draining => text(unavailable, "draining\n"),
            Stage::Serving if !lacks_certificate => text(StatusCode::OK, "ready\n"),
            Stage::Serving if for_readers => text(unavailable, "no certificate yet\n"),
            Stage::Serving => text(
                StatusCode::OK,
                "ready for the authority alone: no certificate yet\n",
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
