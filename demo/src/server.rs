//! Accepts connections on both listeners, and ends all of them at shutdown.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::process;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use restante_shared::pop3::argument::ApopTimestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::connection;
use crate::maildrop::DemoMessages;
use crate::session::DemoSession;

/// The most sessions at a time; other connections wait to be accepted. A session needs some 100 KB.
pub(crate) const MAX_SESSIONS: usize = 64;

/// The pause after a failed accept, which mostly means that descriptors ran out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The state that all sessions share.
pub(crate) struct Service {
    /// The messages.
    pub(crate) maildrop: Arc<DemoMessages>,
    /// The server side of handshakes.
    pub(crate) acceptor: TlsAcceptor,
    /// The longest silence of a session.
    pub(crate) idle: Duration,
}

/// Serves both listeners until `shutdown`, then drops every connection.
pub(crate) async fn run(
    service: Service,
    tls: TcpListener,
    stls: TcpListener,
    shutdown: impl Future<Output = ()>,
) {
    let mut sessions = JoinSet::new();
    let mut number: u64 = 0;
    tokio::pin!(shutdown);
    loop {
        let room = sessions.len() < MAX_SESSIONS;
        let ((stream, peer), encrypted) = tokio::select! {
            () = &mut shutdown => break,
            Some(_) = sessions.join_next() => continue,
            accepted = accept(&tls), if room => (accepted, true),
            accepted = accept(&stls), if room => (accepted, false),
        };
        number += 1;
        sessions.spawn(serve(&service, number, stream, peer, encrypted));
    }
    sessions.shutdown().await;
}

/// Waits for a connection. A failure is logged and retried, at most ten times a second.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::error!(%error, "the demo server cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn serve(
    service: &Service,
    number: u64,
    stream: TcpStream,
    peer: SocketAddr,
    encrypted: bool,
) -> impl Future<Output = ()> + Send + 'static {
    let maildrop = Arc::clone(&service.maildrop);
    let acceptor = service.acceptor.clone();
    let idle = service.idle;
    async move {
        let ended = match timestamp(number) {
            Err(error) => Err(error),
            Ok(timestamp) => {
                let session = DemoSession::new(maildrop, timestamp, encrypted);
                if encrypted {
                    connection::serve_tls(stream, acceptor, idle, session).await
                } else {
                    connection::serve_stls(stream, acceptor, idle, session).await
                }
            }
        };
        match ended {
            Ok(()) => tracing::debug!(%peer, "demo session ended"),
            Err(error) => tracing::debug!(%peer, %error, "demo session failed"),
        }
    }
}

/// Creates the timestamp of a greeting, unique for each session ([RFC 1939 §7]).
fn timestamp(number: u64) -> io::Result<ApopTimestamp> {
    let process = process::id();
    let clock = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos();
    ApopTimestamp::new(format!("<{process}.{number}.{clock}@restante.example>"))
        .map_err(io::Error::other)
}
