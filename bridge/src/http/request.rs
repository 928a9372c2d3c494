//! The parts of a request that decide its routing, which must be unambiguous.

use hyper::Request;
use hyper::Version;
use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderMap, HeaderName};
use hyper::http::uri::Authority;
use restante_shared::page;

/// Returns true if a request has an unexpected body. Only sign-ins have one, with a declared length.
///
/// If a proxy interpreted the length of a body differently, a part of the body could pass as the request
/// of another client, with headers that the proxy would have removed.
pub(super) fn has_odd_body(request: &Request<Incoming>) -> bool {
    let may_have_one = request.uri().path().strip_prefix('/') == Some(page::SIGN_IN_PATH);
    match request.version() {
        // HTTP/2 delimits bodies by frames.
        Version::HTTP_2 => false,
        _ if request.headers().contains_key(header::TRANSFER_ENCODING) => true,
        _ => !may_have_one && !request.body().is_end_stream(),
    }
}

/// Returns true if a request names several hosts, or none although it must: [RFC 9112 §3.2].
pub(super) fn has_odd_host(request: &Request<Incoming>) -> bool {
    match request.headers().get_all(header::HOST).iter().count() {
        0 => request.version() == Version::HTTP_11,
        1 => false,
        _ => true,
    }
}

/// Returns the value of a header that occurs exactly once.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        (None, _) | (Some(_), Some(_)) => None,
    }
}

/// Returns the host that a request names. HTTP/2 has it in the URI.
pub(super) fn host(request: &Request<Incoming>) -> Option<&str> {
    let authority = request.uri().authority().map(Authority::as_str);
    match request.version() {
        Version::HTTP_2 => authority,
        _ => only(request.headers(), &header::HOST),
    }
}
