//! Certificates that are replaced while a bridge runs.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use restante_bridge::Settings;
use restante_bridge::origin::TlsMode;
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::tls_client::{Pair, PemFiles, connect, open_relay, roots, seen};
use crate::world::{TestBridge, TestTarget, within};

/// The interval at which these bridges check their files.
const OFTEN: Duration = Duration::from_millis(10);

async fn bridge(files: &PemFiles, port: u16) -> TestBridge {
    let settings = Settings {
        tls_mode: TlsMode::Tls(Arc::new(files.watched(OFTEN))),
        ..Settings::default()
    };
    TestBridge::start(settings.allow_loopback([port])).await
}

/// Connects until the bridge uses the certificate `wanted`.
pub(crate) async fn until_shown(
    bridge: &TestBridge,
    roots: &RootCertStore,
    wanted: &CertificateDer<'static>,
) {
    let shown = async {
        while seen(&connect(bridge, roots, "http/1.1").await) != *wanted {
            tokio::time::sleep(OFTEN).await;
        }
    };
    within(shown).await;
}

/// Sends data both ways over one relay.
pub(crate) async fn carries(
    relay: &mut WebSocketStream<TlsStream<TcpStream>>,
    server: &mut TcpStream,
) {
    within(relay.send(Message::Binary("to the target".into())))
        .await
        .unwrap();
    let mut bytes = [0; 13];
    within(server.read_exact(&mut bytes)).await.unwrap();
    assert_eq!(&bytes, b"to the target");
    server.write_all(b"to the client").await.unwrap();
    loop {
        match within(relay.next()).await {
            Some(Ok(Message::Binary(bytes))) => break assert_eq!(bytes, "to the client"),
            Some(Ok(Message::Ping(_))) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_used_for_new_clients_and_open_relays_continue() {
    let (old, new) = (Pair::new(), Pair::new());
    let trusted = roots([&old.der, &new.der]);
    let files = PemFiles::of(&old);
    let target = TestTarget::start().await;
    let bridge = bridge(&files, target.port).await;
    let mut relay = open_relay(&bridge, &trusted, target.port).await;
    let mut server = target.accept().await;
    carries(&mut relay, &mut server).await;
    files.replace(&new);
    until_shown(&bridge, &trusted, &new.der).await;
    carries(&mut relay, &mut server).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_replaced_by_its_link_is_noticed() {
    use std::os::unix::fs::symlink;
    let (old, new) = (Pair::new(), Pair::new());
    let trusted = roots([&old.der, &new.der]);
    // As in Kubernetes: the files are links into `data`, which is a link to a dated folder.
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (name, pair) in [("first", &old), ("second", &new)] {
        fs::create_dir(at(name)).unwrap();
        fs::write(at(name).join("cert.pem"), &pair.cert).unwrap();
        fs::write(at(name).join("key.pem"), &pair.key).unwrap();
    }
    symlink("first", at("data")).unwrap();
    symlink("data/cert.pem", at("cert.pem")).unwrap();
    symlink("data/key.pem", at("key.pem")).unwrap();
    let files = PemFiles {
        cert: at("cert.pem"),
        key: at("key.pem"),
        folder,
    };
    let bridge = bridge(&files, 1).await;
    until_shown(&bridge, &trusted, &old.der).await;
    symlink("second", files.folder.path().join("next")).unwrap();
    let data = files.folder.path().join("data");
    fs::rename(files.folder.path().join("next"), data).unwrap();
    until_shown(&bridge, &trusted, &new.der).await;
}

#[tokio::test]
async fn an_invalid_certificate_leaves_the_previous_one_in_use() {
    let (old, new) = (Pair::new(), Pair::new());
    let trusted = roots([&old.der, &new.der]);
    let files = PemFiles::of(&old);
    let bridge = bridge(&files, 1).await;
    let half = &new.cert[..new.cert.len() / 2];
    let still_old = async || {
        // Longer than two checks, after which an invalid pair is refused.
        for _ in 0..10 {
            assert_eq!(seen(&connect(&bridge, &trusted, "h2").await), old.der);
            tokio::time::sleep(OFTEN).await;
        }
    };
    files.rename_over(&files.cert, half);
    still_old().await;
    // Complete, but with another key.
    files.rename_over(&files.cert, &new.cert);
    still_old().await;
    fs::remove_file(&files.key).unwrap();
    still_old().await;
    fs::remove_file(&files.cert).unwrap();
    still_old().await;
    // Valid again.
    fs::write(&files.key, &new.key).unwrap();
    fs::write(&files.cert, &new.cert).unwrap();
    until_shown(&bridge, &trusted, &new.der).await;
}
