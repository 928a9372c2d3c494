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
use crate::authority::DemoAuthority;
use crate::maildrop::DemoMessages;
use crate::server;

/// The default port with implicit TLS, if it is free.
pub const DEFAULT_TLS_PORT: u16 = 8995;

/// The default port with `STLS`, if it is free.
pub const DEFAULT_STLS_PORT: u16 = 8911;

/// The longest silence of a session: [RFC 1939 §3] requires at least ten minutes.
pub const IDLE: Duration = Duration::from_secs(600);

/// The options of the demo server.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// The port with implicit TLS: 0 for any free one, `None` for [`DEFAULT_TLS_PORT`] or, if that is in
    /// use, any free one.
    pub tls_port: Option<u16>,
    /// The port with `STLS`, in the same way with [`DEFAULT_STLS_PORT`].
    pub stls_port: Option<u16>,
    /// The time to which the messages' dates are relative.
    pub now: SystemTime,
    /// The silence after which a session is closed.
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

/// A running demo server.
#[derive(Debug)]
pub struct Demo {
    /// The account, for the page's configuration.
    pub page: DemoMaildrop,
    /// The address with implicit TLS, which [`page`](Self::page) names and the policy has to allow.
    pub tls: SocketAddr,
    /// The address with `STLS`, which the policy has to allow too.
    pub stls: SocketAddr,
    /// The task that ends after the shutdown signal, when both listeners and all sessions are closed.
    pub task: JoinHandle<()>,
}

/// Starts the demo server on loopback, until `shutdown` completes.
///
/// # Errors
/// A requested port is in use, or the certificates could not be created.
pub async fn start(
    options: DemoOptions,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<Demo> {
    let authority = DemoAuthority::new(SystemTime::now())?;
    let maildrop = Arc::new(DemoMessages::new(options.now)?);
    let tls_listener = listen(options.tls_port, DEFAULT_TLS_PORT).await?;
    let stls_listener = listen(options.stls_port, DEFAULT_STLS_PORT).await?;
    let tls = tls_listener.local_addr()?;
    let stls = stls_listener.local_addr()?;
    let page = DemoMaildrop {
        address: ADDRESS.to_owned(),
        // An address, because `localhost` may also resolve to ::1, which has no listener.
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
    tracing::info!(messages = service.maildrop.messages().len(), %tls, %stls, "demo server ready");
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
