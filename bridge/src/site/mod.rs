//! The built client, inside the binary: a table of files, and how each is served.
//!
//! A request's path is looked up in the table as it came, so there is no path to traverse and
//! nothing on the disk to reach.

mod negotiate;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};

use crate::http::Answer;
use negotiate::negotiate;

// What `build/` made of the built client: ASSETS and SCRIPT_SOURCES.
include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// One file of the built client.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its address below the site's, without the first slash.
    pub path: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// A digest of its content in hexadecimal, which becomes the entity tag.
    pub digest: &'static str,
    /// Whether its name changes with its content.
    pub immutable: bool,
    /// The file as it is.
    pub identity: &'static [u8],
    /// The file as gzip, where that is smaller.
    pub gzip: Option<&'static [u8]>,
    /// The file as brotli, where that is smaller.
    pub brotli: Option<&'static [u8]>,
}

/// The files that a bridge serves.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    assets: &'static [Asset],
    script_sources: &'static str,
}

impl Site {
    /// The client that was built before this binary was.
    #[must_use]
    pub fn embedded() -> Self {
        Self {
            assets: ASSETS,
            script_sources: SCRIPT_SOURCES,
        }
    }

    /// Other files, with the Content-Security-Policy sources of the page's inline scripts, each
    /// with a blank before it.
    #[must_use]
    pub fn new(assets: &'static [Asset], script_sources: &'static str) -> Self {
        Self {
            assets,
            script_sources,
        }
    }

    /// Whether there is a page to serve.
    #[must_use]
    pub fn has_page(&self) -> bool {
        self.find("/").is_some()
    }

    pub(crate) fn script_sources(&self) -> &'static str {
        self.script_sources
    }

    /// The file at a request's path.
    pub(crate) fn find(&self, path: &str) -> Option<&'static Asset> {
        let path = match path.strip_prefix('/')? {
            "" => "index.html",
            path => path,
        };
        self.assets.iter().find(|asset| asset.path == path)
    }
}

impl Asset {
    /// Answers a `GET` with these header fields.
    pub(crate) fn answer(&self, request: &HeaderMap) -> Answer {
        let accept: Vec<&str> = request
            .get_all(header::ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        let accept = (!accept.is_empty()).then(|| accept.join(","));
        let (coding, octets) = negotiate(self, accept.as_deref());
        let tag = match coding.name() {
            Some(name) => format!("\"{}-{name}\"", self.digest),
            None => format!("\"{}\"", self.digest),
        };
        let unchanged = names_tag(request, &tag);
        let mut answer = Response::new(if unchanged {
            Full::default()
        } else {
            Full::from(Bytes::from_static(octets))
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
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(octets.len()));
        if let Some(name) = coding.name() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        answer
    }
}

/// Whether `If-None-Match` names the tag, compared weakly: [RFC 9110 §13.1.2].
fn names_tag(request: &HeaderMap, tag: &str) -> bool {
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|named| named == "*" || named.strip_prefix("W/").unwrap_or(named) == tag)
}

/// The build's own modules, so that their tests run with the others.
#[cfg(test)]
#[path = "../../build"]
mod build {
    pub(crate) mod compress;
    pub(crate) mod files;
    pub(crate) mod scripts;
}
