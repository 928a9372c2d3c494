//! The log of relays: clients and amounts of data, but never the data itself.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

use restante_shared::relay::{CloseCode, PATH, SUBPROTOCOL};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::world::{PATIENCE, TestClient, TestTarget, within};

/// A started bridge, and the `host:port` of its address.
fn start(arguments: &[&str]) -> (Child, String) {
    start_with(arguments, Stdio::piped())
}

fn start_with(arguments: &[&str], log: Stdio) -> (Child, String) {
    let mut bridge = Command::new(env!("CARGO_BIN_EXE_restante-bridge"))
        .args(["--listen", "127.0.0.1:0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(bridge.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("Restante: http://").unwrap();
    let address = address.strip_suffix('/').unwrap().to_owned();
    (bridge, address)
}

async fn open(address: &str, query: &str) -> TestClient {
    let mut request = format!("ws://{address}{PATH}?{query}")
        .into_client_request()
        .unwrap();
    let headers = request.headers_mut();
    headers.insert("Origin", format!("http://{address}").parse().unwrap());
    headers.insert("Sec-WebSocket-Protocol", SUBPROTOCOL.parse().unwrap());
    let stream = TcpStream::connect(address).await.unwrap();
    let (socket, _) = tokio_tungstenite::client_async(request, stream)
        .await
        .unwrap();
    TestClient { socket }
}

/// Returns the log up to a line with `text`, and ends the bridge.
fn log_until(mut bridge: Child, text: &str) -> String {
    let mut log = String::new();
    let mut stderr = BufReader::new(bridge.stderr.take().unwrap());
    while !log.contains(text) {
        assert_ne!(stderr.read_line(&mut log).unwrap(), 0, "{log}");
    }
    bridge.kill().unwrap();
    bridge.wait().unwrap();
    log
}

#[tokio::test]
async fn a_refusal_names_the_closest_rules() {
    for (rules, query, reason) in [
        (
            "public-pop3",
            "host=127.0.0.1&port=995",
            "loopback (public-pop3)",
        ),
        (
            "public-pop3",
            "host=pop.example&port=25",
            "port 25 is not allowed (public-pop3)",
        ),
        (
            "*.example,a.test",
            "host=b.test&port=995",
            "(no rule names the host)",
        ),
        (
            "*.example,a.example:25",
            "host=a.example&port=26",
            "(*.example, a.example:25)",
        ),
    ] {
        let (bridge, address) = start(&["--allow", rules]);
        open(&address, query).await.close_code().await;
        let log = log_until(bridge, "relay refused");
        assert!(log.contains(reason), "{reason}: {log}");
    }
}

#[tokio::test]
async fn the_log_names_targets_and_amounts_but_no_data_at_any_level() {
    let target = TestTarget::start().await;
    let allowed = format!("localhost:{}", target.port);
    let (bridge, address) = start(&["--log", "trace", "--allow", &allowed]);
    let query = format!("host=localhost&port={}", target.port);
    let mut client = open(&address, &query).await;
    client.send("PASS hunter2\r\n").await;
    let mut server = target.accept().await;
    server.write_all(b"+OK swordfish").await.unwrap();
    assert_eq!(client.receive(13).await, b"+OK swordfish");
    drop(server);
    client.close_code().await;

    let log = log_until(bridge, "relay ended");
    assert!(
        log.contains(&allowed) && log.contains("to_client=13"),
        "{log}"
    );
    // As text, and as the numbers of the bytes.
    for secret in ["hunter2", "swordfish", "104, 117, 110", "115, 119, 111"] {
        assert!(!log.contains(secret), "{log}");
    }
}

/// A full disk, or a pipe to a program that has ended, must not stop the bridge.
#[tokio::test]
async fn a_closed_log_stops_nothing() {
    let (mut bridge, address) = start(&["--log", "debug"]);
    drop(bridge.stderr.take());
    for _ in 0..3 {
        let mut client = open(&address, "host=127.0.0.1&port=995").await;
        assert_eq!(client.close_code().await, CloseCode::Policy.number());
    }
    let pid = bridge.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(sent.unwrap().success() && bridge.wait().unwrap().success());
}

/// For example a pager that was left open, or a blocked journal.
#[tokio::test]
async fn a_blocked_log_delays_nothing_and_the_dropped_lines_are_reported() {
    for (format, note) in [
        ("text", "standard error was blocked lost="),
        ("json", "standard error was blocked\",\"lost\":"),
    ] {
        let (reader, mut log) = UnixStream::pair().unwrap();
        log.set_nonblocking(true).unwrap();
        let mut filled = 0;
        while let Ok(count) = log.write(&[b'x'; 512]) {
            filled += count;
        }
        // The copies share this setting, including the bridge's.
        log.set_nonblocking(false).unwrap();
        let arguments = ["--log-format", format];
        let (mut bridge, address) = start_with(&arguments, Stdio::from(OwnedFd::from(log)));
        let refused = async || {
            let mut client = open(&address, "host=127.0.0.1&port=995").await;
            assert_eq!(client.close_code().await, CloseCode::Policy.number());
        };
        for _ in 0..3 {
            within(refused()).await;
        }
        reader.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut lines = BufReader::new(reader);
        lines.read_exact(&mut vec![0; filled]).unwrap();
        within(refused()).await;
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        assert!(line.contains(note), "{line}");
        line.clear();
        lines.read_line(&mut line).unwrap();
        assert!(line.contains("relay refused"), "{line}");
        bridge.kill().unwrap();
        bridge.wait().unwrap();
    }
}
