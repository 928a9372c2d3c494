//! The status listener: its answers, and its limits.

use std::process::{Command, Stdio};
use std::sync::Arc;

use bytes::Bytes;
use hyper::http;
use restante_bridge::Settings;
use restante_bridge::origin::TlsMode;
use restante_bridge::status::Status;
use restante_bridge::tls::{AcmeSettings, Tls};
use restante_shared::relay::CloseCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::binary::{PROGRAM, Started, get};
use crate::tls::secure_settings;
use crate::world::{PATIENCE, TestBridge, TestTarget, fetch, field, within};

/// A status listener, which ends with the test.
struct WatchedBridge {
    address: String,
    task: JoinHandle<()>,
}

impl WatchedBridge {
    async fn start(settings: &Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let status = Status {
            lifecycle: settings.lifecycle.clone(),
            metrics: Arc::clone(&settings.metrics),
            tls_mode: settings.tls_mode.clone(),
        };
        let task = tokio::spawn(status.serve(listener));
        Self { address, task }
    }

    async fn ask(&self, method: &str, path: &str) -> http::Response<Bytes> {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("Host", &self.address)
            .body(())
            .unwrap();
        fetch(TcpStream::connect(&self.address).await.unwrap(), request).await
    }

    async fn says(&self, path: &str) -> (u16, String) {
        let answer = self.ask("GET", path).await;
        let text = String::from_utf8(answer.body().to_vec()).unwrap();
        (answer.status().as_u16(), text)
    }

    /// Waits until the metrics contain this line.
    async fn counts(&self, line: &str) {
        within(async {
            loop {
                let (_, text) = self.says("/metrics").await;
                if text.lines().any(|found| found == line) {
                    break;
                }
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

impl Drop for WatchedBridge {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[tokio::test]
async fn readiness_follows_the_bridges_lifecycle() {
    let target = TestTarget::start().await;
    let settings = Settings::default().allow_loopback([target.port]);
    let lifecycle = settings.lifecycle.clone();
    let watched = WatchedBridge::start(&settings).await;
    assert_eq!(watched.says("/healthz").await, (200, "ok\n".to_owned()));
    assert_eq!(
        watched.says("/readyz").await,
        (503, "starting\n".to_owned())
    );
    let bridge = TestBridge::start(settings).await;
    let mut client = bridge.open("127.0.0.1", target.port).await;
    let server = target.accept().await;
    assert_eq!(watched.says("/readyz").await, (200, "ready\n".to_owned()));
    lifecycle.drain();
    assert_eq!(
        watched.says("/readyz").await,
        (503, "draining\n".to_owned())
    );
    // It is still alive: a restart now would cut the relay.
    assert_eq!(watched.says("/healthz").await, (200, "ok\n".to_owned()));
    drop(server);
    assert_eq!(client.close_code().await, 1000);
    bridge.stopped().await;
}

/// The authority connects through a balancer that obeys /readyz.
#[tokio::test]
async fn without_a_certificate_it_is_ready_for_the_authority_and_not_for_users() {
    let folder = tempfile::tempdir().unwrap();
    let tls = Tls::of_acme(AcmeSettings {
        domains: vec!["localhost".to_owned()],
        contact: None,
        cache: folder.path().to_owned(),
        // No authority listens there.
        directory: "https://127.0.0.1:1/".to_owned(),
        ca: None,
        first_retry: PATIENCE,
    });
    let settings = Settings {
        tls_mode: TlsMode::Tls(Arc::new(tls.unwrap())),
        ..Settings::default()
    };
    let watched = WatchedBridge::start(&settings).await;
    let _bridge = TestBridge::start(settings).await;
    within(async { while watched.says("/readyz").await.0 != 200 {} }).await;
    let (_, text) = watched.says("/readyz").await;
    assert!(text.contains("no certificate yet"), "{text}");
    let missing = (503, "no certificate yet\n".to_owned());
    assert_eq!(watched.says("/readyz/https").await, missing);

    for settings in [secure_settings().0, Settings::default()] {
        let lifecycle = settings.lifecycle.clone();
        let watched = WatchedBridge::start(&settings).await;
        let _bridge = TestBridge::start(settings).await;
        within(async { while watched.says("/readyz").await.0 != 200 {} }).await;
        for path in ["/readyz", "/readyz/https"] {
            assert_eq!(watched.says(path).await, (200, "ready\n".to_owned()));
        }
        lifecycle.drain();
        assert_eq!(watched.says("/readyz/https").await.0, 503);
    }
}

#[tokio::test]
async fn a_relay_is_counted_from_its_beginning_to_its_end() {
    let target = TestTarget::start().await;
    let settings = Settings::default().allow_loopback([target.port]);
    let watched = WatchedBridge::start(&settings).await;
    let bridge = TestBridge::start(settings).await;
    let mut client = bridge.open("127.0.0.1", target.port).await;
    let mut server = target.accept().await;
    client.send("QUIT\r\n").await;
    within(server.read_exact(&mut [0; 6])).await.unwrap();
    watched.counts("restante_relays_open 1").await;
    server.write_all(b"+OK bye\r\n").await.unwrap();
    drop(server);
    client.until_closed().await;
    for line in [
        "restante_relays_open 0",
        "restante_relays_opened_total 1",
        "restante_relays_ended_total{reason=\"target_closed\"} 1",
        "restante_relayed_bytes_total{direction=\"to_target\"} 6",
        "restante_relayed_bytes_total{direction=\"to_client\"} 9",
        "restante_dial_seconds_count{reached=\"true\"} 1",
        "restante_connections_opened_total 1",
        "restante_connections_open 0",
        "restante_queued_bytes 0",
    ] {
        watched.counts(line).await;
    }

    let mut refused = bridge.open("127.0.0.1", 25).await;
    assert_eq!(refused.close_code().await, CloseCode::Policy.number());
    watched
        .counts("restante_refusals_total{reason=\"policy_port\"} 1")
        .await;
    let (_, text) = watched.says("/metrics").await;
    // Neither clients nor targets.
    let port = format!("{}", target.port);
    for secret in ["127.0.0.1", "localhost", port.as_str()] {
        let told = text.lines().any(|line| line.contains(secret));
        assert!(!told, "{secret}:\n{text}");
    }
}

#[tokio::test]
async fn a_failed_handshake_is_counted() {
    let (settings, _) = secure_settings();
    let watched = WatchedBridge::start(&settings).await;
    let bridge = TestBridge::start(settings).await;
    let mut stream = TcpStream::connect(bridge.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    watched.counts("restante_handshakes_failed_total 1").await;
}

#[tokio::test]
async fn its_paths_are_answered_and_read_only() {
    let watched = WatchedBridge::start(&Settings::default()).await;
    let metrics = watched.ask("GET", "/metrics").await;
    let media_type = field(&metrics, "content-type");
    assert!(media_type.starts_with("application/openmetrics-text"));
    assert!(metrics.body().ends_with(b"# EOF\n"));
    let head = watched.ask("HEAD", "/metrics").await;
    assert!(head.status() == 200 && head.body().is_empty());
    for (method, path, status) in [
        ("GET", "/", 404),
        ("GET", "/relay", 404),
        ("GET", "/config.json", 404),
        ("POST", "/metrics", 405),
    ] {
        let answer = watched.ask(method, path).await;
        assert_eq!(answer.status(), status, "{method} {path}");
    }
}

#[tokio::test]
async fn silent_connections_make_room_for_others() {
    let watched = WatchedBridge::start(&Settings::default()).await;
    let mut silent = Vec::new();
    for _ in 0..16 {
        silent.push(TcpStream::connect(&watched.address).await.unwrap());
    }
    // All connections are in use until they time out.
    assert_eq!(watched.says("/healthz").await.0, 200);
}

#[test]
fn the_binary_prints_its_status_address() {
    let mut command = Command::new(PROGRAM);
    command.args(["--listen", "127.0.0.1:0", "--status-listen", "127.0.0.1:0"]);
    let mut bridge = Started::spawn(command.stderr(Stdio::null()));
    bridge.address();
    let status = bridge.address_of("Status");
    let answer = get(&status, "/metrics");
    assert!(answer.contains("process_start_time_seconds"), "{answer}");
}
