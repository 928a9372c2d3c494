//! The example configurations in `packaging`, each run as it stands but for ports and certificate.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;

use futures::{SinkExt as _, StreamExt as _};
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

use crate::world::{PATIENCE, Target, fetch, within};

/// The name in the examples.
const NAME: &str = "mail.example.org";

/// Where a reader comes from, who is none of the proxies.
const READER: &str = "127.0.0.2:0";

/// A process that a failing test does not leave behind.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Nginx ends its workers only when it is asked to end.
        let pid = self.0.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let _ = self.0.wait();
    }
}

/// A bridge, what is behind it, and the files of a proxy in front of it.
struct Scene {
    folder: TempDir,
    roots: RootCertStore,
    target: Target,
    bridge: Running,
    address: String,
    status: String,
    log: BufReader<ChildStderr>,
    /// Where the proxy shall listen.
    front: SocketAddr,
}

impl Scene {
    async fn new() -> Self {
        let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("fullchain.pem"), made.cert.pem()).unwrap();
        let key = made.signing_key.serialize_pem();
        fs::write(folder.path().join("privkey.pem"), key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let target = Target::start().await;
        // As the comments of the examples say.
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
            front: std::net::TcpListener::bind("127.0.0.1:0")
                .unwrap()
                .local_addr()
                .unwrap(),
            bridge: Running(bridge),
            folder,
            roots,
            target,
        }
    }

    /// An example with `changes` made to it, each of which has to find something to change.
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

    /// Starts the proxy, and comes back when it listens.
    async fn start(&self, command: &mut Command) -> Running {
        let running = Running(
            command
                .stdout(Stdio::null())
                .spawn()
                .unwrap_or_else(|error| {
                    panic!(
                        "{}: {error}: cargo xtask test installs it",
                        command.get_program().display()
                    )
                }),
        );
        let listening = async {
            while TcpStream::connect(self.front).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, listening)
            .await
            .expect("the proxy does not listen");
        running
    }

    async fn connect(&self) -> TlsStream<TcpStream> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(READER.parse().unwrap()).unwrap();
        let stream = within(socket.connect(self.front)).await.unwrap();
        let name = ServerName::try_from(NAME).unwrap();
        within(TlsConnector::from(Arc::new(config)).connect(name, stream))
            .await
            .unwrap()
    }

    /// The page and a relay go through the proxy, and the bridge counts the reader and not who the
    /// reader says that it is.
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

#[tokio::test]
async fn nginx() {
    let scene = Scene::new().await;
    let site = scene.example(
        "nginx/restante.conf",
        &[
            (
                "server 127.0.0.1:8110;",
                &format!("server {};", scene.address),
            ),
            ("listen 443 ssl", &format!("listen {} ssl", scene.front)),
            // The tests' readers come by IPv4.
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
    let _nginx = scene
        .start(command.args(["-e", "stderr", "-c", &config]))
        .await;
    scene.works().await;
}

#[tokio::test]
async fn caddy() {
    let scene = Scene::new().await;
    let port = scene.front.port();
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
    // Its certificates, of which it has none to keep.
    let _caddy = scene
        .start(command.env("XDG_DATA_HOME", scene.folder.path()))
        .await;
    scene.works().await;
}

/// Several bridges, and their restarts, are another test's.
#[tokio::test]
async fn haproxy() {
    let scene = Scene::new().await;
    let both = ["fullchain.pem", "privkey.pem"].map(|name| {
        let pem = fs::read_to_string(scene.path(name));
        pem.unwrap()
    });
    let pem = scene.write("both.pem", &both.concat());
    let (_, status_port) = scene.status.split_once(':').unwrap();
    let config = scene.example(
        "haproxy/haproxy.cfg",
        &[
            ("bind :::443 v4v6", &format!("bind {}", scene.front)),
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
    let _haproxy = scene
        .start(command.args(["-db", "-f", &config]).stderr(Stdio::null()))
        .await;
    scene.works().await;
}
