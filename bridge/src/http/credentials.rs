//! The credentials of a request: a session cookie, a token or password, or a proxy's header.

use std::net::IpAddr;

use hyper::header::{self, HeaderMap};
use restante_shared::page::SignInCredentials;

use super::request::only;
use crate::access::{Denial, of_header};
use crate::bridge::Bridge;
use crate::origin::TlsMode;

/// The most session cookies of a request that are checked; the bridge sets one.
const MAX_COOKIES: usize = 4;

/// The credentials that a request presents.
pub(super) enum Presented {
    /// The request is admitted without further verification.
    Sufficient,
    /// Credentials to verify.
    Credentials(SignInCredentials),
    /// No credentials.
    None,
}

/// Finds the credentials of a request. Checks that are immediate and cheap come first, so that wrong
/// credentials beside a valid cookie do no harm.
pub(super) fn presented(bridge: &Bridge, headers: &HeaderMap) -> Presented {
    let enough = bridge.authenticator.access().is_open()
        || (is_behind_proxy(bridge) && bridge.authenticator.names_user(headers))
        || has_session(bridge, headers);
    if enough {
        return Presented::Sufficient;
    }
    match only(headers, &header::AUTHORIZATION).and_then(of_header) {
        Some(credentials) => Presented::Credentials(credentials),
        None => Presented::None,
    }
}

/// Authenticates `client` for the relay.
pub(super) async fn admit(
    bridge: &Bridge,
    client: IpAddr,
    presented: Presented,
) -> Result<(), Denial> {
    match presented {
        Presented::Sufficient => Ok(()),
        Presented::None => Err(Denial::Missing),
        Presented::Credentials(credentials) => {
            let judged = bridge.authenticator.judge(client, credentials);
            judged.await.map(|_session| ())
        }
    }
}

fn has_session(bridge: &Bridge, headers: &HeaderMap) -> bool {
    sessions(bridge, headers).any(|cookie| bridge.authenticator.accepts_cookie(cookie))
}

/// Returns the session cookies of a request.
pub(super) fn sessions<'a>(
    bridge: &Bridge,
    headers: &'a HeaderMap,
) -> impl Iterator<Item = &'a str> {
    let name = cookie_name(bridge);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(move |(found, _)| *found == name)
        .take(MAX_COOKIES)
        .map(|(_, cookie)| cookie)
}

/// Returns the name of the session cookie. With TLS it has the prefix that makes browsers refuse the
/// cookie from other hosts and over plain HTTP.
pub(super) fn cookie_name(bridge: &Bridge) -> &'static str {
    match is_secure(bridge) {
        true => "__Host-restante-access",
        false => "restante-access",
    }
}

pub(super) fn is_secure(bridge: &Bridge) -> bool {
    match bridge.settings.tls_mode {
        TlsMode::Plain => false,
        TlsMode::Tls(_) | TlsMode::Proxy => true,
    }
}

/// Returns true if every request comes from a trusted proxy: with [`TlsMode::Proxy`], the server refuses
/// all other peers.
fn is_behind_proxy(bridge: &Bridge) -> bool {
    match bridge.settings.tls_mode {
        TlsMode::Plain | TlsMode::Tls(_) => false,
        TlsMode::Proxy => true,
    }
}
