//! Sockets that a service manager holds open for the bridge, with systemd's protocol
//! ([sd_listen_fds(3)]). Clients that connect during a restart wait in their queue instead of being refused.
//!
//! [sd_listen_fds(3)]: https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html

use std::env;
use std::net::{self, SocketAddr};

use anyhow::{Context as _, Result, bail};
use listenfd::ListenFd;
use tokio::net::TcpListener;

/// The name (`FileDescriptorName=`) of the socket for the status. The other one may have any name.
const STATUS: &str = "status";

/// The sockets that were passed, if any.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    /// The socket for clients.
    pub(crate) main: Option<net::TcpListener>,
    /// The socket for the status.
    pub(crate) status: Option<net::TcpListener>,
}

impl Sockets {
    /// Takes the sockets that were passed to this process. To be called once, and before other threads run,
    /// because it changes the environment.
    pub(crate) fn take() -> Result<Self> {
        let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':');
        let mut given = ListenFd::from_env();
        let mut sockets = Self::default();
        for index in 0..given.len() {
            let place = match names.next() {
                Some(STATUS) => &mut sockets.status,
                Some(_) | None => &mut sockets.main,
            };
            let socket = given
                .take_tcp_listener(index)
                .context("the service manager passed a socket that is not a TCP listener")?;
            if place.is_some() {
                bail!(
                    "the service manager passed too many sockets: the bridge accepts one for clients, and \
                     one with the FileDescriptorName {STATUS:?}"
                );
            }
            *place = socket;
        }
        Ok(sockets)
    }

    /// Returns the address of the socket for clients, if there is one.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.main.as_ref()?.local_addr().ok()
    }
}

/// Returns the `given` socket as a listener, or listens on the `address` of `setting`.
pub(crate) async fn listen(
    given: Option<net::TcpListener>,
    address: SocketAddr,
    setting: &str,
) -> Result<TcpListener> {
    match given {
        Some(socket) => {
            socket.set_nonblocking(true)?;
            Ok(TcpListener::from_std(socket)?)
        }
        None => TcpListener::bind(address).await.with_context(|| {
            format!("cannot listen on {address}: choose another address with --{setting}")
        }),
    }
}
