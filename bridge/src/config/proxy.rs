//! The settings that say what stands in front of the bridge.

use super::layer::Layer;
use super::{ConfigError, conflict};
use crate::client_address::Proxies;

/// The proxies of `layer`, and whether one of them ends TLS.
///
/// # Errors
/// [`ConfigError::Conflict`] where proxies are spoken of and none is named.
pub(super) fn proxies(layer: &Layer) -> Result<(bool, Proxies), ConfigError> {
    let behind_proxy = layer.behind_proxy.unwrap_or(false);
    let proxies = Proxies {
        trusted: layer.trusted_proxies.clone().unwrap_or_default(),
        proxy_protocol: layer.proxy_protocol.unwrap_or(false),
    };
    if proxies.trusted.is_empty() {
        for (name, given) in [
            ("behind_proxy", behind_proxy),
            ("proxy_protocol", proxies.proxy_protocol),
        ] {
            if given {
                return conflict(&format!(
                    "{name} needs trusted_proxies, the address from which the proxy connects: \
                     trusted_proxies = [\"127.0.0.1\"] (or --trusted-proxies 127.0.0.1) where it \
                     runs on this machine"
                ));
            }
        }
    }
    Ok((behind_proxy, proxies))
}
