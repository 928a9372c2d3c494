//! The settings that say who may use the relay.

use hyper::header::HeaderName;

use super::ConfigError;
use super::layer::Layer;
use crate::access::{Access, Tokens, Users};

/// The access that `layer` gives, with the files read.
///
/// # Errors
/// [`ConfigError`] names the file and line, or the setting.
pub(super) fn access(layer: &Layer) -> Result<Access, ConfigError> {
    let header = layer
        .access_header
        .as_deref()
        .map(header_name)
        .transpose()?;
    if header.is_some() && !layer.behind_proxy.unwrap_or(false) {
        return Err(ConfigError::Conflict(
            "access_header is what a reverse proxy adds: set behind_proxy as well, and in \
             trusted_proxies the addresses of who may add it"
                .to_owned(),
        ));
    }
    Ok(Access {
        tokens: layer
            .access_tokens
            .as_deref()
            .map(Tokens::read)
            .transpose()?,
        users: layer.access_users.as_deref().map(Users::read).transpose()?,
        header,
    })
}

fn header_name(text: &str) -> Result<HeaderName, ConfigError> {
    text.parse().map_err(|_| {
        ConfigError::Conflict(format!(
            "access_header: {text:?} is no name of a header such as X-Forwarded-User"
        ))
    })
}
