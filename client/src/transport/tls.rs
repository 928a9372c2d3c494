//! TLS that ends in this process: the bridge sees ciphertext.
//!
//! There is no way around the check of the certificate. A server whose issuer nobody knows is
//! trusted by adding the issuer's certificate (or, if it issued itself, its own) to the mailbox.

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
use super::security::Security;
use super::x509::Parts;

/// Does a TLS handshake over a stream. The name that the certificate must have is the host that was
/// dialled, address literals included. What was agreed on comes along.
///
/// # Errors
/// [`TransportError::CaNotReadable`] before anything is sent,
/// [`TransportError::CertificateNotTrusted`] with issuer and reason, [`TransportError::Tls`], and
/// what the stream itself reports.
pub async fn secure<S>(
    stream: S,
    host: &Host,
    ca_pem: Option<&str>,
) -> Result<(TlsStream<S>, Security), TransportError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = ServerName::try_from(host.as_str().to_owned())
        .map_err(|_| TransportError::Tls("the host has no name that TLS can check".to_owned()))?;
    let config = client_config(ca_pem)?;
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .map_err(|error| handshake_error(&error))?;
    let security = Security::of(stream.get_ref().1);
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
    let verifier = Verifier::new(ca_pem, &provider)?;
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        // Not to check less, but to say more about what was found.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

/// Pairs suites of rustls with their names.
macro_rules! suites {
    ($($name:ident)*) => { [$((cipher_suite::$name, stringify!($name))),*] };
}

/// The suites of rustls, each with its name in the registry of TLS: rustls knows those of all suites
/// that there ever were, which would have to be downloaded.
///
/// In the order in which they are offered. WebAssembly has no AES instructions, and ChaCha20 is six to
/// eight times faster there; a processor that has them takes AES.
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

/// Signs nothing: no client certificate is ever shown, and what could make one need not be
/// downloaded.
#[derive(Debug)]
struct NoKeys;

impl KeyProvider for NoKeys {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Err(Error::General(
            "client certificates are not used".to_owned(),
        ))
    }
}

/// rustls's own verifier, which also remembers whom to name when it refuses.
#[derive(Debug)]
struct Verifier {
    webpki: Arc<WebPkiServerVerifier>,
    /// Certificates that the reader added.
    added: Vec<CertificateDer<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
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

    /// Accepts a server's certificate that the reader added itself, for its own names and dates.
    ///
    /// webpki refuses to see a server in a certificate that may also issue others, which is what
    /// self-signed certificates usually are.
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
            Ok(()) => Parts::read(end_entity)?.check_validity(now),
            Err(Error::InvalidCertificate(error)) => Some(Err(Distrust::from_rustls(&error))),
            Err(_) => None,
        }
    }
}

impl ServerCertVerifier for Verifier {
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

/// Reads one or more certificates; text around them is ignored.
fn read_certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| TransportError::CaNotReadable(error.to_string()))?;
    if certificates.is_empty() {
        let reason = "there is no \"BEGIN CERTIFICATE\" in it";
        return Err(TransportError::CaNotReadable(reason.to_owned()));
    }
    Ok(certificates)
}
