//! Let's Encrypt's own test server: Pebble, as Debian packages it.
//!
//! It judges signatures, nonces and requests as strictly as the real one, refuses one good nonce in
//! twenty on purpose, and proves a name by connecting to the bridge.

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
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::tls_client::{Pair, roots};
use crate::world::{fetch, within};

/// Where an authority is, whether it runs or not.
pub(crate) struct Authority {
    folder: tempfile::TempDir,
    own: Pair,
    address: SocketAddr,
    management: SocketAddr,
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
        // Both at once, so that they differ. Pebble does not say which port it was given.
        let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (one, two) = (free(), free());
        Self {
            folder,
            own,
            address: one.local_addr().unwrap(),
            management: two.local_addr().unwrap(),
        }
    }

    pub(crate) fn directory(&self) -> String {
        format!("https://{}/dir", self.address)
    }

    /// What the authority's own server is trusted by.
    pub(crate) fn ca(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// Starts it, to find names proven at `port` of this machine.
    pub(crate) async fn start(&self, port: u16) -> Pebble {
        let config = serde_json::json!({"pebble": {
            "listenAddress": self.address.to_string(),
            "managementListenAddress": self.management.to_string(),
            "certificate": "cert.pem",
            "privateKey": "key.pem",
            "httpPort": 1,
            "tlsPort": port,
        }});
        fs::write(self.folder.path().join("pebble.json"), config.to_string()).unwrap();
        let started = Command::new("pebble")
            .args(["-strict", "-config", "pebble.json"])
            .current_dir(self.folder.path())
            .env("PEBBLE_VA_NOSLEEP", "1")
            // It refuses a nonce in twenty, at random, and tests count requests.
            .env("PEBBLE_WFE_NONCEREJECT", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
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
        let pebble = Pebble {
            child,
            management: self.management,
            trusted: roots([&self.own.der]),
            log,
        };
        // What it writes says that it will listen, and not that it does.
        for address in [self.address, self.management] {
            until_listening(address).await;
        }
        pebble
    }
}

async fn until_listening(address: SocketAddr) {
    let listening = async {
        while TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    within(listening).await;
}

impl Pebble {
    /// How many requests of this kind were made, such as `order-plz`.
    pub(crate) fn requests(&self, kind: &str) -> usize {
        self.log
            .lock()
            .unwrap()
            .matches(&format!("POST /{kind} "))
            .count()
    }

    /// Waits until the log has such a request: it is read behind the answers.
    pub(crate) async fn until_requested(&self, kind: &str) {
        within(async {
            while self.requests(kind) == 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// The CA that vouches for what it issues, made anew at each start.
    pub(crate) async fn root(&self) -> CertificateDer<'static> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.trusted.clone())
            .with_no_client_auth();
        let stream = TcpStream::connect(self.management).await.unwrap();
        let name = ServerName::from(self.management.ip());
        let connecting = TlsConnector::from(Arc::new(config)).connect(name, stream);
        let stream = within(connecting).await.unwrap();
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
