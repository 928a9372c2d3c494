//! The log about certificates, and reloading them with a signal.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use hyper::http;
use rcgen::CertificateParams;
use time::{Duration, OffsetDateTime};
use tokio::net::TcpStream;

use crate::program::Program;
use crate::tls_client::{Pair, PemFiles, roots, seen, try_connect};
use crate::world::fetch;

fn serve(files: &PemFiles) -> Program {
    let (cert, key) = (files.cert.display(), files.key.display());
    let (cert, key) = (cert.to_string(), key.to_string());
    Program::start(&["--tls-cert", &cert, "--tls-key", &key])
}

fn pair_with_days(before: i64, after: i64) -> Pair {
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::days(before);
    params.not_after = now + Duration::days(after);
    Pair::of(params)
}

#[tokio::test]
async fn sighup_reloads_the_files_at_once() {
    let (old, new) = (Pair::new(), Pair::new());
    let files = PemFiles::of(&old);
    let mut bridge = serve(&files);
    let address = bridge.address();
    bridge.logged("certificate in use");
    // At intervals alone, unchanged files are not logged.
    bridge.signal("-HUP");
    bridge.logged("certificate in use");
    fs::write(&files.cert, "broken").unwrap();
    bridge.signal("-HUP");
    let line = bridge.logged("certificate refused");
    assert!(
        line.contains("cert.pem") && line.contains("ERROR"),
        "{line}"
    );
    files.replace(&new);
    bridge.signal("-HUP");
    bridge.logged("certificate in use");
    let stream = try_connect(address, &roots([&new.der]), &[]).await.unwrap();
    assert_eq!(seen(&stream), new.der);
}

#[tokio::test]
async fn sighup_does_not_end_a_bridge_without_a_certificate() {
    let mut bridge = Program::start(&[]);
    let stream = TcpStream::connect(bridge.address()).await.unwrap();
    let request = http::Request::builder().header("Host", "localhost");
    fetch(stream, request.body(()).unwrap()).await;
    for _ in 0..2 {
        bridge.signal("-HUP");
        bridge.logged("no file to reload");
    }
}

#[test]
fn a_mismatched_pair_is_logged_once() {
    let files = PemFiles::of(&Pair::new());
    let bridge = serve(&files);
    bridge.logged("certificate in use");
    files.rename_over(&files.key, &Pair::new().key);
    let line = bridge.logged("certificate refused");
    assert!(line.contains("the previous one stays in use"), "{line}");
}

#[test]
fn a_certificate_that_expires_soon_is_logged() {
    for (before, after, text) in [
        (80, 10, "certificate expires soon"),
        (80, -1, "certificate has expired"),
    ] {
        serve(&PemFiles::of(&pair_with_days(before, after))).logged(text);
    }
}

#[test]
fn a_key_that_all_users_can_read_is_logged() {
    let files = PemFiles::of(&Pair::new());
    fs::set_permissions(&files.key, Permissions::from_mode(0o644)).unwrap();
    let line = serve(&files).logged("chmod 600");
    assert!(line.contains("key.pem"), "{line}");
    fs::set_permissions(&files.key, Permissions::from_mode(0o640)).unwrap();
    let bridge = serve(&files);
    bridge.logged("certificate in use");
    bridge.signal("-HUP");
    // Both lines were logged without a warning between them.
    let line = bridge.logged("certificate");
    assert!(line.contains("certificate in use"), "{line}");
}
