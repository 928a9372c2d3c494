//! The classes of addresses, according to IANA's special-purpose registries.
//!
//! IPv4 is public unless a block says otherwise; IPv6 only inside 2000::/3, less the blocks within it.
//! IPv6 addresses with an embedded IPv4 address are refused whatever that is, because the network of
//! the machine decides which host they reach.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::blocks::{V4_BLOCKS, V6_BLOCKS};
use crate::client_address::AddressRange;

/// The kind of an address, as far as dialling it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Reaches one machine of the internet.
    Public,
    /// The bridge's own machine.
    Loopback,
    /// A private network: [RFC 1918], or unique local IPv6 [RFC 4193].
    Private,
    /// Carrier-grade NAT, [RFC 6598].
    Shared,
    /// A single link, where most clouds also have their metadata service.
    LinkLocal,
    /// A cloud's metadata or platform service outside the link-local range.
    Metadata,
    /// Many machines at once, broadcast included.
    Multicast,
    /// "This host", which on many systems means loopback.
    Unspecified,
    /// Examples and benchmarks, without hosts.
    Documentation,
    /// An IPv4 address embedded in IPv6: mapped, compatible, translated, 6to4, Teredo, NAT64.
    Embedded,
    /// Reserved, or assigned to a protocol.
    Reserved,
}

impl Class {
    /// Returns the class of `address`.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        block_of(address).0
    }
}

/// Returns true if `range` names `address`: it contains it, and not merely by being wide.
///
/// A range names an address that is not public if it lies inside the block that makes the address
/// special: 10.0.0.0/8 names 10.0.0.1, but 0.0.0.0/0 names public addresses only.
pub(super) fn names(range: &AddressRange, address: IpAddr) -> bool {
    let network = range.network();
    network.contains(&address) && network.prefix_len() >= block_of(address).1
}

/// Returns true if `range` contains addresses that it does not name, because they are of another
/// class.
pub(super) fn leaves_some_out(range: &AddressRange) -> bool {
    let network = range.network();
    let prefix = network.prefix_len();
    let has_block_inside = match network {
        IpNet::V4(network) => V4_BLOCKS
            .iter()
            .any(|(block, _)| block.prefix_len() > prefix && network.contains(block)),
        IpNet::V6(network) => V6_BLOCKS.iter().any(|(block, class)| {
            *class != Class::Public && block.prefix_len() > prefix && network.contains(block)
        }),
    };
    has_block_inside || block_of(network.addr()).1 > prefix
}

/// Returns the class of `address`, and the length of the prefix that decides it: 0 for public ones.
fn block_of(address: IpAddr) -> (Class, u8) {
    let (class, prefix) = match address {
        IpAddr::V4(address) => block_of_v4(address),
        IpAddr::V6(address) => block_of_v6(address),
    };
    (class, if class == Class::Public { 0 } else { prefix })
}

fn block_of_v4(address: Ipv4Addr) -> (Class, u8) {
    V4_BLOCKS
        .iter()
        .find(|(block, _)| block.contains(&address))
        .map_or((Class::Public, 0), |(block, class)| {
            (*class, block.prefix_len())
        })
}

fn block_of_v6(address: Ipv6Addr) -> (Class, u8) {
    let found = V6_BLOCKS.iter().find(|(block, _)| block.contains(&address));
    match found {
        // The block of the embedded IPv4 address extends the prefix.
        Some((block, Class::Embedded)) if block.prefix_len() == 96 => {
            let [.., a, b, c, d] = address.octets();
            let embedded = Ipv4Addr::new(a, b, c, d).into();
            (Class::Embedded, 96 + block_of(embedded).1)
        }
        Some((block, class)) => (*class, block.prefix_len()),
        // Much wider than any network, so that a mistyped range names nothing.
        None => (Class::Reserved, 8),
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "public",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::Shared => "carrier-grade NAT",
            Self::LinkLocal => "link-local",
            Self::Metadata => "metadata",
            Self::Multicast => "multicast",
            Self::Unspecified => "unspecified",
            Self::Documentation => "documentation",
            Self::Embedded => "IPv4-in-IPv6",
            Self::Reserved => "reserved",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_form_has_its_class() {
        for (address, class) in [
            ("0.0.0.0", Class::Unspecified),
            ("0.1.2.3", Class::Unspecified),
            ("10.0.0.1", Class::Private),
            ("10.255.255.255", Class::Private),
            ("100.64.0.1", Class::Shared),
            ("100.100.100.200", Class::Metadata),
            ("100.127.255.255", Class::Shared),
            ("127.0.0.1", Class::Loopback),
            ("127.255.255.254", Class::Loopback),
            ("100.96.0.96", Class::Metadata),
            ("168.63.129.16", Class::Metadata),
            ("169.254.0.1", Class::LinkLocal),
            ("169.254.0.23", Class::Metadata),
            ("169.254.42.42", Class::Metadata),
            ("169.254.170.2", Class::Metadata),
            ("169.254.255.255", Class::LinkLocal),
            ("192.0.0.9", Class::Reserved),
            ("192.31.196.1", Class::Reserved),
            ("192.52.193.1", Class::Reserved),
            ("192.175.48.1", Class::Reserved),
            ("169.254.169.254", Class::Metadata),
            ("172.16.0.1", Class::Private),
            ("172.31.255.255", Class::Private),
            ("192.0.0.192", Class::Metadata),
            ("192.0.2.1", Class::Documentation),
            ("192.88.99.1", Class::Embedded),
            ("192.168.0.1", Class::Private),
            ("198.18.0.1", Class::Documentation),
            ("198.19.255.255", Class::Documentation),
            ("198.51.100.1", Class::Documentation),
            ("203.0.113.255", Class::Documentation),
            ("224.0.0.1", Class::Multicast),
            ("239.255.255.255", Class::Multicast),
            ("240.0.0.1", Class::Reserved),
            ("255.255.255.255", Class::Multicast),
            ("::", Class::Unspecified),
            ("::1", Class::Loopback),
            ("::2", Class::Embedded),
            ("::127.0.0.1", Class::Embedded),
            ("::8.8.8.8", Class::Embedded),
            ("::ffff:127.0.0.1", Class::Embedded),
            ("::ffff:8.8.8.8", Class::Embedded),
            ("::ffff:0:127.0.0.1", Class::Embedded),
            ("64:ff9b::7f00:1", Class::Embedded),
            ("64:ff9b::808:808", Class::Embedded),
            ("64:ff9b:1::1", Class::Embedded),
            ("100::1", Class::Reserved),
            ("2001::1", Class::Embedded),
            ("2001:0:7f00:1::", Class::Embedded),
            ("2001:1::1", Class::Reserved),
            ("2001:2::1", Class::Documentation),
            ("2001:3::1", Class::Reserved),
            ("2001:4:112::1", Class::Reserved),
            ("2001:30::1", Class::Reserved),
            ("2620:4f:8000::1", Class::Reserved),
            ("100:0:0:1::1", Class::Reserved),
            ("2001:10::1", Class::Reserved),
            ("2001:20::1", Class::Reserved),
            ("2001:db8::1", Class::Documentation),
            ("2002:7f00:1::", Class::Embedded),
            ("3fff::1", Class::Documentation),
            ("4000::1", Class::Reserved),
            ("5f00::1", Class::Reserved),
            ("fc00::1", Class::Private),
            ("fd00:ec2::254", Class::Metadata),
            ("fd20:ce::254", Class::Metadata),
            ("fd00:c1::a9fe:a9fe", Class::Metadata),
            ("fd00:42::42", Class::Metadata),
            ("fd00:a9fe:a9fe::1", Class::Metadata),
            ("fd00:100::100:200", Class::Metadata),
            ("fe80::a9fe:a9fe", Class::Metadata),
            ("fdff::1", Class::Private),
            ("fe80::1", Class::LinkLocal),
            ("febf::1", Class::LinkLocal),
            ("fec0::1", Class::Private),
            ("ff02::1", Class::Multicast),
        ] {
            assert_eq!(Class::of(address.parse().unwrap()), class, "{address}");
        }
    }

    #[test]
    fn addresses_beside_the_special_blocks_are_public() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "192.31.195.255",
            "192.175.49.0",
            "2001:4860:4860::8888",
            "2620:4f:7fff::1",
            "2001:db7:ffff::1",
            "2001:db9::1",
            "2003::1",
            "2a00:1450::1",
            "3ffe:ffff::1",
        ] {
            assert_eq!(
                Class::of(address.parse().unwrap()),
                Class::Public,
                "{address}"
            );
        }
    }

    #[test]
    fn a_range_names_its_addresses_of_one_class() {
        for (range, named, left_out) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("0.0.0.0/0", "1.1.1.1", "10.0.0.1"),
            ("172.0.0.0/8", "172.15.0.1", "172.16.0.1"),
            ("100.64.0.0/10", "100.64.0.1", "100.100.100.200"),
            ("169.254.0.0/16", "169.254.1.1", "169.254.169.254"),
            ("169.254.169.254", "169.254.169.254", "169.254.169.253"),
            ("127.0.0.1", "127.0.0.1", "::ffff:127.0.0.1"),
            ("::/0", "2a00::1", "::1"),
            ("fd00::/8", "fd12::1", "fd00:ec2::254"),
            ("64:ff9b::/96", "64:ff9b::1.1.1.1", "64:ff9b::10.0.0.1"),
            (
                "64:ff9b::10.0.0.0/104",
                "64:ff9b::10.0.0.1",
                "64:ff9b::127.0.0.1",
            ),
            ("64:ff9b:1::/48", "64:ff9b:1::10.0.0.1", "64:ff9b::1.1.1.1"),
            ("::ffff:0:0/96", "::ffff:1.1.1.1", "::ffff:127.0.0.1"),
            ("::ffff:127.0.0.1", "::ffff:127.0.0.1", "127.0.0.1"),
            ("4000::/8", "4000::1", "2a00::1"),
        ] {
            let range: AddressRange = range.parse().unwrap();
            assert!(names(&range, named.parse().unwrap()), "{range} {named}");
            assert!(
                !names(&range, left_out.parse().unwrap()),
                "{range} {left_out}"
            );
        }
    }

    #[test]
    fn a_range_of_several_classes_leaves_some_out() {
        for (range, some) in [
            ("10.0.0.0/8", false),
            ("192.168.1.0/24", false),
            ("1.1.1.0/24", false),
            ("2a00::/12", false),
            ("169.254.169.254", false),
            ("0.0.0.0/0", true),
            ("172.0.0.0/8", true),
            ("100.64.0.0/10", true),
            ("fd00::/8", true),
            ("2000::/3", true),
        ] {
            assert_eq!(leaves_some_out(&range.parse().unwrap()), some, "{range}");
        }
    }
}
