//! The routing of requests by their paths.

use std::net::SocketAddr;

use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header;
use hyper::{Method, Request, Response, StatusCode};
use restante_shared::{page, relay};

use super::request::{has_odd_body, has_odd_host};
use super::{sign_in, upgrade};
use crate::bridge::Bridge;
use crate::response::{HttpResponse, plain, with, without_body};

/// Answers one request of `peer`.
pub(crate) async fn answer(
    bridge: &Bridge,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> HttpResponse {
    let path = request.uri().path();
    let mut answer = if has_odd_body(&request) {
        // Nothing that follows it on this connection may be treated as a request.
        let answer = plain(StatusCode::BAD_REQUEST, "unexpected request body\n");
        with(answer, [(header::CONNECTION, "close")])
    } else if has_odd_host(&request) {
        let answer = plain(
            StatusCode::BAD_REQUEST,
            "the request must name exactly one host\n",
        );
        with(answer, [(header::CONNECTION, "close")])
    } else if path == relay::PATH {
        upgrade::answer(bridge, peer, request).await
    } else if path.strip_prefix('/') == Some(page::SIGN_IN_PATH) {
        sign_in::answer(bridge, peer, request).await
    } else {
        read(bridge, &request)
    };
    bridge.security_headers.add_to(answer.headers_mut());
    answer
}

/// Answers requests for resources that are read-only.
fn read(bridge: &Bridge, request: &Request<Incoming>) -> HttpResponse {
    let path = request.uri().path();
    let answer = match path.strip_prefix('/') {
        Some("healthz") => plain(StatusCode::OK, "ok\n"),
        Some(page::PATH) => with(
            Response::new(Full::from(bridge.page_config.clone())),
            [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "no-cache"),
            ],
        ),
        _ => match bridge.settings.site.find(path) {
            Some(asset) => asset.answer(request.headers()),
            None if path == "/" => plain(StatusCode::SERVICE_UNAVAILABLE, NO_CLIENT),
            None => return plain(StatusCode::NOT_FOUND, "not found\n"),
        },
    };
    match *request.method() {
        Method::GET => answer,
        Method::HEAD => without_body(answer),
        _ => with(
            plain(StatusCode::METHOD_NOT_ALLOWED, "use GET or HEAD\n"),
            [(header::ALLOW, "GET, HEAD")],
        ),
    }
}
/// The text of the front page if no client was built.
const NO_CLIENT: &str = "This bridge was built without the Restante client.

Build both, and serve them, with `cargo xtask demo`; or build the client with
`trunk build --release` at the workspace's root, and then the bridge again.
";
