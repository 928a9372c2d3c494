//! The settings that say where certificates come from: from files, or from an authority.

use std::path::PathBuf;

use rustls_pki_types::DnsName;

use super::layer::Layer;
use super::{ConfigError, conflict};
use crate::files::CHECK_INTERVAL;
pub use crate::tls::TlsError;
use crate::tls::{AcmeSettings, FIRST_RETRY, LETS_ENCRYPT, Tls};

/// The most names of one certificate: what Let's Encrypt allows.
const MAX_NAMES: usize = 100;

/// Where the bridge's certificate comes from.
#[derive(Debug, Clone)]
pub enum TlsSource {
    /// From two PEM files that somebody else renews.
    Files {
        /// The certificate chain.
        cert: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// From an authority that speaks ACME.
    Acme(AcmeSettings),
}

impl TlsSource {
    /// Reads what is there.
    pub(super) fn open(&self) -> Result<Tls, TlsError> {
        match self {
            Self::Files { cert, key } => Tls::of_files(cert, key, CHECK_INTERVAL),
            Self::Acme(settings) => Tls::of_acme(settings.clone()),
        }
    }
}

/// What `layer` says of certificates.
///
/// # Errors
/// [`ConfigError::Conflict`] says which settings contradict each other, and what to do.
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
                "tls_cert gives a certificate, and acme_domains has the bridge get one: choose one",
            );
        }
        (Some((cert, key)), None) => TlsSource::Files { cert, key },
        (None, Some(settings)) => TlsSource::Acme(settings),
        (None, None) => return Ok(None),
    };
    if layer.behind_proxy.unwrap_or(false) {
        return conflict(
            "behind_proxy says that a proxy ends TLS, tls_cert or acme_domains that the bridge \
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
            "acme_domains needs acme_cache as well: a folder that outlives the bridge. Without it \
             every start would order a certificate, which authorities refuse after a few",
        );
    };
    let directory = layer.acme_directory.as_deref().unwrap_or(LETS_ENCRYPT);
    if !directory.starts_with("https://") {
        return conflict(&format!(
            "acme_directory: {directory:?} is no https address"
        ));
    }
    if let Some(contact) = &layer.acme_contact {
        let is_address = contact
            .split_once('@')
            .is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
            && !contact.contains([':', ',', ' ']);
        if !is_address {
            return conflict(&format!(
                "acme_contact: {contact:?} is no address such as postmaster@example.org"
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

/// The names in lower case, each once.
fn names(domains: &[String]) -> Result<Vec<String>, ConfigError> {
    let mut names: Vec<String> = Vec::new();
    for name in domains.iter().map(|name| name.to_ascii_lowercase()) {
        if name.starts_with("*.") {
            return conflict(&format!(
                "acme_domains: {name:?} stands for many names, which the bridge cannot prove to be \
                 its own. List them, or get the certificate by another program and name it in \
                 tls_cert and tls_key"
            ));
        }
        let is_name = DnsName::try_from(name.as_str()).is_ok() && !name.ends_with('.');
        if !is_name || name.parse::<std::net::IpAddr>().is_ok() {
            return conflict(&format!(
                "acme_domains: {name:?} is no name such as mail.example.org"
            ));
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.len() {
        0 => conflict("acme_domains has no name in it"),
        1..=MAX_NAMES => Ok(names),
        _ => conflict("acme_domains has more names than the 100 that fit into a certificate"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn load(arguments: &[&str]) -> Result<Config, ConfigError> {
        Config::load(std::iter::once(&"restante-bridge").chain(arguments))
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
    fn an_authority_makes_other_addresses_than_this_machines_sound() {
        let settings = acme_of(&["--listen", "0.0.0.0:443", "--allow", "public-pop3"]);
        assert_eq!(settings.domains, ["a.example"]);
        assert_eq!(settings.directory, LETS_ENCRYPT);
        assert!(settings.ca.is_none() && settings.contact.is_none());
    }

    #[test]
    fn names_are_wanted_once_and_in_lower_case() {
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
    fn contradictions_are_refused_in_words() {
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
    fn what_no_authority_would_take_is_refused_before_it_is_asked() {
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
