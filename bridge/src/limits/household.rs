//! The unit in which clients are counted.

use std::net::{IpAddr, Ipv6Addr};

/// Returns the address by which a client is counted: the whole /64 of an IPv6 household.
pub(crate) fn household_of(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}
