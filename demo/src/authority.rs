//! A certification authority for one run: made at the start, gone at the end, never written down.

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

/// The names that the server's certificate has.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// How far the clock of a client may be behind.
const CLOCK_SKEW: Duration = Duration::from_secs(86_400);

/// How long the certificates are good for: longer than any bridge stays up, ten years.
const LIFETIME: Duration = Duration::from_secs(10 * 365 * 86_400);

/// The authority, and the server that it vouches for.
pub(crate) struct Authority {
    pem: String,
    server: Arc<ServerConfig>,
}

impl Authority {
    /// Makes new keys and certificates.
    pub(crate) fn new(now: SystemTime) -> io::Result<Self> {
        let mut params = params(
            now,
            Vec::new(),
            "Restante demo authority, made at this start",
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

    /// The authority's own certificate, for clients to trust.
    pub(crate) fn pem(&self) -> String {
        self.pem.clone()
    }

    /// The server's side of handshakes.
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
    let mut params = params(now, names, "Restante demo maildrop")?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}
