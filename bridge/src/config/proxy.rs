//! The settings for reverse proxies.

use ipnet::IpNet;

use super::error::{ConfigError, conflict};
use super::layer::Layer;
use crate::client_address::{AddressRange, Proxies};

/// Returns true if a proxy terminates TLS, and the proxies of `layer`.
///
/// # Errors
/// [`ConfigError::Conflict`] if a setting requires proxies and none is named, or a range is too wide.
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
                    "{name} requires trusted_proxies, the address from which the proxy connects: \
                     trusted_proxies = [\"127.0.0.1\"] (or --trusted-proxies 127.0.0.1) if it runs \
                     on this machine"
                ));
            }
        }
    }
    if let Some(range) = proxies.trusted.iter().find(|range| is_anybody(range)) {
        return conflict(&format!(
            "trusted_proxies: {range} is too wide. Any client in it could claim any address, and evade \
             the limits for one client: name the addresses from which your proxy connects"
        ));
    }
    Ok((behind_proxy, proxies))
}

/// Returns true if a range is wider than any network of proxies: the widest private ones are 10.0.0.0/8
/// and fc00::/7.
fn is_anybody(range: &AddressRange) -> bool {
    match range.network() {
        IpNet::V4(network) => network.prefix_len() < 8,
        IpNet::V6(network) => network.prefix_len() < 7,
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing;

    #[test]
    fn a_range_that_is_too_wide_is_not_trusted() {
        let load = |range| {
            let proxy = ["restante-bridge", "--behind-proxy", "--trusted-proxies"];
            let allow = ["--allow", "public-pop3"];
            testing::load([&proxy[..], &[range], &allow].concat())
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
