//! Attempts to reach internal networks through the bridge.
//!
//! With each bridge a canary listens on loopback, on the requested port, which the bridge's rule allows. So
//! only the judgement of the address protects it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::BoxFuture;
use restante_bridge::Settings;
use restante_bridge::limits::Limits;
use restante_bridge::policy::Policy;
use restante_bridge::resolve::Resolve;
use restante_shared::relay::{CloseCode, Host, PATH, SUBPROTOCOL};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::{Names, TestBridge, within};

/// Listeners on 127.0.0.1 and ::1, on one port.
struct LoopbackCanary {
    listeners: Vec<TcpListener>,
    port: u16,
}

impl LoopbackCanary {
    fn start() -> Self {
        for _ in 0..100 {
            let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let port = v4.local_addr().unwrap().port();
            // Another program may use this port on the other address.
            if let Ok(v6) = TcpListener::bind((Ipv6Addr::LOCALHOST, port)) {
                let listeners = vec![v4, v6];
                for listener in &listeners {
                    listener.set_nonblocking(true).unwrap();
                }
                return Self { listeners, port };
            }
        }
        panic!("there is no port that is free on 127.0.0.1 and ::1");
    }

    /// Returns true if a client has connected. The kernel has accepted it before the bridge answers.
    fn was_reached(&self) -> bool {
        self.listeners
            .iter()
            .any(|listener| listener.accept().is_ok())
    }
}

/// A bridge that allows any host on `ports`, at public addresses.
async fn bridge(rules: &[String], names: impl Resolve) -> TestBridge {
    let settings = Settings {
        policy: rules
            .iter()
            .map(|rule| rule.parse().unwrap())
            .fold(Policy::default(), Policy::allow),
        resolver: Arc::new(names),
        // No limit is to refuse the many requests.
        limits: Limits {
            relays_per_minute: 10_000,
            ..Limits::default()
        },
        ..Settings::default()
    };
    TestBridge::start(settings).await
}

/// Every class of non-public addresses, and above all the ways to loopback.
const SPECIAL: [&str; 56] = [
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "0.0.0.0",
    "0.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.255",
    "169.254.1.1",
    "224.0.0.1",
    "239.255.255.255",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "192.88.99.1",
    // Metadata services.
    "169.254.169.254",
    "169.254.170.2",
    "169.254.42.42",
    "169.254.0.23",
    "168.63.129.16",
    "100.100.100.200",
    "100.96.0.96",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fd00:42::42",
    "fd00:c1::a9fe:a9fe",
    "fe80::a9fe:a9fe",
    // IPv6.
    "::",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff05::1:3",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "4000::1",
    "100::1",
    // IPv4 embedded in IPv6.
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b:1::127.0.0.1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "2002:7f00:1::1",
];

#[tokio::test]
async fn the_canary_is_reached_if_a_rule_names_it() {
    for host in ["127.0.0.1", "[::1]"] {
        let canary = LoopbackCanary::start();
        let port = canary.port;
        let bridge = bridge(&[format!("{host}:{port}")], Names::default()).await;
        let mut client = bridge.open(host, port).await;
        client.send("CAPA\r\n").await;
        within(async {
            while !canary.was_reached() {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

#[tokio::test]
async fn no_special_address_is_dialled_as_a_literal() {
    let canary = LoopbackCanary::start();
    let port = canary.port;
    let bridge = bridge(&[format!("*:{port}")], Names::default()).await;
    for address in SPECIAL {
        let address: IpAddr = address.parse().unwrap();
        let host = match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        let mut client = bridge.open(&host, port).await;
        let code = client.close_code().await;
        assert_eq!(code, CloseCode::Policy.number(), "{host}");
    }
    assert!(!canary.was_reached());
}

#[tokio::test]
async fn no_name_is_dialled_at_a_special_address_alone_or_among_public_ones() {
    let canary = LoopbackCanary::start();
    let port = canary.port;
    let mut names = Names::default();
    let mut hosts = Vec::new();
    for (index, address) in SPECIAL.into_iter().enumerate() {
        for (kind, answer) in [
            ("alone", vec![address]),
            ("last", vec!["1.1.1.1", "2606:4700::1111", address]),
            ("first", vec![address, "1.1.1.1"]),
        ] {
            let host = format!("{kind}-{index}.example");
            names = names.with(&host, &answer);
            hosts.push((host, address));
        }
    }
    let bridge = bridge(&[format!("*:{port}")], names).await;
    for (host, address) in hosts {
        let mut client = bridge.open(&host, port).await;
        let code = client.close_code().await;
        assert_eq!(code, CloseCode::Policy.number(), "{host} {address}");
    }
    assert!(!canary.was_reached());
}

#[tokio::test]
async fn names_of_this_machine_are_treated_like_any_other() {
    let canary = LoopbackCanary::start();
    let port = canary.port;
    let hosts = [
        "localhost",
        "a.localhost",
        "ip6-localhost",
        "localhost.localdomain",
    ];
    let names = hosts.iter().fold(Names::default(), |names, host| {
        names.with(host, &["127.0.0.1", "::1"])
    });
    let bridge = bridge(&[format!("*:{port}")], names).await;
    for host in hosts
        .into_iter()
        .chain(["LOCALHOST", "localhost.", "LocalHost."])
    {
        let mut client = bridge.open(host, port).await;
        let code = client.close_code().await;
        assert_eq!(code, CloseCode::Policy.number(), "{host}");
    }
    assert!(!canary.was_reached());
}

#[tokio::test]
async fn unusual_spellings_of_a_host_are_refused() {
    let canary = LoopbackCanary::start();
    let port = canary.port;
    let bridge = bridge(&[format!("*:{port}")], Names::default()).await;
    let long_label = format!("{}.example", "a".repeat(64));
    let long_name = format!("{}example", "a.".repeat(124));
    for host in [
        // Spellings that inet_aton parses as 127.0.0.1 or 0.0.0.0.
        "127.1",
        "127.0.1",
        "127.0.0.1.",
        "127.0.0.01",
        "0177.0.0.1",
        "0177.0.0.01",
        "0x7f.0.0.1",
        "0x7f.0x0.0x0.0x1",
        "0x7f000001",
        "0X7F000001",
        "0x7f.1",
        "2130706433",
        "017700000001",
        "00000000000000000000000000000177.0.0.1",
        "4294967295",
        "0",
        "00",
        "0x0",
        "127.0.0.256",
        "383.0.0.1",
        // Brackets, scopes, and other spellings of ::1.
        "[127.0.0.1]",
        "[[::1]]",
        "[::1",
        "0:0:0:0:0:0:0:1",
        "[0000:0000:0000:0000:0000:0000:0000:0001]",
        "[::0001]",
        "[::0.0.0.1]",
        "[::ffff:7f00:0001]",
        "[0:0:0:0:0:FFFF:127.0.0.1]",
        "[::1%25lo]",
        "[::1%251]",
        "[fe80::1%25lo]",
        "fe80::1%25eth0",
        "::1%25lo",
        "%3A%3A1",
        "%3a%3a1",
        "%3A%3affff%3A127.0.0.1",
        "%5B::1%5D",
        // Percent-encoding.
        "%31%32%37.0.0.1",
        "127%2e0%2e0%2e1",
        "127.0.0.1%00",
        "%00127.0.0.1",
        "127.0.0.1%00.example",
        "127.0.0.1%0d%0a",
        "127.0.0.1%0d%0aHost:%20evil.example",
        "127.0.0.1%20",
        "%20127.0.0.1",
        "127.0.0.1%09",
        "127.0.0.1+",
        "+127.0.0.1",
        "%2531%2532%2537.0.0.1",
        "%",
        "%zz",
        // Look-alikes: full-width digits, circled digits, the ideographic full stop.
        "%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1",
        "%E2%91%A0%E2%91%A1%E2%91%A6.0.0.1",
        "127%E3%80%820%E3%80%820%E3%80%821",
        "127%EF%BC%8E0.0.1",
        "%C0%AE",
        "%FF%FE",
        // Parts that other parsers would cut off.
        "127.0.0.1:80",
        "user@127.0.0.1",
        "user:password@127.0.0.1",
        "pop.example.org@127.0.0.1",
        "127.0.0.1/",
        "127.0.0.1/..",
        "127.0.0.1\\pop.example.org",
        "127.0.0.1?",
        "127.0.0.1;pop.example.org",
        "127.0.0.1,pop.example.org",
        "pop.example.org,127.0.0.1",
        "http://127.0.0.1",
        "//127.0.0.1",
        // Empty, and too long.
        "",
        ".",
        "..",
        "-",
        "*",
        "a..example",
        ".example",
        "-a.example",
        "a-.example",
        &long_label,
        &long_name,
        &"1".repeat(5000),
        &"[".repeat(100),
    ] {
        let target = format!("{PATH}?host={host}&port={port}");
        let refused = is_refused(&bridge, target.as_bytes()).await;
        assert!(refused, "{host:?} was not refused");
    }
    assert!(!canary.was_reached());
}

#[tokio::test]
async fn unusual_spellings_of_a_port_and_invalid_queries_are_refused() {
    let canary = LoopbackCanary::start();
    let port = canary.port;
    // A rule names the canary's address here, so that only host and port can be refused.
    let rules = [format!("127.0.0.1:{port}"), format!("[::1]:{port}")];
    let bridge = bridge(&rules, Names::default()).await;
    let beyond = u32::from(port) + 65536;
    let digits: String = port
        .to_string()
        .bytes()
        .map(|o| format!("%{o:02x}"))
        .collect();
    for query in [
        String::new(),
        "host=127.0.0.1".to_owned(),
        format!("port={port}"),
        "host=127.0.0.1&port=".to_owned(),
        "host=127.0.0.1&port=0".to_owned(),
        "host=127.0.0.1&port=00".to_owned(),
        format!("host=127.0.0.1&port={beyond}"),
        format!("host=127.0.0.1&port={}", u64::from(port) + (1 << 32)),
        format!("host=127.0.0.1&port=-{port}"),
        format!("host=127.0.0.1&port=+{port}"),
        format!("host=127.0.0.1&port=%20{port}"),
        format!("host=127.0.0.1&port={port}%20"),
        format!("host=127.0.0.1&port={port}%00"),
        format!("host=127.0.0.1&port={port}.0"),
        format!("host=127.0.0.1&port={port}e0"),
        format!("host=127.0.0.1&port=0x{port:x}"),
        format!("host=127.0.0.1&port={digits}"),
        format!("host=127.0.0.1&port={port},995"),
        format!("host=127.0.0.1&port={port}&port={port}"),
        format!("host=127.0.0.1&port=995&port={port}"),
        format!("host=127.0.0.1&port={port}&port=995"),
        format!("host=127.0.0.1&host=127.0.0.1&port={port}"),
        format!("host=pop.example&host=127.0.0.1&port={port}"),
        format!("HOST=127.0.0.1&PORT={port}"),
        format!("host[]=127.0.0.1&port={port}"),
        format!("host=127.0.0.1;port={port}"),
        format!("host=127.0.0.1%26port={port}"),
        format!("%68ost=127.0.0.1&port={port}"),
        format!("host=127.0.0.1&port={}", "9".repeat(4000)),
    ] {
        let target = format!("{PATH}?{query}");
        let refused = is_refused(&bridge, target.as_bytes()).await;
        assert!(refused, "{query:?} was not refused");
    }
    for other in [1, 22, 25, 80, 110, 143, 443, 995, port ^ 1] {
        let mut client = bridge.open("127.0.0.1", other).await;
        let code = client.close_code().await;
        assert_eq!(code, CloseCode::Policy.number(), "{other}");
    }
    assert!(!canary.was_reached());
}

#[tokio::test]
async fn bytes_that_are_not_a_query_reach_nothing() {
    let canary = LoopbackCanary::start();
    let port = canary.port;
    let rules = [format!("127.0.0.1:{port}")];
    let bridge = bridge(&rules, Names::default()).await;
    for target in [
        format!("{PATH}?host=127.0.0.1 &port={port}").into_bytes(),
        format!("{PATH}?host=127.0.0.1\0&port={port}").into_bytes(),
        format!("{PATH}?host=127.0.0.1\t&port={port}").into_bytes(),
        format!("{PATH}?host=\u{ff11}27.0.0.1&port={port}").into_bytes(),
        [PATH.as_bytes(), b"?host=\xff\xfe127.0.0.1&port=995"].concat(),
        format!("{PATH}#?host=127.0.0.1&port={port}").into_bytes(),
        format!("{PATH}/?host=127.0.0.1&port={port}").into_bytes(),
        format!("/.{PATH}?host=127.0.0.1&port={port}").into_bytes(),
        format!("{PATH}%3Fhost=127.0.0.1&port={port}").into_bytes(),
    ] {
        let shown = String::from_utf8_lossy(&target).into_owned();
        assert!(
            is_refused(&bridge, &target).await,
            "{shown:?} was not refused"
        );
        assert!(!canary.was_reached(), "{shown:?}");
    }
}

/// A name server whose answer differs each time.
struct Rebinding {
    answers: Vec<Vec<IpAddr>>,
    asked: Arc<AtomicUsize>,
}

impl Resolve for Rebinding {
    fn resolve<'a>(&'a self, _: &'a Host) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed);
        let answer = self.answers[turn % self.answers.len()].clone();
        Box::pin(async move { Ok(answer) })
    }
}

#[tokio::test]
async fn a_name_that_changes_is_resolved_once_and_dialled_at_the_judged_address() {
    let canary = LoopbackCanary::start();
    let port = canary.port;
    let [allowed, inside] = ["127.0.0.1", "::1"].map(|a| a.parse::<IpAddr>().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let names = Rebinding {
        answers: vec![vec![allowed], vec![inside], vec![allowed, inside]],
        asked: Arc::clone(&asked),
    };
    let bridge = bridge(&[format!("rebind.example:{port}={allowed}/32")], names).await;
    for round in 0..6 {
        let mut client = bridge.open("rebind.example", port).await;
        if round % 3 == 0 {
            within(async {
                while canary.listeners[0].accept().is_err() {
                    tokio::task::yield_now().await;
                }
            })
            .await;
        } else {
            let code = client.close_code().await;
            assert_eq!(code, CloseCode::Policy.number(), "{round}");
        }
        assert_eq!(asked.load(Ordering::Relaxed), round + 1);
        assert!(!canary.was_reached());
    }
}

#[tokio::test]
async fn an_endless_answer_is_refused() {
    let canary = LoopbackCanary::start();
    let port = canary.port;
    let names = Names::default().with("many.example", &["1.1.1.1"; 33]);
    let bridge = bridge(&[format!("*:{port}")], names).await;
    let mut client = bridge.open("many.example", port).await;
    assert_eq!(client.close_code().await, CloseCode::Policy.number());
    assert!(!canary.was_reached());
}

/// Requests a relay with these exact bytes, and returns true if it is refused: over HTTP, or with the
/// policy's close code.
async fn is_refused(bridge: &TestBridge, path_and_query: &[u8]) -> bool {
    let address = bridge.address;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let rest = format!(
        " HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
    );
    let request = [b"GET ", path_and_query, rest.as_bytes()].concat();
    stream.write_all(&request).await.unwrap();
    let mut answer = Vec::new();
    let head_end = loop {
        if let Some(at) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if within(stream.read_buf(&mut answer)).await.unwrap_or(0) == 0 {
            // Closed without a response.
            return true;
        }
    };
    if !answer.starts_with(b"HTTP/1.1 101 ") {
        return answer.starts_with(b"HTTP/1.1 4");
    }
    // A close frame: its first byte, its length, and the code.
    while answer.len() < head_end + 4 {
        assert_ne!(within(stream.read_buf(&mut answer)).await.unwrap(), 0);
    }
    let [kind, _, high, low] = answer[head_end..head_end + 4] else {
        return false;
    };
    kind == 0x88 && u16::from_be_bytes([high, low]) == CloseCode::Policy.number()
}
