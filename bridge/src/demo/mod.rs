//! The demo maildrop: a POP3 server inside the bridge, with messages written for this project.
//!
//! It listens on loopback only, on one port with implicit TLS and on one that offers `STLS`, and
//! makes itself a certification authority at every start. The page reaches it like any other
//! account, through the relay; other POP3 clients can be tested against it too.
//!
//! Three things differ from a maildrop of consequence, on purpose:
//! - The password is public ([`PASSWORD`]), so logging in before TLS is permitted.
//! - `DELE` holds within its session; the next session sees the whole maildrop again, so that no
//!   visitor finds it emptied by the one before.
//! - The dates of the messages are relative to the start, so that the mailbox looks lived in. A
//!   unique-id is made from the text as it was written, and stays the same from start to start.
//!
//! | file | holds |
//! |---|---|
//! | `templates` | the messages as they are committed |
//! | `placeholder` | what is filled in at the start: dates, and the large attachment |
//! | `picture` | that attachment, made and not committed |
//! | `maildrop` | the messages as they are served |
//! | `session`, `transaction` | what each command is answered with, without I/O |
//! | `connection`, `server` | the sockets, and their limits |
//! | `authority` | the certificates |

mod authority;
mod connection;
mod maildrop;
mod picture;
mod placeholder;
mod server;
mod session;
mod templates;
mod transaction;

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use restante_shared::page::DemoMaildrop;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use authority::Authority;
use maildrop::Maildrop;

/// The e-mail address that the demo's messages are written to.
pub const ADDRESS: &str = "visitor@restante.example";

/// The name to log in with.
pub const USER: &str = "visitor";

/// The password to log in with, which is no secret. It is no word that the server says: a client
/// leaves its password out of transcripts wherever it stands.
pub const PASSWORD: &str = "till-called-for";

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
