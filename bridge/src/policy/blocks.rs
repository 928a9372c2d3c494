//! The special-purpose blocks of IANA's registries, and those of cloud services.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

use super::address::Class;

/// IPv4 blocks. The first that contains an address decides; an address in none is public.
pub(super) const V4_BLOCKS: [(Ipv4Net, Class); 28] = [
    // Services that clouds offer to their machines: instance metadata, credentials, platform services.
    // Azure's 168.63.129.16 looks public.
    (v4([100, 96, 0, 96], 32), Class::Metadata),
    (v4([100, 100, 100, 200], 32), Class::Metadata),
    (v4([168, 63, 129, 16], 32), Class::Metadata),
    (v4([169, 254, 0, 23], 32), Class::Metadata),
    (v4([169, 254, 10, 10], 32), Class::Metadata),
    (v4([169, 254, 42, 42], 32), Class::Metadata),
    (v4([169, 254, 169, 0], 24), Class::Metadata),
    (v4([169, 254, 170, 0], 24), Class::Metadata),
    (v4([192, 0, 0, 192], 32), Class::Metadata),
    (v4([0, 0, 0, 0], 8), Class::Unspecified),
    (v4([10, 0, 0, 0], 8), Class::Private),
    (v4([100, 64, 0, 0], 10), Class::Shared),
    (v4([127, 0, 0, 0], 8), Class::Loopback),
    (v4([169, 254, 0, 0], 16), Class::LinkLocal),
    (v4([172, 16, 0, 0], 12), Class::Private),
    (v4([192, 0, 0, 0], 24), Class::Reserved),
    (v4([192, 0, 2, 0], 24), Class::Documentation),
    // AS112 and AMT: reachable from everywhere, but no mail servers.
    (v4([192, 31, 196, 0], 24), Class::Reserved),
    (v4([192, 52, 193, 0], 24), Class::Reserved),
    (v4([192, 88, 99, 0], 24), Class::Embedded),
    (v4([192, 168, 0, 0], 16), Class::Private),
    (v4([192, 175, 48, 0], 24), Class::Reserved),
    (v4([198, 18, 0, 0], 15), Class::Documentation),
    (v4([198, 51, 100, 0], 24), Class::Documentation),
    (v4([203, 0, 113, 0], 24), Class::Documentation),
    (v4([224, 0, 0, 0], 4), Class::Multicast),
    (v4([255, 255, 255, 255], 32), Class::Multicast),
    (v4([240, 0, 0, 0], 4), Class::Reserved),
];

/// IPv6 blocks. The first that contains an address decides; an address in none is reserved.
pub(super) const V6_BLOCKS: [(Ipv6Net, Class); 27] = [
    (v6([0; 7], 128), Class::Unspecified),
    (LOCALHOST, Class::Loopback),
    // IPv4-compatible, -mapped and -translated.
    (v6([0, 0, 0, 0, 0, 0, 0], 96), Class::Embedded),
    (v6([0, 0, 0, 0, 0, 0xffff, 0], 96), Class::Embedded),
    (v6([0, 0, 0, 0, 0xffff, 0, 0], 96), Class::Embedded),
    // NAT64, well known and local.
    (v6([0x64, 0xff9b, 0, 0, 0, 0, 0], 96), Class::Embedded),
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0], 48), Class::Embedded),
    // Teredo, then the other protocol assignments.
    (v6([0x2001, 0, 0, 0, 0, 0, 0], 32), Class::Embedded),
    (v6([0x2001, 2, 0, 0, 0, 0, 0], 48), Class::Documentation),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0], 32), Class::Documentation),
    (v6([0x2001, 0, 0, 0, 0, 0, 0], 23), Class::Reserved),
    (v6([0x2002, 0, 0, 0, 0, 0, 0], 16), Class::Embedded),
    // AS112.
    (v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0], 48), Class::Reserved),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0], 20), Class::Documentation),
    (v6([0x2000, 0, 0, 0, 0, 0, 0], 3), Class::Public),
    (v6([0x5f00, 0, 0, 0, 0, 0, 0], 16), Class::Reserved),
    // The metadata services of Amazon, Google, Oracle, Scaleway, Linode, Alibaba and OpenStack.
    (v6([0xfd00, 0xec2, 0, 0, 0, 0, 0], 32), Class::Metadata),
    (v6([0xfd20, 0xce, 0, 0, 0, 0, 0], 32), Class::Metadata),
    (v6([0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe], 112), Class::Metadata),
    (v6([0xfd00, 0x42, 0, 0, 0, 0, 0], 112), Class::Metadata),
    (
        v6([0xfd00, 0xa9fe, 0xa9fe, 0, 0, 0, 0], 64),
        Class::Metadata,
    ),
    (v6([0xfd00, 0x100, 0, 0, 0, 0, 0x100], 112), Class::Metadata),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0xa9fe], 112), Class::Metadata),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0], 7), Class::Private),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0], 10), Class::LinkLocal),
    // Site-local, deprecated but still routed by some.
    (v6([0xfec0, 0, 0, 0, 0, 0, 0], 10), Class::Private),
    (v6([0xff00, 0, 0, 0, 0, 0, 0], 8), Class::Multicast),
];

const LOCALHOST: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128);

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

/// Builds a block from the first seven groups of its address.
const fn v6([a, b, c, d, e, f, g]: [u16; 7], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, 0), prefix)
}
