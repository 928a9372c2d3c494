//! Properties of the policy for every address, compared with the standard library's classification.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use restante_bridge::client_address::AddressRange;
use restante_bridge::policy::{Policy, Rule};
use restante_shared::relay::Target;

/// Any address, with a bias to those near special blocks.
fn addresses() -> impl Strategy<Value = IpAddr> {
    const V4: [[u8; 4]; 10] = [
        [0, 0, 0, 0],
        [10, 0, 0, 0],
        [100, 64, 0, 0],
        [127, 0, 0, 0],
        [169, 254, 0, 0],
        [172, 16, 0, 0],
        [192, 168, 0, 0],
        [192, 0, 0, 0],
        [224, 0, 0, 0],
        [240, 0, 0, 0],
    ];
    const V6: [u128; 12] = [
        0,
        0xffff << 32,
        0xffff << 48,
        0x0064_ff9b << 96,
        (0x0064_ff9b << 96) | (1 << 80),
        0x2001 << 112,
        0x2002 << 112,
        0xfc00 << 112,
        0xfd00 << 112,
        0xfe80 << 112,
        0xff00 << 112,
        0x3fff << 112,
    ];
    let near_v4 =
        (prop::sample::select(&V4), any::<u32>(), 0..=32_u32).prop_map(|(base, low, keep)| {
            let mask = u32::MAX.checked_shr(keep).unwrap_or(0);
            IpAddr::from(Ipv4Addr::from_bits(u32::from_be_bytes(base) ^ (low & mask)))
        });
    let near_v6 =
        (prop::sample::select(&V6), any::<u128>(), 0..=128_u32).prop_map(|(base, low, keep)| {
            let mask = u128::MAX.checked_shr(keep).unwrap_or(0);
            IpAddr::from(Ipv6Addr::from_bits(base ^ (low & mask)))
        });
    prop_oneof![any::<IpAddr>(), near_v4, near_v6]
}

/// Returns true if no wildcard may reach the address. Independent of the bridge's tables.
fn is_special(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_multicast()
                || address.is_broadcast()
                || address.is_documentation()
                || a == 0
                || a >= 240
                || (a == 100 && b & 0xc0 == 64)
                || (a == 198 && b & 0xfe == 18)
                || (a, b, c) == (192, 0, 0)
                || address == Ipv4Addr::new(168, 63, 129, 16)
        }
        IpAddr::V6(address) => {
            let [a, b, ..] = address.segments();
            a & 0xe000 != 0x2000
                || (a == 0x2001 && b < 0x200)
                || (a == 0x2001 && b == 0xdb8)
                || a == 0x2002
                || (a == 0x3fff && b < 0x1000)
                || address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_multicast()
        }
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => {
            address.is_unique_local() || address.segments()[0] & 0xffc0 == 0xfec0
        }
    }
}

fn passes(rules: &[&str], target: &Target, addresses: &[IpAddr]) -> bool {
    let policy = rules
        .iter()
        .map(|rule| rule.parse().unwrap())
        .fold(Policy::default(), Policy::allow);
    policy
        .admit(target)
        .is_ok_and(|admission| admission.judge(addresses).is_ok())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn presets_of_public_servers_reach_public_addresses_only(address in addresses()) {
        let rules = ["public-pop3", "pop.example.org", "*.example.org"];
        let named = Target::new("pop.example.org", 995).unwrap();
        let literal = Target::new(&address.to_string(), 995).unwrap();
        for target in [&named, &literal] {
            prop_assert!(!is_special(address) || !passes(&rules, target, &[address]), "{address}");
        }
    }

    #[test]
    fn a_lan_host_is_reached_at_private_addresses_only(address in addresses()) {
        let target = Target::new("mail.lan", 995).unwrap();
        let passed = passes(&["lan-host=mail.lan"], &target, &[address]);
        prop_assert!(!passed || is_private(address), "{address}");
    }

    #[test]
    fn an_answer_passes_only_if_each_address_would(answer in prop::collection::vec(addresses(), 1..6)) {
        let rules = ["public-pop3", "lan-host=mail.lan", "mail.lan=64:ff9b::/96"];
        let target = Target::new("mail.lan", 995).unwrap();
        if passes(&rules, &target, &answer) {
            for address in answer {
                prop_assert!(passes(&rules, &target, &[address]), "{address}");
            }
        }
    }

    #[test]
    fn a_range_allows_nothing_outside_itself(
        network in addresses(),
        bits in 0..=128_u8,
        address in addresses(),
    ) {
        let most = if network.is_ipv4() { 32 } else { 128 };
        let range = format!("{network}/{}", bits.min(most));
        let holds = range.parse::<AddressRange>().unwrap().contains(address);
        let same_family = network.is_ipv4() == address.is_ipv4();
        let target = Target::new("mail.lan", 995).unwrap();
        let passed = passes(&[&format!("*={range}")], &target, &[address]);
        // A range does not contain IPv4 addresses that are embedded in IPv6.
        let mapped = address != address.to_canonical();
        prop_assert!(!passed || mapped || (holds && same_family), "{range} {address}");
        prop_assert!(!passed || bits > 3 || !is_special(address), "{range} {address}");
    }

    #[test]
    fn a_port_that_no_rule_names_is_refused_whatever_the_host(port in 1..=u16::MAX, address in addresses()) {
        let rules = ["public-pop3", "lan-host=mail.lan:1110", "10.0.0.5:2110=127.0.0.1"];
        for host in ["mail.lan", "10.0.0.5", "pop.example.org", &address.to_string()] {
            let target = Target::new(host, port).unwrap();
            let passed = passes(&rules, &target, &[address]);
            prop_assert!(!passed || [110, 995, 1110, 2110].contains(&port), "{target}");
        }
    }

    #[test]
    fn no_text_makes_the_parser_of_rules_panic(text in "\\PC{0,40}") {
        if let Ok(rule) = text.parse::<Rule>() {
            let written = rule.to_string();
            prop_assert_eq!(written.parse::<Rule>().unwrap(), rule, "{}", written);
        }
    }
}
