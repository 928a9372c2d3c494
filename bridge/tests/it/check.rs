//! `restante-bridge check`: its report, and its exit status.

use std::fs;
use std::process::{Command, Output};

use crate::world::TestTarget;

fn check(arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_restante-bridge"))
        .arg("check")
        .args(arguments)
        .env("RESTANTE_LISSTEN", "127.0.0.1:1")
        .output()
        .unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = output;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.success(), text(stdout), text(stderr))
}

#[test]
fn valid_settings_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bridge.toml");
    fs::write(
        &file,
        "allowed_origins = ['https://embedder.example']\nidle_seconds = 90\n\
         [[allow]]\npreset = 'hosts'\nhosts = ['pop.example.org', '*.example.net']\n\
         [[allow]]\npreset = 'lan-host'\nhost = 'mail.lan'\n",
    )
    .unwrap();
    let (sound, stdout, stderr) = check(&["--config", file.to_str().unwrap()]);
    assert!(sound, "{stdout}{stderr}");
    for part in [
        "127.0.0.1:8110",
        "https://embedder.example",
        "pop.example.org, port 110 or 995, at its public addresses only",
        "every host whose name ends in .example.net",
        "mail.lan, port 110 or 995, at its addresses of private networks only",
        "nothing else",
        "90 s without data",
    ] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
    assert!(stderr.contains("RESTANTE_LISSTEN"), "{stderr}");
}

#[test]
fn settings_that_a_bridge_would_refuse_are_refused() {
    for (arguments, reason) in [
        (&["--tls-cert", "a"][..], "tls_key"),
        (&["--trusted-proxies", "10.0.0.1"], "may dial"),
        (&["--config", "/nowhere/bridge.toml"], "/nowhere"),
        (
            &["--tls-cert", "/nowhere/a", "--tls-key", "/nowhere/b"],
            "/nowhere",
        ),
        (&["--log", "a=b=c"], "log"),
    ] {
        let (sound, stdout, stderr) = check(arguments);
        assert!(!sound && stdout.is_empty(), "{arguments:?}: {stdout}");
        assert!(stderr.contains(reason), "{arguments:?}: {stderr}");
    }
}

#[tokio::test]
async fn a_target_is_resolved_and_dialled_only_on_request() {
    let canary = TestTarget::start().await;
    let target = format!("localhost:{}", canary.port);
    let (good, stdout, _) = check(&["--allow", &target, &target]);
    assert!(good, "{stdout}");
    let approved = format!("allowed, by the rule {target}");
    assert!(stdout.contains(&approved), "{stdout}");
    assert!(stdout.contains("address 127.0.0.1: loopback"), "{stdout}");
    assert!(!canary.was_reached().await);

    let (good, stdout, _) = check(&["--dial", "--allow", &target, &target]);
    assert!(good && stdout.contains("answered after"), "{stdout}");
    canary.accept().await;

    let literal = format!("127.0.0.1:{}", canary.port);
    let (good, stdout, _) = check(&["--dial", "--allow", &target, &literal]);
    assert!(!good, "{stdout}");
    assert!(stdout.contains("refused: "), "{stdout}");
    assert!(
        stdout.contains(&format!("would allow it: {literal}")),
        "{stdout}"
    );
    assert!(!canary.was_reached().await);
    drop(canary);

    let (good, stdout, _) = check(&["--dial", "--allow", &target, &target]);
    assert!(!good && stdout.contains("dialled 127.0.0.1"), "{stdout}");
}
