//! How much of the bridge its clients may use, all together and each.
//!
//! A client is counted by its address, or its /64 of IPv6. What is kept of clients is bounded and
//! forgotten; what a limit refuses is counted, and logged so that a flood does not flood the log.

mod bites;
mod provoked;
mod rate;
mod relays;
mod shares;
mod values;

use std::net::{IpAddr, Ipv6Addr};

pub(crate) use bites::{Bites, Limit};
pub(crate) use provoked::{Lines, Provoked, shortened};
pub use relays::Full;
pub(crate) use relays::{Permit, Relays};
pub(crate) use shares::Shares;
pub use values::Limits;

/// The address by which a client is counted: an IPv6 household has a whole /64.
pub(crate) fn one_household(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}
