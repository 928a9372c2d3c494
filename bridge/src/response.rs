//! Responses, and functions that build them.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

/// A response whose body is complete from the start.
pub(crate) type HttpResponse = Response<Full<Bytes>>;

/// Returns a plain-text response that must not be cached.
pub(crate) fn plain(status: StatusCode, text: &str) -> HttpResponse {
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

/// Adds header fields to a response.
pub(crate) fn with<const N: usize>(
    mut answer: HttpResponse,
    headers: [(HeaderName, &'static str); N],
) -> HttpResponse {
    for (name, value) in headers {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// Removes the body, and keeps its length in the header.
pub(crate) fn without_body(answer: HttpResponse) -> HttpResponse {
    let (mut parts, body) = answer.into_parts();
    if parts.status != StatusCode::NOT_MODIFIED {
        let length = hyper::body::Body::size_hint(&body).exact().unwrap_or(0);
        parts
            .headers
            .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, Full::default())
}
