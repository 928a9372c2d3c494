//! The bridge's HTTP: which address answers what, and the header fields of every answer.

mod headers;
mod upgrade;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use restante_shared::{page, relay};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::limits::{Bites, Relays};
use crate::origin::Front;
use crate::settings::Settings;
use headers::SecurityHeaders;

pub(crate) type Answer = Response<Full<Bytes>>;

/// What every connection of one bridge shares.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) settings: Arc<Settings>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    pub(crate) bites: Arc<Bites>,
    relays: Arc<Relays>,
    security: Arc<SecurityHeaders>,
    page_config: Bytes,
}

impl Shared {
    pub(crate) fn new(settings: Settings) -> io::Result<Self> {
        let tls = matches!(settings.front, Front::Tls(_));
        let bites = Bites::new(&settings.metrics);
        Ok(Self {
            relays: Relays::new(&settings.limits, &bites),
            bites,
            security: Arc::new(SecurityHeaders::new(settings.site.script_sources(), tls)),
            page_config: serde_json::to_vec(&settings.page)?.into(),
            settings: Arc::new(settings),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }

    /// Answers one request of `peer`.
    pub(crate) fn answer(&self, peer: SocketAddr, request: Request<Incoming>) -> Answer {
        let mut answer = if request.uri().path() == relay::PATH {
            self.relay(peer, request)
        } else {
            self.read(&request)
        };
        self.security.add_to(answer.headers_mut());
        answer
    }

    /// Answers what can only be read.
    fn read(&self, request: &Request<Incoming>) -> Answer {
        let path = request.uri().path();
        let answer = match path.strip_prefix('/') {
            Some("healthz") => plain(StatusCode::OK, "ok\n"),
            Some(page::PATH) => with(
                Response::new(Full::from(self.page_config.clone())),
                [
                    (header::CONTENT_TYPE, "application/json"),
                    (header::CACHE_CONTROL, "no-cache"),
                ],
            ),
            _ => match self.settings.site.find(path) {
                Some(asset) => asset.answer(request.headers()),
                None if path == "/" => plain(StatusCode::SERVICE_UNAVAILABLE, NO_CLIENT),
                None => return plain(StatusCode::NOT_FOUND, "there is nothing at this address\n"),
            },
        };
        match *request.method() {
            Method::GET => answer,
            Method::HEAD => without_body(answer),
            _ => with(
                plain(StatusCode::METHOD_NOT_ALLOWED, "this can only be read\n"),
                [(header::ALLOW, "GET, HEAD")],
            ),
        }
    }
}

/// What the front page says where no client was built.
const NO_CLIENT: &str = "This bridge was built without the Restante client.

Build both, and serve them, with `cargo xtask demo`; or build the client with
`trunk build --release` at the workspace's root, and then the bridge again.
";

fn plain(status: StatusCode, text: &str) -> Answer {
    let mut answer = Response::new(Full::from(text.to_owned()));
    *answer.status_mut() = status;
    with(
        answer,
        [
            (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
        ],
    )
}

fn with<const N: usize>(mut answer: Answer, headers: [(HeaderName, &'static str); N]) -> Answer {
    for (name, value) in headers {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// Keeps the length that the body had.
fn without_body(answer: Answer) -> Answer {
    let (mut parts, body) = answer.into_parts();
    if parts.status != StatusCode::NOT_MODIFIED {
        let length = hyper::body::Body::size_hint(&body).exact().unwrap_or(0);
        parts
            .headers
            .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, Full::default())
}
