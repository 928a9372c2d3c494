//! The settings that say what stands in front of the bridge.

use std::net::IpAddr;

use super::layer::Layer;
use super::{ConfigError, conflict};
use crate::client_address::{AddressRange, Proxies};

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
    if let Some(range) = proxies.trusted.iter().find(|range| is_anybody(range)) {
        return conflict(&format!(
            "trusted_proxies: {range} is half the world. Whoever connects from there could say that it \
             is anybody, and no limit for one client would hold: name the addresses from which your \
             proxy connects"
        ));
    }
    Ok((behind_proxy, proxies))
}

/// Whether a range is wider than any network of proxies: those of private addresses are 10.0.0.0/8 and
/// fc00::/7.
fn is_anybody(range: &AddressRange) -> bool {
    match range.network() {
        (IpAddr::V4(_), bits) => bits < 8,
        (IpAddr::V6(_), bits) => bits < 7,
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn nobody_trusts_everybody() {
        let load = |range| {
            let proxy = ["restante-bridge", "--behind-proxy", "--trusted-proxies"];
            let allow = ["--allow", "public-pop3"];
            Config::load([&proxy[..], &[range], &allow].concat())
        };
        for range in ["0.0.0.0/0", "::/0", "128.0.0.0/1", "2000::/3"] {
            let error = load(range).unwrap_err().to_string();
            assert!(error.contains("trusted_proxies") && error.contains(range));
        }
        for range in ["10.0.0.0/8", "fc00::/7", "104.16.0.0/13", "127.0.0.1"] {
            assert!(load(range).is_ok(), "{range}");
        }
    }
}
