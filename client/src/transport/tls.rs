//! TLS that ends in this process, so that the bridge sees ciphertext only.
//!
//! The check of the certificate cannot be bypassed. To trust a server with an unknown issuer, the
//! user adds the certificate of the issuer, or the self-signed certificate of the server, to the
//! mailbox.

use std::io;
use std::sync::Arc;

use futures::{AsyncRead, AsyncWrite};
use futures_rustls::TlsConnector;
use futures_rustls::client::TlsStream;
use restante_shared::relay::Host;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::ring::{cipher_suite, default_provider};
use rustls::crypto::{CryptoProvider, KeyProvider, WebPkiSupportedAlgorithms};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::server::ParsedCertificate;
use rustls::sign::SigningKey;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore,
    SignatureScheme, SupportedCipherSuite,
};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

use super::TransportError;
use super::certificate::{CertificateFailure, Distrust};
use super::security::TlsSecurity;
use super::x509::CertificateParts;

/// Performs a TLS handshake over a stream, and returns the TLS stream and its parameters. The
/// certificate must be valid for the host that was dialled, which may be an address literal.
///
/// # Errors
/// [`TransportError::CaNotReadable`] before anything is sent,
/// [`TransportError::CertificateNotTrusted`] with issuer and reason, [`TransportError::Tls`], and
/// the errors of the stream itself.
pub async fn secure<S>(
    stream: S,
    host: &Host,
    ca_pem: Option<&str>,
) -> Result<(TlsStream<S>, TlsSecurity), TransportError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = ServerName::try_from(host.as_str().to_owned())
        .map_err(|_| TransportError::Tls("the host has no name that TLS can verify".to_owned()))?;
    let config = client_config(ca_pem)?;
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .map_err(|error| handshake_error(&error))?;
    let security = TlsSecurity::of(stream.get_ref().1);
    Ok((stream, security))
}

fn handshake_error(error: &io::Error) -> TransportError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(Error::InvalidCertificate(reason)) => {
            TransportError::CertificateNotTrusted(match CertificateFailure::of(reason) {
                Some(failure) => failure.to_string(),
                None => reason.to_string(),
            })
        }
        Some(_) | None => TransportError::of(error),
    }
}

fn client_config(ca_pem: Option<&str>) -> Result<ClientConfig, TransportError> {
    let failed = |error: Error| TransportError::Tls(error.to_string());
    let provider = Arc::new(provider());
    let verifier = DetailedVerifier::new(ca_pem, &provider)?;
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        // The custom verifier does not check less. It adds details to the error.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

/// Pairs cipher suites of rustls with their names.
macro_rules! suites {
    ($($name:ident)*) => { [$((cipher_suite::$name, stringify!($name))),*] };
}

/// Returns the cipher suites with their names, in the order in which they are offered.
///
/// The names are listed here because those of rustls include every suite ever registered, which
/// would enlarge the download. WebAssembly has no AES instructions, so ChaCha20, which is six to
/// eight times faster there, comes first; native builds prefer AES.
pub(super) fn suites() -> [(SupportedCipherSuite, &'static str); 9] {
    let mut suites = suites! {
        TLS13_CHACHA20_POLY1305_SHA256
        TLS13_AES_128_GCM_SHA256
        TLS13_AES_256_GCM_SHA384
        TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
        TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
        TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
        TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
        TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
        TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
    };
    if cfg!(not(target_arch = "wasm32")) {
        suites.sort_by_key(|(_, name)| name.contains("CHACHA20"));
    }
    suites
}

fn provider() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: suites().map(|(suite, _)| suite).to_vec(),
        key_provider: &NoKeys,
        ..default_provider()
    }
}

/// A key provider without keys. No client certificate is ever sent, so the code that loads keys is
/// left out of the download.
#[derive(Debug)]
struct NoKeys;

impl KeyProvider for NoKeys {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Err(Error::General(
            "client certificates are not used".to_owned(),
        ))
    }
}

/// The verifier of rustls, with the issuer and the reason in its errors.
#[derive(Debug)]
struct DetailedVerifier {
    webpki: Arc<WebPkiServerVerifier>,
    /// The certificates that the user added.
    added: Vec<CertificateDer<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl DetailedVerifier {
    fn new(ca_pem: Option<&str>, provider: &Arc<CryptoProvider>) -> Result<Self, TransportError> {
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let added = match ca_pem {
            Some(pem) => read_certificates(pem)?,
            None => Vec::new(),
        };
        for certificate in &added {
            roots
                .add(certificate.clone())
                .map_err(|error| TransportError::CaNotReadable(error.to_string()))?;
        }
        let webpki = WebPkiServerVerifier::builder_with_provider(roots.into(), provider.clone())
            .build()
            .map_err(|error| TransportError::Tls(error.to_string()))?;
        Ok(Self {
            webpki,
            added,
            algorithms: provider.signature_verification_algorithms,
        })
    }

    /// Checks the names and the validity of a server's certificate that the user added; `None` if
    /// the user did not add it.
    ///
    /// webpki does not accept a certificate authority as a server. Most self-signed certificates
    /// are both.
    fn verify_added(
        &self,
        end_entity: &CertificateDer<'_>,
        server_name: &ServerName<'_>,
        now: UnixTime,
    ) -> Option<Result<(), Distrust>> {
        if !self.added.iter().any(|added| added == end_entity) {
            return None;
        }
        let parsed = ParsedCertificate::try_from(end_entity).ok()?;
        match verify_server_name(&parsed, server_name) {
            Ok(()) => CertificateParts::read(end_entity)?.check_validity(now),
            Err(Error::InvalidCertificate(error)) => Some(Err(Distrust::from_rustls(&error))),
            Err(_) => None,
        }
    }
}

impl ServerCertVerifier for DetailedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.webpki.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        let Err(Error::InvalidCertificate(error)) = verified else {
            return verified;
        };
        let reason = match self.verify_added(end_entity, server_name, now) {
            Some(Ok(())) => return Ok(ServerCertVerified::assertion()),
            Some(Err(reason)) => reason,
            None => Distrust::from_rustls(&error),
        };
        let failure = CertificateFailure::new(end_entity, reason);
        Err(CertificateError::Other(OtherError(Arc::new(failure))).into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Parses one or more certificates, and ignores text around them.
fn read_certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| TransportError::CaNotReadable(error.to_string()))?;
    if certificates.is_empty() {
        let reason = "it has no \"BEGIN CERTIFICATE\"";
        return Err(TransportError::CaNotReadable(reason.to_owned()));
    }
    Ok(certificates)
}
