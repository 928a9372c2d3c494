//! Let's Encrypt's own test server: Pebble, as Debian packages it.
//!
//! It checks signatures, nonces and requests as strictly as the real one, and validates a name by
//! connecting to the bridge.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::http;
use rcgen::CertificateParams;
use restante_ports::ReservedPort;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::tls_client::{Pair, roots};
use crate::world::{fetch, within};

/// An authority at a fixed address, whether it runs or not. Connections are refused while it does not.
pub(crate) struct Authority {
    folder: tempfile::TempDir,
    own: Pair,
    port: ReservedPort,
    management: ReservedPort,
}

/// A running authority.
pub(crate) struct Pebble {
    child: Child,
    management: SocketAddr,
    trusted: RootCertStore,
    log: Arc<Mutex<String>>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let own = Pair::of(CertificateParams::new(["127.0.0.1".to_owned()]).unwrap());
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cert.pem"), &own.cert).unwrap();
        fs::write(folder.path().join("key.pem"), &own.key).unwrap();
        Self {
            folder,
            own,
            port: ReservedPort::new().unwrap(),
            management: ReservedPort::new().unwrap(),
        }
    }

    pub(crate) fn directory(&self) -> String {
        format!("https://{}/dir", self.port.address())
    }

    /// The CA of the authority's own server.
    pub(crate) fn ca(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// Starts it, to validate names at `port` of this machine.
    pub(crate) async fn start(&self, port: u16) -> Pebble {
        let [address, management] = [&self.port, &self.management].map(ReservedPort::address);
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
        };
        // Its log says that it will listen, and not that it does.
        let listening = async {
            for address in [address, management] {
                while pebble.connect(address).await.is_none() {
                    if pebble.child.try_wait().unwrap().is_some() {
                        let written = fs::read_to_string(&errors).unwrap();
                        panic!("pebble ended: {written}{}", pebble.log.lock().unwrap());
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        };
        within(listening).await;
        pebble
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
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
