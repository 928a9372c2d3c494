//! One file of the client, and the response to a request for it.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};

use super::negotiate::negotiate;
use crate::response::HttpResponse;

/// One file of the built client.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// The path below the site's root, without the leading slash.
    pub path: &'static str,
    /// The media type.
    pub content_type: &'static str,
    /// The digest of the content in hexadecimal, used as the entity tag.
    pub digest: &'static str,
    /// True if the name changes with the content.
    pub immutable: bool,
    /// The file without compression.
    pub identity: &'static [u8],
    /// The file compressed with gzip, if that is smaller.
    pub gzip: Option<&'static [u8]>,
    /// The file compressed with brotli, if that is smaller.
    pub brotli: Option<&'static [u8]>,
}

impl Asset {
    /// Answers a `GET` with these header fields.
    pub(crate) fn answer(&self, request: &HeaderMap) -> HttpResponse {
        let accept: Vec<&str> = request
            .get_all(header::ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        let accept = (!accept.is_empty()).then(|| accept.join(","));
        let (coding, bytes) = negotiate(self, accept.as_deref());
        let tag = match coding.name() {
            Some(name) => format!("\"{}-{name}\"", self.digest),
            None => format!("\"{}\"", self.digest),
        };
        let unchanged = names_tag(request, &tag);
        let mut answer = Response::new(if unchanged {
            Full::default()
        } else {
            Full::from(Bytes::from_static(bytes))
        });
        let headers = answer.headers_mut();
        if let Ok(tag) = HeaderValue::try_from(tag) {
            headers.insert(header::ETAG, tag);
        }
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static(if self.immutable {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            }),
        );
        if self.gzip.is_some() || self.brotli.is_some() {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if unchanged {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            return answer;
        }
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.content_type),
        );
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        if let Some(name) = coding.name() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        answer
    }
}

/// Returns true if `If-None-Match` contains the tag, compared weakly: [RFC 9110 §13.1.2].
fn names_tag(request: &HeaderMap, tag: &str) -> bool {
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|named| named == "*" || named.strip_prefix("W/").unwrap_or(named) == tag)
}
