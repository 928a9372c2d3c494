//! A POP3 client in plain words: sends what a test says, and shows what came back.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::RunningDemo;

/// Longer than any answer takes; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

pub(crate) struct Pop3Client {
    stream: BufReader<Box<dyn Stream>>,
    pub(crate) greeting: String,
}

impl Pop3Client {
    /// Connects to the port with implicit TLS.
    pub(crate) async fn over_tls(running: &RunningDemo) -> Self {
        let tcp = TcpStream::connect(running.demo.tls).await.unwrap();
        Self::greeted(Box::new(handshake(running, tcp).await)).await
    }

    /// Connects to the port that offers `STLS`.
    pub(crate) async fn in_the_clear(address: SocketAddr) -> Self {
        let tcp = TcpStream::connect(address).await.unwrap();
        Self::greeted(Box::new(tcp)).await
    }

    /// Connects over TLS and logs in.
    pub(crate) async fn logged_in(running: &RunningDemo) -> Self {
        let mut client = Self::over_tls(running).await;
        client.expect_ok("USER visitor").await;
        client.expect_ok("PASS till-called-for").await;
        client
    }

    /// Sends `STLS` on a connection in the clear and continues under TLS.
    pub(crate) async fn after_stls(running: &RunningDemo) -> Self {
        let mut tcp = BufReader::new(TcpStream::connect(running.demo.stls).await.unwrap());
        let mut line = String::new();
        tcp.read_line(&mut line).await.unwrap();
        tcp.write_all(b"STLS\r\n").await.unwrap();
        line.clear();
        tcp.read_line(&mut line).await.unwrap();
        assert!(line.starts_with("+OK "), "{line}");
        assert!(tcp.buffer().is_empty());
        let tls = handshake(running, tcp.into_inner()).await;
        Self {
            stream: BufReader::new(Box::new(tls)),
            greeting: String::new(),
        }
    }

    async fn greeted(stream: Box<dyn Stream>) -> Self {
        let mut client = Self {
            stream: BufReader::new(stream),
            greeting: String::new(),
        };
        client.greeting = client.line().await;
        assert!(client.greeting.starts_with("+OK "), "{}", client.greeting);
        client
    }

    /// Sends octets as they are.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Sends a command and returns the status line.
    pub(crate) async fn ask(&mut self, command: impl AsRef<[u8]> + Debug) -> String {
        self.send([command.as_ref(), b"\r\n"].concat()).await;
        self.line().await
    }

    /// Sends a command that has to succeed and returns the status line.
    pub(crate) async fn expect_ok(&mut self, command: &str) -> String {
        let line = self.ask(command).await;
        assert!(
            line == "+OK" || line.starts_with("+OK "),
            "{command}: {line}"
        );
        line
    }

    /// Sends a command that has to be refused and returns the status line.
    pub(crate) async fn expect_err(&mut self, command: impl AsRef<[u8]> + Debug) -> String {
        let line = self.ask(command.as_ref()).await;
        assert!(line.starts_with("-ERR "), "{command:?}: {line}");
        line
    }

    /// Sends a command and returns the octets of its multi-line response, without byte-stuffing.
    pub(crate) async fn body(&mut self, command: &str) -> Vec<u8> {
        self.expect_ok(command).await;
        self.rest_of_body().await
    }

    /// Sends a command and returns the lines of its multi-line response.
    pub(crate) async fn lines(&mut self, command: &str) -> Vec<String> {
        let body = String::from_utf8(self.body(command).await).unwrap();
        body.lines().map(str::to_owned).collect()
    }

    /// Reads one line, without its CRLF.
    pub(crate) async fn line(&mut self) -> String {
        let line = String::from_utf8(self.raw_line().await).unwrap();
        line.strip_suffix("\r\n").unwrap().to_owned()
    }

    /// Reads a multi-line response after its status line.
    pub(crate) async fn rest_of_body(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let line = self.raw_line().await;
            match line.as_slice() {
                b".\r\n" => return body,
                [b'.', rest @ ..] => body.extend_from_slice(rest),
                line => body.extend_from_slice(line),
            }
        }
    }

    /// Reads one line as it is on the wire.
    pub(crate) async fn raw_line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        let read = self.stream.read_until(b'\n', &mut line);
        timeout(PATIENCE, read).await.expect("no answer").unwrap();
        assert!(!line.is_empty(), "the server closed the connection");
        line
    }

    /// Reads to the end and returns how many octets came; a connection that breaks has ended too.
    pub(crate) async fn octets_to_end(&mut self) -> usize {
        let mut buffer = vec![0; 65_536];
        let mut total = 0;
        loop {
            let read = self.stream.read(&mut buffer);
            match timeout(PATIENCE, read)
                .await
                .expect("the connection stays open")
            {
                Ok(0) | Err(_) => return total,
                Ok(bytes) => total += bytes,
            }
        }
    }
}

async fn handshake(running: &RunningDemo, tcp: TcpStream) -> impl Stream + use<> {
    let page = &running.demo.page;
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(page.ca_pem.as_bytes()).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(page.host.clone()).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await
        .unwrap()
}
