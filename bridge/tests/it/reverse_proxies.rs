//! The example configurations in `packaging`, unchanged except for addresses and certificates.

use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use restante_ports::ReservedPort;
use restante_shared::relay::{PATH, SUBPROTOCOL};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::world::{TestTarget, fetch, within};

/// The name in the examples.
const NAME: &str = "mail.example.org";

/// The address of a user, which is not a proxy.
const USER: &str = "127.0.0.2:0";

/// The attempts to start a proxy on a reserved port.
const ATTEMPTS: usize = 3;

/// A process that is ended when dropped.
struct ProxyProcess(Child);

impl Drop for ProxyProcess {
    fn drop(&mut self) {
        // Nginx ends its workers only on SIGTERM.
        let pid = self.0.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let _ = self.0.wait();
    }
}

/// A bridge, its target, and the files of a proxy in front of it.
struct ProxyScene {
    folder: TempDir,
    roots: RootCertStore,
    target: TestTarget,
    bridge: ProxyProcess,
    address: String,
    status: String,
    log: BufReader<ChildStderr>,
    /// The port of the proxy, once it is started.
    front: Option<ReservedPort>,
}

impl ProxyScene {
    async fn new() -> Self {
        let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("fullchain.pem"), made.cert.pem()).unwrap();
        let key = made.signing_key.serialize_pem();
        fs::write(folder.path().join("privkey.pem"), key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let target = TestTarget::start().await;
        // As the comments of the examples require.
        let mut bridge = Command::new(env!("CARGO_BIN_EXE_restante-bridge"))
            .args(["--listen", "127.0.0.1:0", "--behind-proxy"])
            .args(["--status-listen", "127.0.0.1:0"])
            .args(["--trusted-proxies", "127.0.0.1"])
            .args(["--allow", &format!("localhost:{}=127.0.0.1", target.port)])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(bridge.stdout.take().unwrap());
        let mut address = || {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            let (_, address) = line.trim_end().split_once("://").unwrap();
            address.trim_end_matches('/').to_owned()
        };
        Self {
            address: address(),
            status: address(),
            log: BufReader::new(bridge.stderr.take().unwrap()),
            front: None,
            bridge: ProxyProcess(bridge),
            folder,
            roots,
            target,
        }
    }

    /// Returns an example with `changes`, each of which must apply.
    fn example(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging");
        let mut text = fs::read_to_string(root.join(path)).unwrap();
        for (from, to) in changes {
            assert!(text.contains(from), "{path} has no {from:?}");
            text = text.replace(from, to);
        }
        text
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.folder.path().join(name), text).unwrap();
        self.path(name)
    }

    /// Starts the proxy that `command` sets up, and returns when it listens.
    ///
    /// The examples are tested as they are, so the proxy opens its own socket on a port that is reserved
    /// for it. If another program asked for that very number, the start is retried with another one.
    async fn start(&mut self, command: impl Fn(&Self) -> Command) -> ProxyProcess {
        for _ in 0..ATTEMPTS {
            self.front = Some(ReservedPort::new().unwrap());
            let mut command = command(self);
            let errors = self.folder.path().join("errors");
            command.stdout(Stdio::null());
            command.stderr(fs::File::create(&errors).unwrap());
            let mut running = ProxyProcess(command.spawn().unwrap_or_else(|error| {
                let program = command.get_program().display();
                panic!("{program}: {error}: cargo xtask test installs it")
            }));
            let is_listening = async {
                loop {
                    // The certificate tells it from another program at this port.
                    if self.try_connect().await.is_ok() {
                        break true;
                    }
                    let said = fs::read_to_string(&errors).unwrap();
                    if said.to_lowercase().contains("address already in use") {
                        break false;
                    }
                    let ended = running.0.try_wait().unwrap();
                    assert!(ended.is_none(), "the proxy ended: {said}");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            if within(is_listening).await {
                return running;
            }
        }
        panic!("the proxy found no free port in {ATTEMPTS} attempts");
    }

    /// Returns the address of the proxy.
    fn front(&self) -> SocketAddr {
        self.front.as_ref().unwrap().address()
    }

    async fn connect(&self) -> TlsStream<TcpStream> {
        within(self.try_connect()).await.unwrap()
    }

    async fn try_connect(&self) -> io::Result<TlsStream<TcpStream>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(USER.parse().unwrap()).unwrap();
        let stream = socket.connect(self.front()).await?;
        let name = ServerName::try_from(NAME).unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
    }

    /// Checks that the page and a relay pass through the proxy, and that the bridge counts the client by its
    /// real address and not by the one that it claims.
    async fn works(mut self) {
        let request = hyper::http::Request::builder()
            .uri("/config.json")
            .header("Host", NAME)
            .body(())
            .unwrap();
        let answer = fetch(self.connect().await, request).await;
        assert_eq!(answer.status(), 200);

        let query = format!("host=localhost&port={}", self.target.port);
        let mut request = format!("wss://{NAME}{PATH}?{query}")
            .into_client_request()
            .unwrap();
        let headers = request.headers_mut();
        headers.insert("Origin", format!("https://{NAME}").parse().unwrap());
        headers.insert("Sec-WebSocket-Protocol", SUBPROTOCOL.parse().unwrap());
        headers.insert("X-Forwarded-For", "203.0.113.9".parse().unwrap());
        let stream = self.connect().await;
        let opening = tokio_tungstenite::client_async(request, stream);
        let (mut socket, _) = within(opening).await.unwrap();
        within(socket.send(Message::binary("CAPA\r\n")))
            .await
            .unwrap();
        let mut server = self.target.accept().await;
        let mut bytes = [0; 6];
        within(server.read_exact(&mut bytes)).await.unwrap();
        assert_eq!(&bytes, b"CAPA\r\n");
        within(server.write_all(b"+OK\r\n")).await.unwrap();
        drop(server);
        let answer = within(socket.next()).await.unwrap().unwrap();
        assert_eq!(answer, Message::binary("+OK\r\n"));
        let end = within(socket.next()).await.unwrap().unwrap();
        let Message::Close(Some(end)) = end else {
            panic!("{end:?}");
        };
        assert_eq!(end.code, CloseCode::Normal);

        let mut log = String::new();
        while !log.contains("relay ended") {
            assert_ne!(self.log.read_line(&mut log).unwrap(), 0, "{log}");
        }
        assert!(
            log.contains("client=127.0.0.2") && !log.contains("203.0.113.9"),
            "{log}"
        );
        drop(self.bridge);
    }
}

fn nginx_command(scene: &ProxyScene) -> Command {
    let site = scene.example(
        "nginx/restante.conf",
        &[
            (
                "server 127.0.0.1:8110;",
                &format!("server {};", scene.address),
            ),
            ("listen 443 ssl", &format!("listen {} ssl", scene.front())),
            // The tests' users come by IPv4.
            ("listen [::]:443 ssl http2;", ""),
            (
                "/etc/ssl/mail.example.org/fullchain.pem",
                &scene.path("fullchain.pem"),
            ),
            (
                "/etc/ssl/mail.example.org/privkey.pem",
                &scene.path("privkey.pem"),
            ),
        ],
    );
    let site = scene.write("restante.conf", &site);
    let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {};\n", scene.path(name)))
        .concat();
    let pid = scene.path("pid");
    let config = scene.write(
        "nginx.conf",
        &format!(
            "daemon off;\npid {pid};\nerror_log stderr;\nevents {{}}\n\
             http {{\naccess_log off;\n{paths}include {site};\n}}\n"
        ),
    );
    let mut command = Command::new("/usr/sbin/nginx");
    command.args(["-e", "stderr", "-c", &config]);
    command
}

fn caddy_command(scene: &ProxyScene) -> Command {
    let port = scene.front().port();
    let (cert, key) = (scene.path("fullchain.pem"), scene.path("privkey.pem"));
    let config = scene.example(
        "caddy/Caddyfile",
        &[
            (
                "\nmail.example.org {\n",
                &format!(
                    "{{\nadmin off\nauto_https off\n}}\n\
                     mail.example.org:{port} {{\nbind 127.0.0.1\ntls {cert} {key}\n"
                ),
            ),
            ("127.0.0.1:8110", &scene.address),
        ],
    );
    let config = scene.write("Caddyfile", &config);
    let mut command = Command::new("caddy");
    command.args(["run", "--adapter", "caddyfile", "--config", &config]);
    // The folder for its own certificates, of which it has none.
    command.env("XDG_DATA_HOME", scene.folder.path());
    command
}

/// Another test covers several bridges and their restarts.
fn haproxy_command(scene: &ProxyScene) -> Command {
    let both = ["fullchain.pem", "privkey.pem"].map(|name| {
        let pem = fs::read_to_string(scene.path(name));
        pem.unwrap()
    });
    let pem = scene.write("both.pem", &both.concat());
    let (_, status_port) = scene.status.split_once(':').unwrap();
    let config = scene.example(
        "haproxy/haproxy.cfg",
        &[
            ("bind :::443 v4v6", &format!("bind {}", scene.front())),
            ("/etc/haproxy/mail.example.org.pem", &pem),
            ("server two", "#"),
            (
                "10.0.0.11:8110 port 8111\n",
                &format!("{} port {status_port}\n", scene.address),
            ),
        ],
    );
    let config = scene.write("haproxy.cfg", &config);
    let mut command = Command::new("/usr/sbin/haproxy");
    command.args(["-db", "-f", &config]);
    command
}

#[tokio::test]
async fn nginx() {
    let mut scene = ProxyScene::new().await;
    let _nginx = scene.start(nginx_command).await;
    scene.works().await;
}

#[tokio::test]
async fn caddy() {
    let mut scene = ProxyScene::new().await;
    let _caddy = scene.start(caddy_command).await;
    scene.works().await;
}

#[tokio::test]
async fn haproxy() {
    let mut scene = ProxyScene::new().await;
    let _haproxy = scene.start(haproxy_command).await;
    scene.works().await;
}
