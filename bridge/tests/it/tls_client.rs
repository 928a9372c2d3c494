//! A client of a bridge with TLS, and certificates for it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use restante_bridge::tls::Tls;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;

use crate::world::{TestBridge, within};

/// A self-signed certificate for `localhost`.
pub(crate) struct Pair {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) cert: String,
    pub(crate) key: String,
}

impl Pair {
    pub(crate) fn new() -> Self {
        Self::of(CertificateParams::new(["localhost".to_owned()]).unwrap())
    }

    pub(crate) fn of(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let cert = params.self_signed(&key).unwrap();
        Self {
            der: cert.der().clone(),
            cert: cert.pem(),
            key: key.serialize_pem(),
        }
    }
}

/// A folder with a certificate and its key.
pub(crate) struct PemFiles {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
}

impl PemFiles {
    pub(crate) fn of(pair: &Pair) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = Self {
            cert: folder.path().join("cert.pem"),
            key: folder.path().join("key.pem"),
            folder,
        };
        fs::write(&files.cert, &pair.cert).unwrap();
        fs::write(&files.key, &pair.key).unwrap();
        files
    }

    /// Replaces the files as certbot does: each file as a whole, one after the other.
    pub(crate) fn replace(&self, pair: &Pair) {
        self.rename_over(&self.cert, &pair.cert);
        self.rename_over(&self.key, &pair.key);
    }

    pub(crate) fn rename_over(&self, path: &Path, text: &str) {
        let beside = self.folder.path().join("beside");
        fs::write(&beside, text).unwrap();
        fs::rename(beside, path).unwrap();
    }

    pub(crate) fn watched(&self, interval: std::time::Duration) -> Tls {
        Tls::of_files(&self.cert, &self.key, interval).unwrap()
    }
}

pub(crate) fn roots<'a>(
    of: impl IntoIterator<Item = &'a CertificateDer<'static>>,
) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for der in of {
        roots.add(der.clone()).unwrap();
    }
    roots
}

/// Connects with TLS to a bridge at `address` under the name `localhost`.
pub(crate) async fn try_connect(
    address: SocketAddr,
    roots: &RootCertStore,
    alpn: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots.clone())
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    within(TlsConnector::from(Arc::new(config)).connect(name, stream)).await
}

pub(crate) async fn connect(
    bridge: &TestBridge,
    roots: &RootCertStore,
    alpn: &str,
) -> TlsStream<TcpStream> {
    try_connect(bridge.address, roots, &[alpn]).await.unwrap()
}

/// Opens a relay over TLS, as the page of `https://localhost` does.
pub(crate) async fn open_relay(
    bridge: &TestBridge,
    roots: &RootCertStore,
    port: u16,
) -> WebSocketStream<TlsStream<TcpStream>> {
    let mut request = bridge.request(&format!("host=127.0.0.1&port={port}"));
    let headers = request.headers_mut();
    headers.insert("Host", "localhost".parse().unwrap());
    headers.insert("Origin", "https://localhost".parse().unwrap());
    let stream = connect(bridge, roots, "http/1.1").await;
    within(tokio_tungstenite::client_async(request, stream))
        .await
        .unwrap()
        .0
}

/// Returns the server's certificate.
pub(crate) fn seen(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    let (_, connection) = stream.get_ref();
    connection.peer_certificates().unwrap()[0]
        .clone()
        .into_owned()
}
