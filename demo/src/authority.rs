//! A certification authority for one run, created at the start and never stored.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls_pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::TlsAcceptor;

/// The names in the server's certificate.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The clock skew of a client that is tolerated.
const CLOCK_SKEW: Duration = Duration::from_secs(86_400);

/// The lifetime of the certificates: ten years, longer than any bridge runs.
const LIFETIME: Duration = Duration::from_secs(10 * 365 * 86_400);

/// The authority, and the server configuration with its certificate.
pub(crate) struct DemoAuthority {
    pem: String,
    server: Arc<ServerConfig>,
}

impl DemoAuthority {
    /// Creates new keys and certificates.
    pub(crate) fn new(now: SystemTime) -> io::Result<Self> {
        let mut params = params(
            now,
            Vec::new(),
            "Restante demo authority, created for one run",
        )
        .map_err(io::Error::other)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let issuer = CertifiedIssuer::self_signed(params, key).map_err(io::Error::other)?;

        let names = NAMES.map(str::to_owned).to_vec();
        let mut params = params_for_server(now, names).map_err(io::Error::other)?;
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.signed_by(&key, &issuer).map_err(io::Error::other)?;

        let chain = vec![certificate.der().clone()];
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(chain, key.into())
            .map_err(io::Error::other)?;
        Ok(Self {
            pem: issuer.pem(),
            server: Arc::new(server),
        })
    }

    /// Returns the authority's certificate, which clients have to trust.
    pub(crate) fn pem(&self) -> String {
        self.pem.clone()
    }

    /// Returns the server side of handshakes.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.server))
    }
}

fn params(
    now: SystemTime,
    names: Vec<String>,
    common_name: &str,
) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.not_before = (now - CLOCK_SKEW).into();
    params.not_after = (now + LIFETIME).into();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    Ok(params)
}

fn params_for_server(
    now: SystemTime,
    names: Vec<String>,
) -> Result<CertificateParams, rcgen::Error> {
    let mut params = params(now, names, "Restante demo server")?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}
