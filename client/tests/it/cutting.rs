//! A proxy that ends a connection, or falls silent, after a number of bytes from the server.

use std::future::pending;
use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The behaviour after the limit.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    /// The connection ends, and the proxy accepts no other.
    Cut,
    /// The connection stays open, and delivers no more data.
    Silence,
}

/// Starts a proxy to a port of this machine, and returns its own port. Each connection carries at
/// most `octets` bytes from the server.
pub(crate) async fn start(target: u16, octets: u64, then: Then) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let relaying = tokio::spawn(relay(client, target, octets, then));
            if matches!(then, Then::Cut) {
                let _ = relaying.await;
                break;
            }
        }
    });
    port
}

async fn relay(mut client: TcpStream, target: u16, octets: u64, then: Then) -> std::io::Result<()> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await?;
    let (from_server, mut to_server) = server.split();
    let (mut from_client, mut to_client) = client.split();
    let mut said = from_server.take(octets);
    tokio::select! {
        copied = tokio::io::copy(&mut said, &mut to_client) => copied?,
        copied = tokio::io::copy(&mut from_client, &mut to_server) => copied?,
    };
    match then {
        Then::Cut => to_client.shutdown().await,
        Then::Silence => pending().await,
    }
}
