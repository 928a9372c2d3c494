//! Who is let in, as HTTP has it: what a request shows, and how a page signs in.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use restante_shared::page::Credentials;
use tokio::time::timeout;
use tracing::{info, warn};

use super::{Answer, Shared, host, only, plain, with};
use crate::access::{Denial, LIFETIME, of_header};
use crate::limits::{one_household, shortened};
use crate::origin::{self, Front};

/// How many octets credentials may have; a page sends under 300.
const MOST_CREDENTIALS: usize = 4096;

/// How many cookies of ours a request may show: the bridge sets one.
const MOST_COOKIES: usize = 4;

/// What a request shows to be let in.
pub(super) enum Shown {
    /// What lets in by itself.
    Enough,
    /// What has to be judged.
    Credentials(Credentials),
    /// Nothing.
    Nothing,
}

impl Shared {
    /// Finds what a request shows. What is judged at once and costs nothing comes first, so that it
    /// does no harm if a browser sends something wrong beside it.
    pub(super) fn shown(&self, headers: &HeaderMap) -> Shown {
        let enough = self.gate.access().is_open()
            || (self.is_behind_proxy() && self.gate.names_somebody(headers))
            || self.has_session(headers);
        if enough {
            return Shown::Enough;
        }
        match only(headers, &header::AUTHORIZATION).and_then(of_header) {
            Some(credentials) => Shown::Credentials(credentials),
            None => Shown::Nothing,
        }
    }

    /// Decides whether `client` may use the relay.
    pub(super) async fn admit(&self, client: IpAddr, shown: Shown) -> Result<(), Denial> {
        match shown {
            Shown::Enough => Ok(()),
            Shown::Nothing => Err(Denial::Missing),
            Shown::Credentials(credentials) => {
                let judged = self.gate.judge(one_household(client), credentials);
                judged.await.map(|_session| ())
            }
        }
    }

    /// Answers a page that posts [`Credentials`] with a session, or says what is wrong.
    pub(super) async fn sign_in(&self, peer: SocketAddr, request: Request<Incoming>) -> Answer {
        let client = self.settings.proxies.client(peer.ip(), request.headers());
        match *request.method() {
            Method::POST => {}
            // A page goes here to be asked by the proxy's single sign-on, and comes back.
            Method::GET => {
                let answer = plain(StatusCode::SEE_OTHER, "the page is at ./\n");
                return with(answer, [(header::LOCATION, "./")]);
            }
            _ => {
                let answer = plain(StatusCode::METHOD_NOT_ALLOWED, "this is posted to\n");
                return with(answer, [(header::ALLOW, "GET, POST")]);
            }
        }
        // No page but the bridge's own: a cookie would not come back from another's relays.
        let (origin, host) = (only(request.headers(), &header::ORIGIN), host(&request));
        if let Err(refusal) = origin::judge(origin, host, &self.settings.front, &[]) {
            if let Some(unsaid) = self.provoked.page.one_more() {
                let (origin, host) = (shortened(origin), shortened(host));
                warn!(%client, origin, host, %refusal, unsaid, "sign-in refused");
            }
            self.settings.metrics.refused("origin");
            return plain(StatusCode::FORBIDDEN, &format!("{refusal}\n"));
        }
        let judged = match self.posted(request).await {
            Ok(credentials) => self.gate.judge(one_household(client), credentials).await,
            Err((status, what)) => return plain(status, what),
        };
        match judged {
            Ok(session) => match self.cookie(session.reveal()) {
                Some(cookie) => signed_in(cookie),
                None => plain(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "no cookie could be made\n",
                ),
            },
            Err(denial) => {
                if let Some(unsaid) = self.provoked.access.one_more() {
                    info!(%client, %denial, unsaid, "sign-in refused");
                }
                self.settings.metrics.refused("access");
                denied(denial)
            }
        }
    }

    /// Reads credentials, in bounds of size and time.
    async fn posted(
        &self,
        request: Request<Incoming>,
    ) -> Result<Credentials, (StatusCode, &'static str)> {
        let kind = only(request.headers(), &header::CONTENT_TYPE).unwrap_or_default();
        // A form of another page could not send this type without asking first.
        if kind.split(';').next().map(str::trim) != Some("application/json") {
            return Err((
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "credentials come as JSON\n",
            ));
        }
        let body = Limited::new(request.into_body(), MOST_CREDENTIALS).collect();
        let octets = match timeout(self.settings.limits.handshake_time, body).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(_)) => {
                return Err((StatusCode::PAYLOAD_TOO_LARGE, "these are no credentials\n"));
            }
            Err(_) => {
                return Err((
                    StatusCode::REQUEST_TIMEOUT,
                    "the credentials did not come\n",
                ));
            }
        };
        // What the parser would say may quote them.
        serde_json::from_slice(&octets)
            .map_err(|_| (StatusCode::BAD_REQUEST, "these are no credentials\n"))
    }

    fn has_session(&self, headers: &HeaderMap) -> bool {
        let name = self.cookie_name();
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(found, _)| *found == name)
            .take(MOST_COOKIES)
            .any(|(_, cookie)| self.gate.recognises(cookie))
    }

    fn cookie(&self, session: &str) -> Option<HeaderValue> {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        let (name, age) = (self.cookie_name(), LIFETIME.as_secs());
        let text =
            format!("{name}={session}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
        let mut value = HeaderValue::try_from(text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The prefix makes browsers refuse the cookie from any other host, and over plain HTTP.
    fn cookie_name(&self) -> &'static str {
        match self.is_secure() {
            true => "__Host-restante-access",
            false => "restante-access",
        }
    }

    fn is_secure(&self) -> bool {
        match self.settings.front {
            Front::Plain => false,
            Front::Tls(_) | Front::Proxy => true,
        }
    }

    /// Whether each request comes from a trusted proxy: behind [`Front::Proxy`], the server has nothing
    /// to do with anybody else.
    fn is_behind_proxy(&self) -> bool {
        match self.settings.front {
            Front::Plain | Front::Tls(_) => false,
            Front::Proxy => true,
        }
    }
}

fn signed_in(cookie: HeaderValue) -> Answer {
    let mut answer: Answer = Response::new(Full::new(Bytes::new()));
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer.headers_mut().insert(header::SET_COOKIE, cookie);
    with(answer, [(header::CACHE_CONTROL, "no-store")])
}

fn denied(denial: Denial) -> Answer {
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
        // [RFC 9110 §15.5.2] wants a challenge; for "Basic" a browser would ask by a dialog of its own.
        let challenge = HeaderValue::from_static("Bearer realm=\"restante\"");
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    answer
}
