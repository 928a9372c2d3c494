//! Let's Encrypt's own test server: Pebble, as Debian packages it.
//!
//! It checks signatures, nonces and requests as strictly as the real one, and validates a name by
//! connecting to the bridge.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::http;
use rcgen::CertificateParams;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use socket2::{Domain, Socket, Type};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::tls_client::{Pair, roots};
use crate::world::{fetch, within};

/// An authority at a fixed address, whether it runs or not.
///
/// Its port is reserved from the beginning: the socket is bound and refuses connections until the first
/// start. Pebble cannot take over an open socket, so it listens on other ports, and connections are
/// forwarded to it.
pub(crate) struct Authority {
    folder: tempfile::TempDir,
    own: Pair,
    address: SocketAddr,
    reserved: Mutex<Option<Socket>>,
    /// The address of a running Pebble.
    running: Running,
}

type Running = Arc<Mutex<Option<SocketAddr>>>;

/// A running authority.
pub(crate) struct Pebble {
    child: Child,
    management: SocketAddr,
    trusted: RootCertStore,
    log: Arc<Mutex<String>>,
    running: Running,
}

/// The attempts to start Pebble on free ports. Another program may be given such a port first.
const ATTEMPTS: usize = 10;

impl Authority {
    pub(crate) fn new() -> Self {
        let own = Pair::of(CertificateParams::new(["127.0.0.1".to_owned()]).unwrap());
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cert.pem"), &own.cert).unwrap();
        fs::write(folder.path().join("key.pem"), &own.key).unwrap();
        let reserved = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        reserved.bind(&any.into()).unwrap();
        Self {
            folder,
            own,
            address: reserved.local_addr().unwrap().as_socket().unwrap(),
            reserved: Mutex::new(Some(reserved)),
            running: Running::default(),
        }
    }

    pub(crate) fn directory(&self) -> String {
        format!("https://{}/dir", self.address)
    }

    /// The CA of the authority's own server.
    pub(crate) fn ca(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// Starts it, to validate names at `port` of this machine.
    pub(crate) async fn start(&self, port: u16) -> Pebble {
        for _ in 0..ATTEMPTS {
            if let Some(pebble) = self.try_start(port).await {
                if let Some(socket) = self.reserved.lock().unwrap().take() {
                    socket.listen(128).unwrap();
                    let (listener, running) = (socket.into(), Arc::clone(&self.running));
                    std::thread::spawn(move || forward(&listener, &running));
                }
                return pebble;
            }
        }
        panic!("pebble found no free ports in {ATTEMPTS} attempts");
    }

    /// Starts it on free ports. Returns nothing if one of them was taken in between.
    async fn try_start(&self, port: u16) -> Option<Pebble> {
        // Both at once, so that they differ.
        let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let [address, management] = {
            let both = [free(), free()];
            both.map(|listener| listener.local_addr().unwrap())
        };
        let config = serde_json::json!({"pebble": {
            "listenAddress": address.to_string(),
            "managementListenAddress": management.to_string(),
            "certificate": "cert.pem",
            "privateKey": "key.pem",
            "httpPort": 1,
            "tlsPort": port,
        }});
        fs::write(self.folder.path().join("pebble.json"), config.to_string()).unwrap();
        let errors = self.folder.path().join("errors");
        let started = Command::new("pebble")
            .args(["-strict", "-config", "pebble.json"])
            .current_dir(self.folder.path())
            .env("PEBBLE_VA_NOSLEEP", "1")
            // By default it refuses a random nonce in twenty, but tests count requests.
            .env("PEBBLE_WFE_NONCEREJECT", "0")
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&errors).unwrap())
            .spawn();
        let Ok(mut child) = started else {
            panic!("pebble is not installed: `cargo xtask test` installs it and runs this test");
        };
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let written = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                *written.lock().unwrap() += &(line + "\n");
            }
        });
        let mut pebble = Pebble {
            child,
            management,
            trusted: roots([&self.own.der]),
            log,
            running: Arc::clone(&self.running),
        };
        // Its log says that it will listen, and not that it does.
        let listening = async {
            for address in [address, management] {
                while pebble.connect(address).await.is_none() {
                    if pebble.child.try_wait().unwrap().is_some() {
                        return false;
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
            true
        };
        if within(listening).await {
            *self.running.lock().unwrap() = Some(address);
            return Some(pebble);
        }
        let said = fs::read_to_string(errors).unwrap() + &pebble.log.lock().unwrap();
        assert!(said.contains("address already in use"), "{said}");
        None
    }
}

/// Passes connections to the running Pebble, and closes them while there is none.
fn forward(listener: &TcpListener, running: &Running) {
    for client in listener.incoming().flatten() {
        let target = *running.lock().unwrap();
        let Some(Ok(server)) = target.map(std::net::TcpStream::connect) else {
            continue;
        };
        for (mut from, mut to) in [
            (client.try_clone().unwrap(), server.try_clone().unwrap()),
            (server, client),
        ] {
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(std::net::Shutdown::Write);
            });
        }
    }
}

impl Pebble {
    /// Returns the number of requests of this kind, such as `order-plz`.
    pub(crate) fn requests(&self, kind: &str) -> usize {
        self.log
            .lock()
            .unwrap()
            .matches(&format!("POST /{kind} "))
            .count()
    }

    /// Waits until the log contains such a request. It is read later than the responses.
    pub(crate) async fn until_requested(&self, kind: &str) {
        within(async {
            while self.requests(kind) == 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// Connects to one of its servers. Fails if that is another program's.
    async fn connect(&self, address: SocketAddr) -> Option<TlsStream<TcpStream>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.trusted.clone())
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await.ok()?;
        let name = ServerName::from(address.ip());
        let connecting = TlsConnector::from(Arc::new(config)).connect(name, stream);
        connecting.await.ok()
    }

    /// Returns the CA of the issued certificates, which is new at each start.
    pub(crate) async fn root(&self) -> CertificateDer<'static> {
        let stream = within(self.connect(self.management)).await.unwrap();
        let request = http::Request::builder()
            .uri("/roots/0")
            .header("Host", "localhost")
            .body(())
            .unwrap();
        CertificateDer::from_pem_slice(fetch(stream, request).await.body()).unwrap()
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        *self.running.lock().unwrap() = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
