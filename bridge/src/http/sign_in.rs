//! The page's sign-in, which exchanges credentials for a session cookie, and its sign-out.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use restante_shared::page::SignInCredentials;
use tokio::time::timeout;
use tracing::{info, warn};

use super::credentials::{cookie_name, is_secure, sessions};
use super::request::{host, only};
use crate::access::{Denial, LIFETIME};
use crate::bridge::Bridge;
use crate::limits::shortened;
use crate::origin;
use crate::response::{HttpResponse, plain, with};

/// The most bytes of credentials; a page sends less than 300.
const MAX_CREDENTIALS: usize = 4096;

/// Answers posted [`SignInCredentials`] with a session cookie, or with the reason why they were refused,
/// and ends the session for `DELETE`.
pub(super) async fn answer(
    bridge: &Bridge,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> HttpResponse {
    let client = bridge.settings.proxies.client(peer.ip(), request.headers());
    match *request.method() {
        Method::POST | Method::DELETE => {}
        // The page navigates here for the proxy's single sign-on, and returns.
        Method::GET => {
            let answer = plain(StatusCode::SEE_OTHER, "the page is at ./\n");
            return with(answer, [(header::LOCATION, "./")]);
        }
        _ => {
            let answer = plain(StatusCode::METHOD_NOT_ALLOWED, "use POST or DELETE\n");
            return with(answer, [(header::ALLOW, "GET, POST, DELETE")]);
        }
    }
    // Only the bridge's own page: a cookie would not return with the relays of another one.
    let (origin, host) = (only(request.headers(), &header::ORIGIN), host(&request));
    if let Err(refusal) = origin::judge(origin, host, &bridge.settings.tls_mode, &[]) {
        if let Some(suppressed) = bridge.throttled_logs.page.admit_line() {
            let (origin, host) = (shortened(origin), shortened(host));
            warn!(%client, origin, host, %refusal, suppressed, "sign-in refused");
        }
        bridge.settings.metrics.refused("origin");
        return plain(StatusCode::FORBIDDEN, &format!("{refusal}\n"));
    }
    if request.method() == Method::DELETE {
        return sign_out(bridge, request.headers());
    }
    let judged = match posted(bridge, request).await {
        Ok(credentials) => bridge.authenticator.judge(client, credentials).await,
        Err((status, what)) => return plain(status, what),
    };
    match judged {
        Ok(session) => match cookie(bridge, session.reveal(), LIFETIME) {
            Some(cookie) => with_cookie(cookie),
            None => plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the session cookie could not be created\n",
            ),
        },
        Err(denial) => {
            if let Some(suppressed) = bridge.throttled_logs.access.admit_line() {
                info!(%client, %denial, suppressed, "sign-in refused");
            }
            bridge.settings.metrics.refused("access");
            denied(denial)
        }
    }
}

/// Reads credentials with limits on size and time.
async fn posted(
    bridge: &Bridge,
    request: Request<Incoming>,
) -> Result<SignInCredentials, (StatusCode, &'static str)> {
    let kind = only(request.headers(), &header::CONTENT_TYPE).unwrap_or_default();
    // The form of another page cannot send this type without a CORS preflight.
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        return Err((
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "credentials must be sent as JSON\n",
        ));
    }
    let body = Limited::new(request.into_body(), MAX_CREDENTIALS).collect();
    let bytes = match timeout(bridge.settings.limits.handshake_time, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => {
            return Err((StatusCode::PAYLOAD_TOO_LARGE, "invalid credentials\n"));
        }
        Err(_) => {
            return Err((
                StatusCode::REQUEST_TIMEOUT,
                "the credentials were not received in time\n",
            ));
        }
    };
    // The parser's error could quote them.
    serde_json::from_slice(&bytes).map_err(|_| (StatusCode::BAD_REQUEST, "invalid credentials\n"))
}

/// Ends the session of the request's cookie: no copy of it is accepted any more, and the browser forgets
/// it.
fn sign_out(bridge: &Bridge, headers: &HeaderMap) -> HttpResponse {
    for session in sessions(bridge, headers) {
        bridge.authenticator.end_session(session);
    }
    match cookie(bridge, "", Duration::ZERO) {
        Some(cookie) => with_cookie(cookie),
        None => plain(StatusCode::NO_CONTENT, ""),
    }
}

fn cookie(bridge: &Bridge, session: &str, lifetime: Duration) -> Option<HeaderValue> {
    let secure = if is_secure(bridge) { "; Secure" } else { "" };
    let (name, age) = (cookie_name(bridge), lifetime.as_secs());
    let text =
        format!("{name}={session}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn with_cookie(cookie: HeaderValue) -> HttpResponse {
    let mut answer: HttpResponse = Response::new(Full::new(Bytes::new()));
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer.headers_mut().insert(header::SET_COOKIE, cookie);
    with(answer, [(header::CACHE_CONTROL, "no-store")])
}

fn denied(denial: Denial) -> HttpResponse {
    let status = match denial {
        Denial::Missing | Denial::Wrong => StatusCode::UNAUTHORIZED,
        Denial::TooEarly(_) => StatusCode::TOO_MANY_REQUESTS,
        Denial::Busy => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut answer = plain(status, &format!("{denial}\n"));
    let headers = answer.headers_mut();
    if let Some(seconds) = denial.retry_after() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        // [RFC 9110 §15.5.2] requires a challenge. For "Basic" a browser would open its own dialog.
        let challenge = HeaderValue::from_static("Bearer realm=\"restante\"");
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    answer
}
