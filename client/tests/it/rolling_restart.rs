//! Two bridges behind HAProxy, restarted one after the other during a check. The check continues
//! through the other bridge, and every message arrives once.

use std::env;
use std::fs;
use std::future::pending;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use restante_client::api::check::CheckOutcome;
use restante_client::api::settings::Encryption;
use restante_ports::ReservedPort;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{Notify, Semaphore};
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::timeout;

use crate::check_dovecot::{assert_kept, deliver};
use crate::daemon::Daemon;
use crate::dovecot::Dovecot;
use crate::kept::Kept;
use crate::visit::visit_through;

/// The time limit for the check, including all restarts.
const CHECK_LIMIT: Duration = Duration::from_secs(120);

/// The program of the bridge, from the tested source: the one that `cargo xtask test` has built, or else
/// one that Cargo builds now, because a program beside the tests may be outdated.
static PROGRAM: LazyLock<PathBuf> =
    LazyLock::new(|| env::var_os("RESTANTE_BRIDGE").map_or_else(build_bridge, PathBuf::from));

fn build_bridge() -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--locked",
            "--package",
            "restante-bridge",
        ])
        .args(["--bin", "restante-bridge"])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(built.status.success(), "the bridge cannot be built");
    let said = String::from_utf8(built.stdout).unwrap();
    let mut programs = said.lines().filter_map(|line| {
        let (_, path) = line.split_once("\"executable\":\"")?;
        path.split('"').next().map(PathBuf::from)
    });
    let program = programs.next();
    program.unwrap_or_else(|| panic!("Cargo built no program: {said}"))
}

/// A bridge in a process of its own, which can be restarted at its address, as a service manager
/// does.
struct Bridge {
    clients: ReservedPort,
    status: ReservedPort,
    target: u16,
    running: Child,
}

impl Bridge {
    fn start(target: u16) -> Self {
        let [clients, status] = [(); 2].map(|()| ReservedPort::new().unwrap());
        let running = Self::begin(clients.address(), status.address(), target);
        Self {
            clients,
            status,
            target,
            running,
        }
    }

    fn begin(clients: SocketAddr, status: SocketAddr, target: u16) -> Child {
        let mut child = Command::new(&*PROGRAM)
            // A drain that outlasts the sessions of this test would prove nothing.
            .args(["--drain-seconds", "1", "--log", "error"])
            .args(["--listen", &clients.to_string()])
            .args(["--status-listen", &status.to_string()])
            .args(["--allow", &format!("localhost:{target},127.0.0.1:{target}")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // The bridge prints its address when it serves.
        let mut printed = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut printed).unwrap();
        assert!(printed.contains(&clients.to_string()), "{printed:?}");
        child
    }

    /// Restarts the bridge as `systemctl restart` does: a signal, the drain, and the same command
    /// again.
    async fn restart(mut self) -> Self {
        spawn_blocking(move || {
            let pid = self.running.id().to_string();
            let sent = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
            assert!(sent.success());
            assert!(self.running.wait().unwrap().success());
            self.running = Self::begin(self.clients.address(), self.status.address(), self.target);
            self
        })
        .await
        .unwrap()
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.running.kill();
        let _ = self.running.wait();
    }
}

/// A proxy to the mail server that forwards a number of its bytes, and then waits for more permits.
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

/// Starts HAProxy with the shipped configuration, except for certificate and addresses. Returns it
/// with its address.
fn haproxy(folder: &Path, bridges: &[Bridge; 2]) -> (Daemon, SocketAddr) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/haproxy/haproxy.cfg");
    let shipped = fs::read_to_string(shipped).unwrap();
    let address = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let server = |bridge: &Bridge| {
        let status = bridge.status.number();
        format!("{} port {status}", bridge.clients.address())
    };
    let [one, two] = bridges;
    let configured = |[front]: [u16; 1]| {
        let mut text = shipped.clone();
        for (from, to) in [
            (
                ":::443 v4v6 ssl crt /etc/haproxy/mail.example.org.pem alpn h2,http/1.1",
                address(front).to_string(),
            ),
            ("10.0.0.11:8110 port 8111", server(one)),
            ("10.0.0.12:8110 port 8111", server(two)),
        ] {
            assert!(
                text.contains(&format!(" {from}")),
                "{from} is missing from the configuration"
            );
            // The shipped comments on these values apply to the bridge too.
            text = text.replace(from, &to);
        }
        let control = control(folder);
        text += &format!("global\n    stats socket {} mode 600\n", control.display());
        let file = folder.join("haproxy.cfg");
        fs::write(&file, text).unwrap();
        let mut command = Command::new("/usr/sbin/haproxy");
        command.args(["-db", "-f"]).arg(&file);
        command
    };
    let (daemon, [front]) = Daemon::start(folder, configured, |[front]| is_healthy(address(front)));
    (daemon, address(front))
}

/// Returns the socket on which HAProxy reports the state of the bridges.
fn control(folder: &Path) -> PathBuf {
    folder.join("control")
}

/// Waits until HAProxy sends clients to both bridges.
async fn until_both_are_up(folder: &Path) {
    loop {
        let mut stream = UnixStream::connect(control(folder)).await.unwrap();
        stream.write_all(b"show stat\n").await.unwrap();
        let mut table = String::new();
        stream.read_to_string(&mut table).await.unwrap();
        let bridges = table.lines().filter(|line| {
            let mut fields = line.split(',');
            fields.next() == Some("bridges") && matches!(fields.next(), Some("one" | "two"))
        });
        if bridges
            .filter(|line| line.split(',').any(|field| field == "UP"))
            .count()
            == 2
        {
            return;
        }
        yield_now().await;
    }
}

/// Returns true if a bridge answers through HAProxy.
fn is_healthy(front: SocketAddr) -> bool {
    let request = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answer = std::net::TcpStream::connect(front).and_then(|mut stream| {
        stream.write_all(request)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    });
    answer.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

#[tokio::test]
async fn a_check_continues_while_all_bridges_are_restarted() {
    let dovecot = Dovecot::start();
    let expected = deliver(&dovecot, 150);
    let all: usize = expected.iter().map(|(_, octets)| octets.len()).sum();
    let line = Line::to(dovecot.tls_port).await;
    let mut settings = dovecot.settings(Encryption::Tls);
    settings.port = line.port;
    let bridges = [Bridge::start(line.port), Bridge::start(line.port)];
    let folder = tempfile::tempdir().unwrap();
    let (_haproxy, front) = haproxy(folder.path(), &bridges);

    let mut kept = Kept::default();
    let relay = format!("ws://{front}/relay");
    let rolling = async {
        let relays = || line.connections.load(Ordering::Relaxed);
        let [mut one, mut two] = bridges;
        for round in 1..=2 {
            // In the middle of the mail: no more data arrives, and the check has not ended.
            line.octets.add_permits(all / 4);
            line.dry.notified().await;
            until_both_are_up(folder.path()).await;
            let before = relays();
            one = one.restart().await;
            until_both_are_up(folder.path()).await;
            two = two.restart().await;
            // The relay continues on the other bridge.
            while relays() == before {
                yield_now().await;
            }
            assert!(relays() > round, "{} relays after round {round}", relays());
        }
        line.octets.add_permits(Semaphore::MAX_PERMITS / 2);
        (one, two)
    };
    let checking = visit_through(&relay, &settings, &mut kept, |_| {}, pending());
    let both = futures::future::join(checking, rolling);
    let (outcome, _bridges) = timeout(CHECK_LIMIT, both).await.unwrap();
    let done = CheckOutcome::Done {
        new_messages: 150,
        skipped: 0,
    };
    assert_eq!(outcome, done);
    assert_kept(&kept, &expected);
}
