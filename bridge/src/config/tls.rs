//! The settings for the source of certificates: files or an authority.

use std::path::PathBuf;

use rustls_pki_types::DnsName;

use super::error::{ConfigError, conflict};
use super::layer::Layer;
use crate::files::CHECK_INTERVAL;
use crate::tls::{AcmeSettings, FIRST_RETRY, LETS_ENCRYPT, Tls, TlsError};

/// The most names of one certificate: the limit of Let's Encrypt.
const MAX_NAMES: usize = 100;

/// The source of the bridge's certificate.
#[derive(Debug, Clone)]
pub enum TlsSource {
    /// Two PEM files that another program renews.
    Files {
        /// The certificate chain.
        cert: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// An authority that speaks ACME.
    Acme(AcmeSettings),
}

impl TlsSource {
    /// Opens the source.
    pub(super) fn open(&self) -> Result<Tls, TlsError> {
        match self {
            Self::Files { cert, key } => Tls::of_files(cert, key, CHECK_INTERVAL),
            Self::Acme(settings) => Tls::of_acme(settings.clone()),
        }
    }
}

/// Returns the source that `layer` configures.
///
/// # Errors
/// [`ConfigError::Conflict`] names the settings that contradict each other, and the remedy.
pub(super) fn source(layer: &Layer) -> Result<Option<TlsSource>, ConfigError> {
    let files = match (&layer.tls_cert, &layer.tls_key) {
        (Some(cert), Some(key)) => Some((cert.clone(), key.clone())),
        (None, None) => None,
        (Some(_), None) => return conflict("tls_cert needs tls_key as well"),
        (None, Some(_)) => return conflict("tls_key needs tls_cert as well"),
    };
    let acme = acme(layer)?;
    let source = match (files, acme) {
        (Some(_), Some(_)) => {
            return conflict(
                "tls_cert names a certificate, and acme_domains obtains one: choose one",
            );
        }
        (Some((cert, key)), None) => TlsSource::Files { cert, key },
        (None, Some(settings)) => TlsSource::Acme(settings),
        (None, None) => return Ok(None),
    };
    if layer.behind_proxy.unwrap_or(false) {
        return conflict(
            "behind_proxy means that a proxy terminates TLS, tls_cert or acme_domains that the bridge \
             does: choose one",
        );
    }
    Ok(Some(source))
}

fn acme(layer: &Layer) -> Result<Option<AcmeSettings>, ConfigError> {
    let Some(domains) = &layer.acme_domains else {
        for (name, is_given) in [
            ("acme_contact", layer.acme_contact.is_some()),
            ("acme_cache", layer.acme_cache.is_some()),
            ("acme_directory", layer.acme_directory.is_some()),
            ("acme_ca", layer.acme_ca.is_some()),
        ] {
            if is_given {
                return conflict(&format!(
                    "{name} needs acme_domains as well: the names that the certificate is for"
                ));
            }
        }
        return Ok(None);
    };
    let Some(cache) = layer.acme_cache.clone() else {
        return conflict(
            "acme_domains needs acme_cache as well: a folder that outlives the bridge. Without it, \
             every start would order a certificate, and authorities limit their number",
        );
    };
    let directory = layer.acme_directory.as_deref().unwrap_or(LETS_ENCRYPT);
    if !directory.starts_with("https://") {
        return conflict(&format!(
            "acme_directory: {directory:?} is not an https URL"
        ));
    }
    if let Some(contact) = &layer.acme_contact {
        let is_address = contact
            .split_once('@')
            .is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
            && !contact.contains([':', ',', ' ']);
        if !is_address {
            return conflict(&format!(
                "acme_contact: {contact:?} is not an address such as postmaster@example.org"
            ));
        }
    }
    Ok(Some(AcmeSettings {
        domains: names(domains)?,
        contact: layer.acme_contact.clone(),
        cache,
        directory: directory.to_owned(),
        ca: layer.acme_ca.clone(),
        first_retry: FIRST_RETRY,
    }))
}

/// Returns the names in lower case, without duplicates.
fn names(domains: &[String]) -> Result<Vec<String>, ConfigError> {
    let mut names: Vec<String> = Vec::new();
    for name in domains.iter().map(|name| name.to_ascii_lowercase()) {
        if name.starts_with("*.") {
            return conflict(&format!(
                "acme_domains: {name:?} is a wildcard, which the bridge cannot validate. List the names, \
                 or obtain the certificate with another program and name it in \
                 tls_cert and tls_key"
            ));
        }
        let is_name = DnsName::try_from(name.as_str()).is_ok() && !name.ends_with('.');
        if !is_name || name.parse::<std::net::IpAddr>().is_ok() {
            return conflict(&format!(
                "acme_domains: {name:?} is not a name such as mail.example.org"
            ));
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.len() {
        0 => conflict("acme_domains is empty"),
        1..=MAX_NAMES => Ok(names),
        _ => conflict("acme_domains has more than 100 names, the limit of one certificate"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, testing};

    fn load(arguments: &[&str]) -> Result<Config, Box<dyn std::error::Error>> {
        testing::load(std::iter::once(&"restante-bridge").chain(arguments))
    }

    fn refusal(arguments: &[&str]) -> String {
        load(arguments).unwrap_err().to_string()
    }

    const SOUND: [&str; 4] = ["--acme-domains", "a.example", "--acme-cache", "/c"];

    fn acme_of(more: &[&str]) -> AcmeSettings {
        match load(&[&SOUND, more].concat()).unwrap().tls {
            Some(TlsSource::Acme(settings)) => settings,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn with_an_authority_other_addresses_than_loopback_are_allowed() {
        let settings = acme_of(&["--listen", "0.0.0.0:443", "--allow", "public-pop3"]);
        assert_eq!(settings.domains, ["a.example"]);
        assert_eq!(settings.directory, LETS_ENCRYPT);
        assert!(settings.ca.is_none() && settings.contact.is_none());
    }

    #[test]
    fn names_are_unique_and_in_lower_case() {
        let listed = ["--acme-domains", "B.example,c.example,b.EXAMPLE"];
        let cache = ["--acme-cache", "/c"];
        match load(&[listed, cache].concat()).unwrap().tls {
            Some(TlsSource::Acme(settings)) => {
                assert_eq!(settings.domains, ["b.example", "c.example"]);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn contradictions_are_refused_with_an_explanation() {
        let files = ["--tls-cert", "a", "--tls-key", "b"];
        assert!(refusal(&[&SOUND[..], &files].concat()).contains("tls_cert"));
        let proxy = ["--behind-proxy"];
        assert!(refusal(&[&SOUND[..], &proxy].concat()).contains("acme_domains"));
        assert!(refusal(&SOUND[..2]).contains("acme_cache"));
        for alone in ["--acme-cache", "--acme-contact", "--acme-ca"] {
            let text = refusal(&[alone, "a@b"]);
            assert!(text.contains("acme_domains"), "{text}");
        }
    }

    #[test]
    fn invalid_names_are_refused_before_an_order() {
        for name in ["*.example.org", "192.0.2.1", "a b", "", "a.example."] {
            let text = refusal(&["--acme-domains", name, "--acme-cache", "/c"]);
            assert!(text.contains("acme_domains"), "{text}");
        }
        for (flag, value) in [
            ("--acme-directory", "http://acme.example/"),
            ("--acme-contact", "me"),
            ("--acme-contact", "mailto:me@example.org"),
        ] {
            let text = refusal(&[&SOUND[..], &[flag, value]].concat());
            assert!(text.contains(&flag[2..].replace('-', "_")), "{text}");
        }
    }
}
