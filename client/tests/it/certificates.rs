//! The certification authority of the tests, and certificates that it issues.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};

/// The common name of the authority.
pub(crate) const AUTHORITY: &str = "Restante test authority";

/// An authority and a server's certificate, all as PEM.
pub(crate) struct Certificates {
    pub(crate) ca_pem: String,
    pub(crate) server_pem: String,
    pub(crate) server_key_pem: String,
}

impl Certificates {
    /// Issues a certificate for these names.
    pub(crate) fn for_names(names: &[&str]) -> Self {
        Self::new(names, false)
    }

    /// Issues a certificate for these names that expired years ago.
    pub(crate) fn expired_for(names: &[&str]) -> Self {
        Self::new(names, true)
    }

    /// Creates a self-signed certificate for these names, as `openssl req -x509` does.
    pub(crate) fn self_signed_for(names: &[&str]) -> Self {
        let mut params = params(names, AUTHORITY);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let server_pem = params.self_signed(&key).unwrap().pem();
        Self {
            ca_pem: server_pem.clone(),
            server_pem,
            server_key_pem: key.serialize_pem(),
        }
    }

    fn new(names: &[&str], expired: bool) -> Self {
        let mut authority = params(&[], AUTHORITY);
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::self_signed(authority, key).unwrap();
        let mut server = params(names, "Restante test server");
        if expired {
            server.not_before = date_time_ymd(2001, 1, 1);
            server.not_after = date_time_ymd(2002, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        Self {
            ca_pem: issuer.pem(),
            server_pem: server.signed_by(&key, &issuer).unwrap().pem(),
            server_key_pem: key.serialize_pem(),
        }
    }
}

fn params(names: &[&str], common_name: &str) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params
}
