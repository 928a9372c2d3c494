//! The bridge's HTTP: which address answers what, and the header fields of every answer.

mod access;
mod farewell;
mod headers;
mod upgrade;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::uri::Authority;
use hyper::{Method, Request, Response, StatusCode, Version};
use restante_shared::page::{self, PageConfig};
use restante_shared::relay;
use tokio_util::task::TaskTracker;

use crate::access::Gate;
use crate::limits::{Bites, Provoked, Relays, Shares};
use crate::origin::Front;
use crate::relay::Pool;
use crate::settings::Settings;
use farewell::{MOST_FAREWELLS, MOST_OF_A_CLIENT};
use headers::SecurityHeaders;

pub(crate) type Answer = Response<Full<Bytes>>;

/// What every connection of one bridge shares.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) settings: Arc<Settings>,
    pub(crate) tasks: TaskTracker,
    pub(crate) bites: Arc<Bites>,
    pub(crate) provoked: Arc<Provoked>,
    relays: Arc<Relays>,
    pub(crate) gate: Arc<Gate>,
    farewells: Arc<Shares>,
    pool: Arc<Pool>,
    security: Arc<SecurityHeaders>,
    page_config: Bytes,
}

impl Shared {
    pub(crate) fn new(settings: Settings) -> io::Result<Self> {
        let tls = matches!(settings.front, Front::Tls(_));
        let bites = Bites::new(&settings.metrics);
        let page = PageConfig {
            sign_in: settings.access.sign_in(),
            ..settings.page.clone()
        };
        Ok(Self {
            relays: Relays::new(&settings.limits, &bites),
            bites,
            provoked: Arc::default(),
            gate: Arc::new(Gate::new(settings.access.clone())),
            farewells: Shares::new(MOST_FAREWELLS, MOST_OF_A_CLIENT),
            pool: Pool::new(&settings.limits, &settings.metrics),
            security: Arc::new(SecurityHeaders::new(settings.site.script_sources(), tls)),
            page_config: serde_json::to_vec(&page)?.into(),
            settings: Arc::new(settings),
            tasks: TaskTracker::new(),
        })
    }

    /// Answers one request of `peer`.
    pub(crate) async fn answer(&self, peer: SocketAddr, request: Request<Incoming>) -> Answer {
        let path = request.uri().path();
        let mut answer = if has_odd_body(&request) {
            // Whatever it is, nothing behind it is taken for a request.
            let answer = plain(StatusCode::BAD_REQUEST, "this has no body of this kind\n");
            with(answer, [(header::CONNECTION, "close")])
        } else if has_odd_host(&request) {
            let answer = plain(StatusCode::BAD_REQUEST, "a request is for one host\n");
            with(answer, [(header::CONNECTION, "close")])
        } else if path == relay::PATH {
            self.relay(peer, request).await
        } else if path.strip_prefix('/') == Some(page::SIGN_IN_PATH) {
            self.sign_in(peer, request).await
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

/// Whether a request has a body that none has here: only who signs in sends one, and says its length.
///
/// A proxy that understood the length of another body differently would have a part of it taken for
/// somebody else's request, with whatever header it does not let through.
fn has_odd_body(request: &Request<Incoming>) -> bool {
    let may_have_one = request.uri().path().strip_prefix('/') == Some(page::SIGN_IN_PATH);
    match request.version() {
        // Frames have lengths.
        Version::HTTP_2 => false,
        _ if request.headers().contains_key(header::TRANSFER_ENCODING) => true,
        _ => !may_have_one && !request.body().is_end_stream(),
    }
}

/// Whether a request names more than one host, or none where it has to: [RFC 9112 §3.2].
fn has_odd_host(request: &Request<Incoming>) -> bool {
    match request.headers().get_all(header::HOST).iter().count() {
        0 => request.version() == Version::HTTP_11,
        1 => false,
        _ => true,
    }
}

/// The value of a header that must be there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        (None, _) | (Some(_), Some(_)) => None,
    }
}

/// The host that a request is for; HTTP/2 has it in the address.
fn host(request: &Request<Incoming>) -> Option<&str> {
    let authority = request.uri().authority().map(Authority::as_str);
    match request.version() {
        Version::HTTP_2 => authority,
        _ => only(request.headers(), &header::HOST),
    }
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
