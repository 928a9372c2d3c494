//! The options of the demo server, and its start.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use restante_shared::page::DemoMaildrop;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::account::{ADDRESS, PASSWORD, USER};
use crate::authority::Authority;
use crate::maildrop::Maildrop;
use crate::server;

/// The port with implicit TLS, where it is free and no other is asked for.
pub const DEFAULT_TLS_PORT: u16 = 8995;

/// The port with `STLS`, where it is free and no other is asked for.
pub const DEFAULT_STLS_PORT: u16 = 8911;

/// How long a session may be silent: [RFC 1939 §3] asks for at least ten minutes.
pub const IDLE: Duration = Duration::from_secs(600);

/// How the demo maildrop is set up.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// The port with implicit TLS: 0 for any free one, `None` for [`DEFAULT_TLS_PORT`] or, if that
    /// is taken, any free one.
    pub tls_port: Option<u16>,
    /// The port with `STLS`, likewise, by default [`DEFAULT_STLS_PORT`].
    pub stls_port: Option<u16>,
    /// The time to which the messages' dates are relative.
    pub now: SystemTime,
    /// How long a session may be silent before it is closed.
    pub idle: Duration,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self {
            tls_port: None,
            stls_port: None,
            now: SystemTime::now(),
            idle: IDLE,
        }
    }
}

/// A demo maildrop that is listening.
#[derive(Debug)]
pub struct Demo {
    /// What the page is told.
    pub page: DemoMaildrop,
    /// The address with implicit TLS, which [`page`](Self::page) names and the policy has to allow.
    pub tls: SocketAddr,
    /// The address with `STLS`, which the policy has to allow too.
    pub stls: SocketAddr,
    /// Ends after the shutdown signal, when both listeners and every session are closed.
    pub task: JoinHandle<()>,
}

/// Starts the demo maildrop on loopback, until `shutdown` completes.
///
/// # Errors
/// A port that was asked for is taken, or no certificate could be made.
pub async fn start(
    options: DemoOptions,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<Demo> {
    let authority = Authority::new(SystemTime::now())?;
    let maildrop = Arc::new(Maildrop::new(options.now)?);
    let tls_listener = listen(options.tls_port, DEFAULT_TLS_PORT).await?;
    let stls_listener = listen(options.stls_port, DEFAULT_STLS_PORT).await?;
    let tls = tls_listener.local_addr()?;
    let stls = stls_listener.local_addr()?;
    let page = DemoMaildrop {
        address: ADDRESS.to_owned(),
        // An address, since `localhost` may also mean ::1, where nobody listens.
        host: tls.ip().to_string(),
        port: tls.port(),
        user: USER.to_owned(),
        password: PASSWORD.to_owned(),
        ca_pem: authority.pem(),
    };
    let service = server::Service {
        maildrop,
        acceptor: authority.acceptor(),
        idle: options.idle,
    };
    tracing::info!(messages = service.maildrop.messages().len(), %tls, %stls, "demo maildrop ready");
    let task = tokio::spawn(server::run(service, tls_listener, stls_listener, shutdown));
    Ok(Demo {
        page,
        tls,
        stls,
        task,
    })
}

async fn listen(wanted: Option<u16>, default: u16) -> io::Result<TcpListener> {
    let on = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    match wanted {
        Some(port) => on(port).await,
        None => match on(default).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => on(0).await,
            bound => bound,
        },
    }
}
