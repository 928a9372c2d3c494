//! The binary under a service manager, which keeps sockets open over a restart and is notified.
#![cfg(unix)]

use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Instant;

use restante_shared::relay::{PATH, SUBPROTOCOL};
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::binary::{PROGRAM, Started, ask, get};
use crate::world::{PATIENCE, TestClient, TestTarget};

/// The descriptors of the first sockets of a process, and a shell that moves them there. The process gets
/// them as its standard input and error, which is how `std` can pass them.
const ONE_SOCKET: &str = "export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$0\" \"$@\" 3<&0 </dev/null";
const TWO_SOCKETS: &str = "export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=clients:status; \
    exec \"$0\" \"$@\" 3<&0 4<&2 </dev/null 2>/dev/null";

/// The binary, with `socket` as its first descriptor.
fn given(script: &str, socket: &TcpListener, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script, PROGRAM]).args(arguments);
    command.stdin(handed(socket)).stderr(Stdio::null());
    command
}

fn handed(socket: &TcpListener) -> OwnedFd {
    socket.try_clone().unwrap().into()
}

fn opened(status: &str) -> u32 {
    let metrics = get(status, "/metrics");
    let mut lines = metrics.lines();
    let count = lines.find_map(|line| line.strip_prefix("restante_connections_opened_total "));
    count.unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_loses_no_connection_and_cuts_no_relay() {
    let target = TestTarget::start().await;
    let allowed = format!("localhost:{}", target.port);
    let arguments = ["--allow", &allowed, "--status-listen", "127.0.0.1:0"];
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let start = || {
        let mut bridge = Started::spawn(&mut given(ONE_SOCKET, &socket, &arguments));
        assert_eq!(bridge.address(), address);
        let status = bridge.address_of("Status");
        (bridge, status)
    };

    let (mut old, status) = start();
    let query = format!("host=localhost&port={}", target.port);
    let mut request = format!("ws://{address}{PATH}?{query}")
        .into_client_request()
        .unwrap();
    let headers = request.headers_mut();
    headers.insert("Origin", format!("http://{address}").parse().unwrap());
    headers.insert("Sec-WebSocket-Protocol", SUBPROTOCOL.parse().unwrap());
    let stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let (socket_of_relay, _) = tokio_tungstenite::client_async(request, stream)
        .await
        .unwrap();
    let mut relay = TestClient {
        socket: socket_of_relay,
    };
    let mut server = target.accept().await;

    old.signal("-TERM");
    while !get(&status, "/readyz").ends_with("draining\n") {}
    let waiting: Vec<_> = (0..20)
        .map(|_| TcpStream::connect(&address).unwrap())
        .collect();
    let (_new, status_of_new) = start();
    for stream in waiting {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let answer = ask(stream, "/healthz");
        assert!(answer.ends_with("ok\n"), "{answer}");
    }
    let by_new = opened(&status_of_new);
    assert!(by_new > 0);
    assert_eq!(by_new + opened(&status), 21);

    server.write_all(b"+OK still here").await.unwrap();
    assert_eq!(relay.receive(14).await, b"+OK still here");
    drop(server);
    assert_eq!(relay.close_code().await, 1000);
    assert!(old.child.wait().unwrap().success());
}

#[test]
fn the_status_can_have_a_socket_too() {
    let [clients, status] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let mut command = given(TWO_SOCKETS, &clients, &[]);
    let mut bridge = Started::spawn(command.stderr(handed(&status)));
    assert_eq!(bridge.address(), clients.local_addr().unwrap().to_string());
    let address = bridge.address_of("Status");
    assert_eq!(address, status.local_addr().unwrap().to_string());
    while !get(&address, "/readyz").ends_with("ready\n") {}
}

#[test]
fn a_socket_that_other_machines_reach_is_not_served_without_tls() {
    let socket = TcpListener::bind("0.0.0.0:0").unwrap();
    let mut command = given(ONE_SOCKET, &socket, &["--listen", "127.0.0.1:1"]);
    let output = command.stderr(Stdio::piped()).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(
        text.contains("refusing to serve plain HTTP on 0.0.0.0"),
        "{text}"
    );
}

#[test]
fn sockets_for_another_process_are_not_used() {
    let mut command = Command::new(PROGRAM);
    command.args(["--listen", "127.0.0.1:0"]);
    command.env("LISTEN_PID", "1").env("LISTEN_FDS", "1");
    let mut bridge = Started::spawn(command.stderr(Stdio::null()));
    assert!(get(&bridge.address(), "/healthz").ends_with("ok\n"));
}

#[test]
fn the_service_manager_is_notified_of_each_step() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let hear = || {
        let mut said = [0; 1024];
        let bytes = manager.recv(&mut said).unwrap();
        String::from_utf8(said[..bytes].to_vec()).unwrap()
    };
    let mut command = Command::new(PROGRAM);
    command.args(["--listen", "127.0.0.1:0", "--drain-seconds", "7"]);
    command
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "20000");
    let mut bridge = Started::spawn(command.stderr(Stdio::null()));
    let mut said = Vec::new();
    while said.iter().filter(|said| *said == "WATCHDOG=1\n").count() < 3
        || !said.iter().any(|said: &String| said.contains("READY=1\n"))
    {
        said.push(hear());
    }
    let next = || {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let next = hear();
            if !next.starts_with("WATCHDOG=1") {
                return next;
            }
            assert!(Instant::now() < deadline, "it says only that it is alive");
        }
    };
    // Before the bridge handles the signal, it would end the process.
    assert!(get(&bridge.address(), "/healthz").ends_with("ok\n"));
    bridge.signal("-HUP");
    let begun = next();
    assert!(begun.contains("RELOADING=1\n"), "{begun}");
    assert!(begun.contains("MONOTONIC_USEC="), "{begun}");
    let done = next();
    assert!(done.contains("READY=1\n"), "{done}");

    bridge.signal("-TERM");
    let last = next();
    assert!(last.contains("STOPPING=1\n"), "{last}");
    // The drain time, twice the close time, and a reserve.
    assert!(last.contains("EXTEND_TIMEOUT_USEC=18000000\n"), "{last}");
    assert!(bridge.child.wait().unwrap().success());
}

#[test]
fn a_second_signal_ends_the_drain() {
    let mut command = Command::new(PROGRAM);
    command.args(["--listen", "127.0.0.1:0", "--drain-seconds", "600"]);
    command.args(["--status-listen", "127.0.0.1:0"]);
    let mut bridge = Started::spawn(command.stderr(Stdio::null()));
    let address = bridge.address();
    let status = bridge.address_of("Status");
    let _idle = TcpStream::connect(&address).unwrap();
    assert!(get(&address, "/healthz").ends_with("ok\n"));
    bridge.signal("-TERM");
    while !get(&status, "/readyz").ends_with("draining\n") {}
    // The idle connection was accepted before, and still has time for a request.
    assert!(bridge.child.try_wait().unwrap().is_none());
    bridge.signal("-INT");
    assert!(bridge.child.wait().unwrap().success());
}
