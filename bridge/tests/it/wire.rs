//! Plain connections to a bridge, byte by byte, from any address of this machine.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use restante_bridge::Settings;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::world::{TestBridge, load_config, within};

/// Connects from `client`, an address of this machine.
pub(crate) async fn connect_from(client: &str, bridge: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    let client: IpAddr = client.parse().unwrap();
    socket.bind((client, 0).into()).unwrap();
    within(socket.connect(bridge)).await.unwrap()
}

/// Requests /healthz on a connection that stays open. Returns true if it was answered.
pub(crate) async fn asks<S>(stream: &mut S) -> bool
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    if stream.write_all(request).await.is_err() {
        return false;
    }
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\nok\n") {
        match within(stream.read_buf(&mut answer)).await {
            Ok(0) | Err(_) => return false,
            Ok(_) => {}
        }
    }
    answer.starts_with(b"HTTP/1.1 200 ")
}

/// Returns true if a new connection from `client` is served.
pub(crate) async fn is_served(client: &str, bridge: &TestBridge) -> bool {
    asks(&mut connect_from(client, bridge.address).await).await
}

/// Waits until a connection from `client` is served, and keeps it open.
pub(crate) async fn until_served(client: &str, bridge: &TestBridge) -> TcpStream {
    within(async {
        loop {
            let mut stream = connect_from(client, bridge.address).await;
            if asks(&mut stream).await {
                return stream;
            }
        }
    })
    .await
}

/// Reads to the end of the connection, orderly or not.
pub(crate) async fn to_end<S>(stream: &mut S) -> Vec<u8>
where
    S: AsyncRead + Unpin,
{
    let mut bytes = Vec::new();
    let _ = within(stream.read_to_end(&mut bytes)).await;
    bytes
}

/// Returns the settings of a bridge with `flags` and a certificate for `localhost`, and a client's trust
/// in it.
pub(crate) fn secure(flags: &[&str]) -> (Settings, RootCertStore) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let cert = file("cert.pem", made.cert.pem());
    let key = file("key.pem", made.signing_key.serialize_pem());
    let own = ["restante-bridge", "--tls-cert", &cert, "--tls-key", &key];
    let allow = ["--allow", "public-pop3"];
    let arguments = [&own[..], &allow, flags].concat();
    let settings = load_config(arguments).unwrap().settings().unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    (settings, roots)
}

/// Performs a TLS handshake with the protocol `alpn`.
pub(crate) async fn handshake(
    stream: TcpStream,
    roots: RootCertStore,
    alpn: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    within(TlsConnector::from(Arc::new(config)).connect(name, stream)).await
}

/// Returns the bytes that the kernel holds for the peer `to` of a connection from `from`, and the unread
/// bytes from it. Returns nothing if there is no such connection any more.
#[cfg(target_os = "linux")]
pub(crate) fn queues(from: SocketAddr, to: SocketAddr) -> Option<(usize, usize)> {
    let written = |address: SocketAddr| match address {
        SocketAddr::V4(address) => {
            let bytes = u32::from_le_bytes(address.ip().octets());
            format!("{bytes:08X}:{:04X}", address.port())
        }
        SocketAddr::V6(_) => panic!("{address}"),
    };
    let (from, to) = (written(from), written(to));
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let connection = table.lines().find_map(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let of_it = fields.next() == Some(&from) && fields.next() == Some(&to);
        of_it.then(|| fields.nth(1).unwrap().to_owned())
    })?;
    let (sent, received) = connection.split_once(':').unwrap();
    let count = |digits| usize::from_str_radix(digits, 16).unwrap();
    Some((count(sent), count(received)))
}
