//! Certificates from an authority: Let's Encrypt's own test server.

mod pebble;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rcgen::CertificateParams;
use restante_bridge::Settings;
use restante_bridge::origin::TlsMode;
use restante_bridge::tls::{AcmeSettings, Tls};
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use time::OffsetDateTime;

use crate::program::Program;
use crate::tls_client::{Pair, connect, open_relay, roots, seen, try_connect};
use crate::tls_reload::carries;
use crate::world::{TestBridge, TestTarget, within};
use pebble::Authority;

/// The first retry of these bridges.
const SOON: Duration = Duration::from_millis(20);

fn settings(authority: &Authority, cache: &Path) -> AcmeSettings {
    AcmeSettings {
        domains: vec!["localhost".to_owned()],
        contact: Some("postmaster@example.org".to_owned()),
        cache: cache.to_owned(),
        directory: authority.directory(),
        ca: Some(authority.ca()),
        first_retry: SOON,
    }
}

async fn bridge(authority: &Authority, cache: &Path, port: u16) -> TestBridge {
    let tls = Tls::of_acme(settings(authority, cache)).unwrap();
    let settings = Settings {
        tls_mode: TlsMode::Tls(Arc::new(tls)),
        ..Settings::default()
    };
    TestBridge::start(settings.allow_loopback([port])).await
}

/// Connects until the bridge has a certificate that `roots` trust.
async fn until_certified(bridge: &TestBridge, roots: &RootCertStore) -> CertificateDer<'static> {
    let certified = async {
        loop {
            match try_connect(bridge.address, roots, &["http/1.1"]).await {
                Ok(stream) => break seen(&stream),
                Err(_) => tokio::time::sleep(SOON).await,
            }
        }
    };
    within(certified).await
}

fn kept(cache: &Path, beginning: &str) -> PathBuf {
    let files = fs::read_dir(cache)
        .unwrap()
        .map(|file| file.unwrap().path());
    let named = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with(beginning)
    };
    let found: Vec<PathBuf> = files.filter(named).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[tokio::test]
async fn a_bridge_obtains_its_certificate_and_stores_it() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("made/by/the/bridge");
    let first = bridge(&authority, &cache, 1).await;
    // Until then there is no certificate, and handshakes fail.
    let nobody = RootCertStore::empty();
    let error = try_connect(first.address, &nobody, &[]).await.unwrap_err();
    assert!(error.to_string().contains("AccessDenied"), "{error}");

    let pebble = authority.start(first.address.port()).await;
    let trusted = roots([&pebble.root().await]);
    let certificate = until_certified(&first, &trusted).await;
    pebble.until_requested("order-plz").await;
    assert_eq!(pebble.requests("order-plz"), 1);
    // A client that asks for the proof of a challenge that does not exist gets no certificate.
    let asked = try_connect(first.address, &trusted, &["acme-tls/1"]).await;
    assert!(asked.is_err());

    // The next start does not need the authority.
    let second = bridge(&authority, &cache, 1).await;
    let shown = seen(&connect(&second, &trusted, "h2").await);
    assert_eq!(shown, certificate);
    assert_eq!(pebble.requests("order-plz"), 1);
    assert_eq!(pebble.requests("sign-me-up"), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&cache), 0o700);
        assert_eq!(mode(&kept(&cache, "account-")), 0o600);
        assert_eq!(mode(&kept(&cache, "certificate-")), 0o600);
    }
}

#[tokio::test]
async fn a_renewal_waits_for_the_authority_and_interrupts_no_relay() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path();
    let first = bridge(&authority, cache, 1).await;
    let pebble = authority.start(first.address.port()).await;
    until_certified(&first, &roots([&pebble.root().await])).await;
    drop((first, pebble));

    // Replaces the stored certificate with one that is due, and valid for some days.
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_before = OffsetDateTime::now_utc() - time::Duration::days(80);
    params.not_after = OffsetDateTime::now_utc() + time::Duration::days(10);
    let due = Pair::of(params);
    fs::write(kept(cache, "certificate-"), due.key.clone() + &due.cert).unwrap();

    let target = TestTarget::start().await;
    let bridge = bridge(&authority, cache, target.port).await;
    let trusted = roots([&due.der]);
    let mut relay = open_relay(&bridge, &trusted, target.port).await;
    let mut server = target.accept().await;
    carries(&mut relay, &mut server).await;
    assert_eq!(seen(&connect(&bridge, &trusted, "h2").await), due.der);

    // It restarts without its memory, like a new authority at the same address, so the bridge creates a
    // new account as well.
    let pebble = authority.start(bridge.address.port()).await;
    let renewed = until_certified(&bridge, &roots([&pebble.root().await])).await;
    assert_ne!(renewed, due.der);
    assert_eq!(pebble.requests("sign-me-up"), 1);
    carries(&mut relay, &mut server).await;
}

#[test]
fn an_unreachable_authority_is_reported_with_advice() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let bridge = program(&authority, folder.path());
    let line = bridge.logged("no certificate obtained");
    let directory = authority.directory();
    for part in [
        directory.as_str(),
        "refused",
        "acme_directory",
        "retry_seconds=60",
    ] {
        assert!(line.contains(part), "{line}");
    }
}

#[tokio::test]
async fn a_name_that_resolves_elsewhere_is_reported_with_advice() {
    let authority = Authority::new();
    let elsewhere = TestTarget::start().await.port;
    let _pebble = authority.start(elsewhere).await;
    let folder = tempfile::tempdir().unwrap();
    let bridge = program(&authority, folder.path());
    let line = bridge.logged("no certificate obtained");
    for part in ["localhost", "port 443", "DNS"] {
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn an_unusable_folder_is_reported_before_an_order() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let bridge = program(&authority, &file);
    let line = bridge.logged("no certificate obtained");
    assert!(line.contains("acme_cache"), "{line}");
}

fn program(authority: &Authority, cache: &Path) -> Program {
    let ca = authority.ca().display().to_string();
    let cache = cache.display().to_string();
    let directory = authority.directory();
    let given = ["--acme-domains", "localhost", "--acme-cache", &cache];
    let local = ["--acme-directory", &directory, "--acme-ca", &ca];
    Program::start(&[given, local].concat())
}
