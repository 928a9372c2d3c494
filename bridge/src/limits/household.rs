//! The networks by which clients are counted.

use std::net::{IpAddr, Ipv6Addr};

/// The shares of one /64 that a whole /48 of IPv6 gets. Providers give a household up to a /48, so that
/// its 65,536 networks would otherwise count as as many clients.
const HOUSEHOLDS_PER_SITE: u32 = 4;

/// An address of IPv4, or a /64 or /48 of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ClientNetwork {
    first: IpAddr,
    is_site: bool,
}

impl ClientNetwork {
    /// Returns the multiple of one client's limit that applies to the network.
    pub(crate) fn shares(self) -> u32 {
        match self.is_site {
            true => HOUSEHOLDS_PER_SITE,
            false => 1,
        }
    }
}

/// Returns the networks of a client, each with a limit of its own: an address of IPv4, or the /64 and the
/// /48 of an IPv6 address.
pub(crate) fn networks_of(client: IpAddr) -> impl Iterator<Item = ClientNetwork> {
    let network = |first, is_site| Some(ClientNetwork { first, is_site });
    let networks = match client.to_canonical() {
        IpAddr::V6(address) => {
            let of = |bits: u32| {
                let mask = u128::MAX.checked_shl(128 - bits).unwrap_or_default();
                Ipv6Addr::from_bits(address.to_bits() & mask).into()
            };
            [network(of(64), false), network(of(48), true)]
        }
        v4 @ IpAddr::V4(_) => [network(v4, false), None],
    };
    networks.into_iter().flatten()
}
