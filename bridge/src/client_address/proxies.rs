//! The trusted proxies, and the client addresses that they report.

use std::net::{IpAddr, SocketAddr};

use hyper::header::{HeaderMap, HeaderName};

use super::AddressRange;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The proxies in front of the bridge.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// Their addresses. Reports of client addresses are trusted only from them.
    pub trusted: Vec<AddressRange>,
    /// True if they begin every connection with a header of the PROXY protocol.
    pub proxy_protocol: bool,
}

impl Proxies {
    /// Returns true if `peer` is a trusted proxy, whose reports of client addresses are used.
    #[must_use]
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted.iter().any(|range| range.contains(peer))
    }

    /// Returns the address of the client that sent `headers` over a connection from `peer`.
    ///
    /// Each proxy appends the address of its own peer to `X-Forwarded-For`. So the list is read from its
    /// end, up to the first address that is not a trusted proxy. The entries before it are unverified
    /// claims of that client. A malformed list is ignored as a whole.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        let mut client = peer;
        for line in headers.get_all(FORWARDED_FOR).iter().rev() {
            for entry in line.as_bytes().rsplit(|byte| *byte == b',') {
                if !self.trusts(client) {
                    return client;
                }
                match std::str::from_utf8(entry).ok().and_then(address) {
                    Some(address) => client = address,
                    None => return peer,
                }
            }
        }
        client
    }
}

/// Parses an entry of `X-Forwarded-For`; some proxies add the port.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim_matches([' ', '\t']);
    let bare = entry
        .strip_prefix('[')
        .and_then(|entry| entry.strip_suffix(']'))
        .unwrap_or(entry);
    let address = bare.parse::<IpAddr>().or_else(|_| {
        let with_port = entry.parse::<SocketAddr>();
        with_port.map(|address| address.ip())
    });
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, lines: &[&[u8]]) -> String {
        let proxies = Proxies {
            trusted: ["10.0.0.0/8", "2001:db8::/32"]
                .map(|range| range.parse().unwrap())
                .to_vec(),
            ..Proxies::default()
        };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.to_vec().try_into().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn the_last_address_that_is_not_a_proxy_is_the_client() {
        for (lines, expected) in [
            (&[b"192.0.2.1".as_slice()] as &[&[u8]], "192.0.2.1"),
            (&[b"203.0.113.9, 192.0.2.1"], "192.0.2.1"),
            (&[b"203.0.113.9", b"192.0.2.1"], "192.0.2.1"),
            (
                &[b"203.0.113.9", b"192.0.2.1,10.1.1.1", b"10.2.2.2"],
                "192.0.2.1",
            ),
            // The entries before the client's address are claims of the client.
            (&[b"rubbish, 10.1.1.1, 192.0.2.1 ,\t10.1.1.1"], "192.0.2.1"),
            (&[b"10.1.1.1, 10.2.2.2"], "10.1.1.1"),
            (&[b"192.0.2.1:4711"], "192.0.2.1"),
            (&[b"[2a00::1]:4711"], "2a00::1"),
            (&[b"[2a00::1]"], "2a00::1"),
            (&[b"::ffff:192.0.2.1"], "192.0.2.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(client("10.0.0.1", lines), expected, "{lines:?}");
            assert_eq!(client("::ffff:10.0.0.1", lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn only_a_trusted_peer_may_report_clients() {
        assert_eq!(client("192.0.2.7", &[b"192.0.2.1"]), "192.0.2.7");
        assert_eq!(client("::1", &[b"192.0.2.1"]), "::1");
        assert_eq!(client("2001:db8::1", &[b"192.0.2.1"]), "192.0.2.1");
    }

    #[test]
    fn a_malformed_list_is_ignored() {
        for line in [
            b"".as_slice(),
            b"unknown",
            b"192.0.2.1,",
            b"192.0.2.1, rubbish, 10.1.1.1",
            b"192.0.2",
            b"192.0.2.1 192.0.2.2",
            b"\xff\xfe",
            b"for=192.0.2.1",
            b"[192.0.2.1",
        ] {
            assert_eq!(client("10.0.0.1", &[line]), "10.0.0.1", "{line:?}");
        }
    }
}
