//! Which addresses are public, after IANA's special-purpose registries.
//!
//! IPv4 is public unless a block says otherwise; IPv6 only inside 2000::/3, less the blocks below.
//! Forms that carry an IPv4 address inside an IPv6 one are refused whatever they carry, since what
//! they reach depends on the machine's network and not on the address.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::client_address::AddressRange;

/// What an address is for, as far as dialling it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Reaches one machine of the internet.
    Public,
    /// The bridge's own machine.
    Loopback,
    /// A network of one's own: [RFC 1918], or unique local IPv6 [RFC 4193].
    Private,
    /// Carrier-grade NAT, [RFC 6598].
    Shared,
    /// One link only, and where most clouds keep their metadata service.
    LinkLocal,
    /// A cloud's metadata or platform service outside the link-local range.
    Metadata,
    /// Many machines at once, broadcast included.
    Multicast,
    /// "This host", which on many systems means loopback.
    Unspecified,
    /// Examples and benchmarks: nobody is there.
    Documentation,
    /// An IPv4 address in IPv6 clothes: mapped, compatible, translated, 6to4, Teredo, NAT64.
    Embedded,
    /// Reserved, or assigned to a protocol.
    Reserved,
}

impl Class {
    /// The class of `address`.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        block_of(address).0
    }
}

/// Whether `range` names `address`: it holds it, and does not hold it by being wide only.
///
/// A range names an address that is not public where the range lies inside the block that makes the
/// address special: 10.0.0.0/8 names 10.0.0.1, and 0.0.0.0/0 names public addresses only.
pub(super) fn names(range: &AddressRange, address: IpAddr) -> bool {
    let (network, bits) = range.network();
    let (network, address_bits) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => (left(network), left(address)),
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits()),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    same_prefix(network, address_bits, bits) && bits >= block_of(address).1
}

/// Whether some addresses of `range` are not named by it, for being of a kind of their own.
pub(super) fn leaves_some_out(range: &AddressRange) -> bool {
    let (network, bits) = range.network();
    let inside = |block: u128, block_bits: u32, network: u128| {
        block_bits > bits && same_prefix(block, network, bits)
    };
    let blocks_inside = match network {
        IpAddr::V4(network) => V4_BLOCKS
            .iter()
            .any(|(block, block_bits, _)| inside(left(*block), *block_bits, left(network))),
        IpAddr::V6(network) => V6_BLOCKS.iter().any(|(block, block_bits, class)| {
            *class != Class::Public && inside(block.to_bits(), *block_bits, network.to_bits())
        }),
    };
    blocks_inside || block_of(network).1 > bits
}

/// The class of `address`, and how long the prefix is that decides it: 0 for public addresses.
fn block_of(address: IpAddr) -> (Class, u32) {
    let (class, bits) = match address {
        IpAddr::V4(address) => block_of_v4(address),
        IpAddr::V6(address) => block_of_v6(address),
    };
    (class, if class == Class::Public { 0 } else { bits })
}

fn block_of_v4(address: Ipv4Addr) -> (Class, u32) {
    V4_BLOCKS
        .iter()
        .find(|(block, bits, _)| same_prefix(left(*block), left(address), *bits))
        .map_or((Class::Public, 0), |(_, bits, class)| (*class, *bits))
}

fn block_of_v6(address: Ipv6Addr) -> (Class, u32) {
    let found = V6_BLOCKS
        .iter()
        .find(|(block, bits, _)| same_prefix(block.to_bits(), address.to_bits(), *bits));
    match found {
        // What a whole address inside this one reaches is for its own block to say.
        Some((_, 96, Class::Embedded)) => {
            let [.., a, b, c, d] = address.octets();
            (
                Class::Embedded,
                96 + block_of(Ipv4Addr::new(a, b, c, d).into()).1,
            )
        }
        Some((_, bits, class)) => (*class, *bits),
        // Much wider than any network, so that a slip of the pen names nothing.
        None => (Class::Reserved, 8),
    }
}

fn left(address: Ipv4Addr) -> u128 {
    u128::from(address.to_bits()) << 96
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

fn same_prefix(a: u128, b: u128, bits: u32) -> bool {
    (a ^ b).leading_zeros() >= bits
}

/// The first block that holds an address decides; what no block holds is public.
const V4_BLOCKS: [(Ipv4Addr, u32, Class); 28] = [
    // Where clouds answer their machines: instance metadata, credentials, platform services. Azure's
    // 168.63.129.16 looks public.
    (Ipv4Addr::new(100, 96, 0, 96), 32, Class::Metadata),
    (Ipv4Addr::new(100, 100, 100, 200), 32, Class::Metadata),
    (Ipv4Addr::new(168, 63, 129, 16), 32, Class::Metadata),
    (Ipv4Addr::new(169, 254, 0, 23), 32, Class::Metadata),
    (Ipv4Addr::new(169, 254, 10, 10), 32, Class::Metadata),
    (Ipv4Addr::new(169, 254, 42, 42), 32, Class::Metadata),
    (Ipv4Addr::new(169, 254, 169, 0), 24, Class::Metadata),
    (Ipv4Addr::new(169, 254, 170, 0), 24, Class::Metadata),
    (Ipv4Addr::new(192, 0, 0, 192), 32, Class::Metadata),
    (Ipv4Addr::new(0, 0, 0, 0), 8, Class::Unspecified),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Class::Private),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Class::Shared),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Class::Loopback),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Class::LinkLocal),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Class::Private),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Class::Reserved),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Class::Documentation),
    // AS112 and AMT: reachable from everywhere, and nobody's mail.
    (Ipv4Addr::new(192, 31, 196, 0), 24, Class::Reserved),
    (Ipv4Addr::new(192, 52, 193, 0), 24, Class::Reserved),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Class::Embedded),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Class::Private),
    (Ipv4Addr::new(192, 175, 48, 0), 24, Class::Reserved),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Class::Documentation),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Class::Documentation),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Class::Documentation),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Class::Multicast),
    (Ipv4Addr::new(255, 255, 255, 255), 32, Class::Multicast),
    (Ipv4Addr::new(240, 0, 0, 0), 4, Class::Reserved),
];

/// The first block that holds an address decides; what no block holds is reserved.
const V6_BLOCKS: [(Ipv6Addr, u32, Class); 27] = [
    (Ipv6Addr::UNSPECIFIED, 128, Class::Unspecified),
    (Ipv6Addr::LOCALHOST, 128, Class::Loopback),
    // IPv4-compatible, -mapped and -translated.
    (v6(0, 0, 0, 0, 0, 0, 0), 96, Class::Embedded),
    (v6(0, 0, 0, 0, 0, 0xffff, 0), 96, Class::Embedded),
    (v6(0, 0, 0, 0, 0xffff, 0, 0), 96, Class::Embedded),
    // NAT64, well known and local.
    (v6(0x64, 0xff9b, 0, 0, 0, 0, 0), 96, Class::Embedded),
    (v6(0x64, 0xff9b, 1, 0, 0, 0, 0), 48, Class::Embedded),
    // Teredo, then the other protocol assignments.
    (v6(0x2001, 0, 0, 0, 0, 0, 0), 32, Class::Embedded),
    (v6(0x2001, 2, 0, 0, 0, 0, 0), 48, Class::Documentation),
    (v6(0x2001, 0xdb8, 0, 0, 0, 0, 0), 32, Class::Documentation),
    (v6(0x2001, 0, 0, 0, 0, 0, 0), 23, Class::Reserved),
    (v6(0x2002, 0, 0, 0, 0, 0, 0), 16, Class::Embedded),
    // AS112.
    (v6(0x2620, 0x4f, 0x8000, 0, 0, 0, 0), 48, Class::Reserved),
    (v6(0x3fff, 0, 0, 0, 0, 0, 0), 20, Class::Documentation),
    (v6(0x2000, 0, 0, 0, 0, 0, 0), 3, Class::Public),
    (v6(0x5f00, 0, 0, 0, 0, 0, 0), 16, Class::Reserved),
    // The metadata services of Amazon, Google, Oracle, Scaleway, Linode, Alibaba and OpenStack.
    (v6(0xfd00, 0xec2, 0, 0, 0, 0, 0), 32, Class::Metadata),
    (v6(0xfd20, 0xce, 0, 0, 0, 0, 0), 32, Class::Metadata),
    (v6(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe), 112, Class::Metadata),
    (v6(0xfd00, 0x42, 0, 0, 0, 0, 0), 112, Class::Metadata),
    (v6(0xfd00, 0xa9fe, 0xa9fe, 0, 0, 0, 0), 64, Class::Metadata),
    (v6(0xfd00, 0x100, 0, 0, 0, 0, 0x100), 112, Class::Metadata),
    (v6(0xfe80, 0, 0, 0, 0, 0, 0xa9fe), 112, Class::Metadata),
    (v6(0xfc00, 0, 0, 0, 0, 0, 0), 7, Class::Private),
    (v6(0xfe80, 0, 0, 0, 0, 0, 0), 10, Class::LinkLocal),
    // Site-local, deprecated but still routed by some.
    (v6(0xfec0, 0, 0, 0, 0, 0, 0), 10, Class::Private),
    (v6(0xff00, 0, 0, 0, 0, 0, 0), 8, Class::Multicast),
];

/// Builds a block's address from its first seven groups.
const fn v6(a: u16, b: u16, c: u16, d: u16, e: u16, f: u16, g: u16) -> Ipv6Addr {
    Ipv6Addr::new(a, b, c, d, e, f, g, 0)
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
    fn a_range_names_what_it_holds_of_one_kind() {
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
    fn a_range_of_more_than_one_kind_leaves_some_out() {
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
