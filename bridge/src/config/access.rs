//! The settings for authentication.

use hyper::header::{self, HeaderName};

use super::error::ConfigError;
use super::layer::Layer;
use crate::access::{AccessMethods, Tokens, Users};

/// Returns the authentication that `layer` configures, with its files read.
///
/// # Errors
/// [`ConfigError`] names the file and line, or the setting.
pub(super) fn access(layer: &Layer) -> Result<AccessMethods, ConfigError> {
    let header = layer
        .access_header
        .as_deref()
        .map(header_name)
        .transpose()?;
    if header.is_some() && !layer.behind_proxy.unwrap_or(false) {
        return Err(ConfigError::Conflict(
            "access_header needs a reverse proxy that adds it: set behind_proxy as well, and set \
             trusted_proxies the addresses of who may add it"
                .to_owned(),
        ));
    }
    Ok(AccessMethods {
        tokens: layer
            .access_tokens
            .as_deref()
            .map(Tokens::read)
            .transpose()?,
        users: layer.access_users.as_deref().map(Users::read).transpose()?,
        header,
    })
}

/// Headers that browsers send or proxies add for every request, independent of the user.
const OF_EVERYBODY: [HeaderName; 26] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::AUTHORIZATION,
    header::CACHE_CONTROL,
    header::CONNECTION,
    header::COOKIE,
    header::DNT,
    header::FORWARDED,
    header::HOST,
    header::ORIGIN,
    header::PRAGMA,
    header::REFERER,
    header::UPGRADE,
    header::USER_AGENT,
    header::VIA,
    HeaderName::from_static("cf-connecting-ip"),
    HeaderName::from_static("true-client-ip"),
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-scheme"),
    HeaderName::from_static("x-forwarded-server"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-request-id"),
];

/// Returns true if a header does not identify the user. Browsers reserve the prefix for themselves: no
/// page can set such a header, and each request has some.
fn is_of_everybody(name: &HeaderName) -> bool {
    OF_EVERYBODY.contains(name) || name.as_str().starts_with("sec-")
}

fn header_name(text: &str) -> Result<HeaderName, ConfigError> {
    let name: Option<HeaderName> = text.parse().ok();
    match name {
        Some(name) if is_of_everybody(&name) => Err(ConfigError::Conflict(format!(
            "access_header: {text} is part of every request, so everyone would be admitted: name the \
             header in which your proxy's single sign-on passes the user, such as X-Forwarded-User"
        ))),
        Some(name) => Ok(name),
        None => Err(ConfigError::Conflict(format!(
            "access_header: {text:?} is not a header name such as X-Forwarded-User"
        ))),
    }
}
