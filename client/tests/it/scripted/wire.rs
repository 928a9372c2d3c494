//! The server's end of a connection: reads lines, sends bytes, and can switch to TLS.

use std::io;
use std::sync::Arc;

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, SupportedProtocolVersion};

use crate::certificates::Certificates;

/// The longest line that is read, so that a client that never ends a line is detected.
const MOST_OCTETS: usize = 64 * 1024;

trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}

/// A connection, in clear text or with TLS.
pub(crate) struct Wire {
    stream: BufReader<Box<dyn Duplex>>,
    /// Keying material that only the two ends of a TLS connection know ([RFC 9266 §4]).
    pub(crate) exporter: Option<[u8; 32]>,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> Self {
        // Each write must be a segment of its own.
        let _ = stream.set_nodelay(true);
        Self {
            stream: BufReader::new(Box::new(stream)),
            exporter: None,
        }
    }

    /// Reads a line without its CRLF. Returns `None` at the end of the connection.
    pub(crate) async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        loop {
            match self.stream.read_u8().await {
                Ok(b'\n') => {
                    line.pop_if(|octet| *octet == b'\r');
                    return Ok(Some(line));
                }
                Ok(octet) if line.len() < MOST_OCTETS => line.push(octet),
                Ok(_) => return Err(io::Error::other("a line without an end")),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && line.is_empty() => {
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Sends bytes at once.
    pub(crate) async fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        self.stream.write_all(octets).await?;
        self.stream.flush().await
    }

    /// Performs the server's half of a handshake. Early data of the client would be an attack, so
    /// it fails then.
    pub(crate) async fn secure(&mut self, acceptor: &TlsAcceptor) -> io::Result<()> {
        let early = self.stream.buffer();
        if !early.is_empty() {
            let early = String::from_utf8_lossy(early);
            return Err(io::Error::other(format!("sent before TLS: {early}")));
        }
        let clear = std::mem::replace(self.stream.get_mut(), Box::new(tokio::io::empty()));
        let secured = acceptor.accept(clear).await?;
        let (_, session) = secured.get_ref();
        let exporter =
            session.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(&[]));
        self.exporter = Some(exporter.map_err(io::Error::other)?);
        self.stream = BufReader::new(Box::new(secured));
        Ok(())
    }

    /// Closes the sending side, and reads the rest of the client's data.
    pub(crate) async fn close(&mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        tokio::io::copy(&mut self.stream, &mut tokio::io::sink()).await?;
        Ok(())
    }
}

/// Returns an acceptor for these versions of TLS, with a certificate of the tests.
pub(crate) fn acceptor(
    certificates: &Certificates,
    versions: &[&'static SupportedProtocolVersion],
) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(certificates.server_pem.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(certificates.server_key_pem.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_protocol_versions(versions)
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
