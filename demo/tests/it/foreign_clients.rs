//! Clients of other hands: Python's poplib and curl, whose readings have to equal ours.

use std::path::Path;
use std::process::Command;

use md5::{Digest as _, Md5};

use crate::client::Pop3Client;
use crate::{RunningDemo, start};

async fn run(program: &'static str, arguments: Vec<String>) -> Vec<u8> {
    let output =
        tokio::task::spawn_blocking(move || Command::new(program).args(arguments).output())
            .await
            .unwrap()
            .unwrap_or_else(|error| {
                panic!("this test needs {program}, which does not start: {error}")
            });
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {errors}");
    output.stdout
}

fn authority(running: &RunningDemo, folder: &Path) -> String {
    let path = folder.join("authority.pem");
    std::fs::write(&path, &running.demo.page.ca_pem).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn poplib_reads_every_message_over_tls_and_stls_and_by_apop() {
    let running = start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut client = Pop3Client::logged_in(&running).await;
    let mut expected = String::new();
    for line in client.lines("UIDL").await {
        let (number, id) = line.split_once(' ').unwrap();
        let bytes = client.body(&format!("RETR {number}")).await;
        let digest = Md5::digest(&bytes);
        expected += &format!("{number} {id} {} {digest:x}\n", bytes.len());
    }
    let script = include_str!("poplib_reads_all.py");
    for way in ["tls", "stls", "apop"] {
        let address = match way {
            "tls" => running.demo.tls,
            _ => running.demo.stls,
        };
        let arguments = vec![
            "-c".to_owned(),
            script.to_owned(),
            way.to_owned(),
            address.port().to_string(),
            authority(&running, folder.path()),
        ];
        let printed = String::from_utf8(run("python3", arguments).await).unwrap();
        assert_eq!(printed, expected, "{way}");
    }
}

#[tokio::test]
async fn curl_lists_and_reads_over_tls_and_stls() {
    let running = start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut client = Pop3Client::logged_in(&running).await;
    let listing = client.body("LIST").await;
    let message = client.body("RETR 1").await;
    let authority = authority(&running, folder.path());
    let curl = |url: String| {
        let options = [
            "-q",
            "--silent",
            "--show-error",
            "--max-time",
            "20",
            "--noproxy",
            "*",
        ];
        let more = [
            "--ssl-reqd",
            "--user",
            "visitor:till-called-for",
            "--cacert",
            &authority,
            &url,
        ];
        run(
            "curl",
            options.iter().chain(&more).map(|&s| s.to_owned()).collect(),
        )
    };
    for root in [
        format!("pop3s://127.0.0.1:{}", running.demo.tls.port()),
        format!("pop3://127.0.0.1:{}", running.demo.stls.port()),
        format!("pop3s://localhost:{}", running.demo.tls.port()),
    ] {
        assert_eq!(curl(format!("{root}/")).await, listing, "{root}");
        assert_eq!(curl(format!("{root}/1")).await, message, "{root}");
    }
}
