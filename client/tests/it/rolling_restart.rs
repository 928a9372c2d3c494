//! Two bridges behind HAProxy, restarted one after the other while mail is fetched: the check goes on
//! through whichever is there, and every message arrives once.

use std::fs;
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use restante_bridge::Settings;
use restante_bridge::life::Life;
use restante_bridge::limits::Limits;
use restante_bridge::status::Status;
use restante_client::engine::command::Encryption;
use restante_client::engine::event::CheckOutcome;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::check_dovecot::{assert_kept, deliver};
use crate::daemon::Daemon;
use crate::dovecot::{Dovecot, free_ports};
use crate::kept::Kept;
use crate::visit::visit_through;

/// How long HAProxy may take to serve on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(30);

/// How long the check may take, with all the bridges' restarts.
const CHECK_LIMIT: Duration = Duration::from_secs(60);

/// A bridge that can be restarted at its address, as a service manager would.
struct Bridge {
    clients: SocketAddr,
    status: SocketAddr,
    target: u16,
    running: Option<Running>,
}

struct Running {
    life: Life,
    serving: JoinHandle<std::io::Result<()>>,
    telling: JoinHandle<()>,
}

impl Bridge {
    async fn start(target: u16) -> Self {
        let [clients, status] = free_ports().map(|port| (Ipv4Addr::LOCALHOST, port).into());
        let running = None;
        let mut bridge = Self {
            clients,
            status,
            target,
            running,
        };
        bridge.begin().await;
        bridge
    }

    async fn begin(&mut self) {
        let settings = Settings {
            limits: Limits {
                // A drain that no session of this test outlasts would show nothing.
                drain_time: Duration::from_millis(100),
                ..Limits::default()
            },
            ..Settings::default()
        }
        .allow_loopback([self.target]);
        let clients = TcpListener::bind(self.clients).await.unwrap();
        let status = TcpListener::bind(self.status).await.unwrap();
        let told = Status {
            life: settings.life.clone(),
            metrics: Arc::clone(&settings.metrics),
        };
        self.running = Some(Running {
            life: settings.life.clone(),
            telling: tokio::spawn(told.serve(status)),
            serving: tokio::spawn(restante_bridge::run(clients, settings, pending())),
        });
    }

    async fn restart(&mut self) {
        let running = self.running.take().unwrap();
        running.life.drain();
        running.serving.await.unwrap().unwrap();
        running.telling.abort();
        let _ = running.telling.await;
        self.begin().await;
    }
}

/// A line to the mail server that carries as many of its octets as it is told, and then waits.
struct Line {
    port: u16,
    octets: Arc<Semaphore>,
    dry: Arc<Notify>,
    connections: Arc<AtomicUsize>,
}

impl Line {
    async fn to(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let line = Self {
            port: listener.local_addr().unwrap().port(),
            octets: Arc::new(Semaphore::new(0)),
            dry: Arc::default(),
            connections: Arc::default(),
        };
        let (octets, dry) = (Arc::clone(&line.octets), Arc::clone(&line.dry));
        let connections = Arc::clone(&line.connections);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(carry(client, server, Arc::clone(&octets), Arc::clone(&dry)));
            }
        });
        line
    }
}

async fn carry(
    mut client: TcpStream,
    server: u16,
    allowed: Arc<Semaphore>,
    dry: Arc<Notify>,
) -> std::io::Result<()> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await?;
    let (mut from_server, mut to_server) = server.split();
    let (mut from_client, mut to_client) = client.split();
    let down = async {
        let mut octets = Vec::with_capacity(4096);
        loop {
            octets.clear();
            let read = from_server.read_buf(&mut octets).await?;
            let count = u32::try_from(read).unwrap();
            if allowed.available_permits() < read {
                dry.notify_one();
            }
            allowed.acquire_many(count).await.unwrap().forget();
            if read == 0 {
                return to_client.shutdown().await;
            }
            to_client.write_all(&octets).await?;
        }
    };
    tokio::select! {
        ended = down => ended,
        ended = tokio::io::copy(&mut from_client, &mut to_server) => ended.map(drop),
    }
}

/// Starts HAProxy with the configuration that is shipped, but for certificate and addresses.
async fn haproxy(folder: &Path, front: SocketAddr, bridges: &[Bridge; 2]) -> Daemon {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/haproxy/haproxy.cfg");
    let mut text = fs::read_to_string(shipped).unwrap();
    let [one, two] = bridges;
    for (from, to) in [
        (
            ":443 ssl crt /etc/haproxy/mail.example.org.pem alpn h2,http/1.1",
            front.to_string(),
        ),
        (
            "10.0.0.11:8110 port 8111",
            format!("{} port {}", one.clients, one.status.port()),
        ),
        (
            "10.0.0.12:8110 port 8111",
            format!("{} port {}", two.clients, two.status.port()),
        ),
    ] {
        assert!(text.contains(&format!(" {from}")), "{from} is not there");
        // The comments above say it of the bridge.
        text = text.replace(from, &to);
    }
    let file = folder.join("haproxy.cfg");
    fs::write(&file, text).unwrap();
    let mut command = Command::new("/usr/sbin/haproxy");
    command.args(["-db", "-f"]).arg(&file);
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    let daemon = Daemon::start(command)
        .unwrap_or_else(|error| panic!("haproxy: {error}: cargo xtask test installs it"));
    let served = async { while !is_served(front).await {} };
    timeout(START_LIMIT, served).await.unwrap();
    daemon
}

async fn is_served(front: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(front).await else {
        tokio::task::yield_now().await;
        return false;
    };
    let request = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let mut answer = String::new();
    let asked = stream.write_all(request).await;
    let read = stream.read_to_string(&mut answer).await;
    asked.is_ok() && read.is_ok() && answer.starts_with("HTTP/1.1 200")
}

#[tokio::test]
async fn a_check_goes_on_while_all_bridges_are_restarted() {
    let dovecot = Dovecot::start();
    let expected = deliver(&dovecot, 150);
    let all: usize = expected.iter().map(|(_, octets)| octets.len()).sum();
    let line = Line::to(dovecot.tls_port).await;
    let mut settings = dovecot.settings(Encryption::Tls);
    settings.port = line.port;
    let mut bridges = [
        Bridge::start(line.port).await,
        Bridge::start(line.port).await,
    ];
    let folder = tempfile::tempdir().unwrap();
    let [front, _] = free_ports().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let _haproxy = haproxy(folder.path(), front, &bridges).await;

    let mut kept = Kept::default();
    let relay = format!("ws://{front}/relay");
    let rolling = async {
        // Whichever has the relay, each round ends it at least once.
        for _ in 0..2 {
            for bridge in &mut bridges {
                line.octets.add_permits(all / 6);
                line.dry.notified().await;
                bridge.restart().await;
            }
        }
        line.octets.add_permits(Semaphore::MAX_PERMITS / 2);
    };
    let checking = visit_through(&relay, &settings, &mut kept, |_| {}, pending());
    let both = futures::future::join(checking, rolling);
    let (outcome, ()) = timeout(CHECK_LIMIT, both).await.unwrap();
    let done = CheckOutcome::Done {
        new_messages: 150,
        skipped: 0,
    };
    assert_eq!(outcome, done);
    assert_kept(&kept, &expected);
    // The first waited for its octets while both were restarted.
    let relays = line.connections.load(Ordering::Relaxed);
    assert!(relays >= 2, "{relays} relays");
}
