//! What the bridge writes down of a relay: who and how much, and never what.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use restante_shared::relay::{PATH, SUBPROTOCOL};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::world::{Client, Target};

#[tokio::test]
async fn the_log_names_targets_and_counts_and_shows_no_octets_at_any_level() {
    let target = Target::start().await;
    let allowed = format!("localhost:{}", target.port);
    let mut bridge = Command::new(env!("CARGO_BIN_EXE_restante-bridge"))
        .args(["--listen", "127.0.0.1:0", "--log", "trace"])
        .args(["--allow", &allowed])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(bridge.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("Restante: http://").unwrap();
    let address = address.strip_suffix('/').unwrap();

    let query = format!("host=localhost&port={}", target.port);
    let mut request = format!("ws://{address}{PATH}?{query}")
        .into_client_request()
        .unwrap();
    let headers = request.headers_mut();
    headers.insert("Origin", format!("http://{address}").parse().unwrap());
    headers.insert("Sec-WebSocket-Protocol", SUBPROTOCOL.parse().unwrap());
    let stream = TcpStream::connect(address).await.unwrap();
    let (socket, _) = tokio_tungstenite::client_async(request, stream)
        .await
        .unwrap();
    let mut client = Client { socket };
    client.send("PASS hunter2\r\n").await;
    let mut server = target.accept().await;
    server.write_all(b"+OK swordfish").await.unwrap();
    assert_eq!(client.receive(13).await, b"+OK swordfish");
    drop(server);
    client.close_code().await;

    let mut log = String::new();
    let mut stderr = BufReader::new(bridge.stderr.take().unwrap());
    while !log.contains("relay ended") {
        assert_ne!(stderr.read_line(&mut log).unwrap(), 0, "{log}");
    }
    bridge.kill().unwrap();
    bridge.wait().unwrap();
    assert!(
        log.contains(&allowed) && log.contains("to_client=13"),
        "{log}"
    );
    // As text, and as the numbers of the octets.
    for secret in ["hunter2", "swordfish", "104, 117, 110", "115, 119, 111"] {
        assert!(!log.contains(secret), "{log}");
    }
}
