//! Sockets that a service manager holds open for the bridge, by systemd's protocol
//! ([sd_listen_fds(3)]): whoever connects during a restart waits in their queue, and none is refused.
//!
//! [sd_listen_fds(3)]: https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html

use std::env;
use std::net::{self, SocketAddr};

use anyhow::{Context as _, Result, bail};
use listenfd::ListenFd;
use tokio::net::TcpListener;

/// The name (`FileDescriptorName=`) of the socket for the status. The other one may have any.
const STATUS: &str = "status";

/// The sockets that were given, each of them or none.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    /// Where clients come.
    pub(crate) main: Option<net::TcpListener>,
    /// Where the status is asked for.
    pub(crate) status: Option<net::TcpListener>,
}

impl Sockets {
    /// Takes what was given to this process, and only once. It changes the environment, so no other
    /// thread may run yet.
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
                .context("the service manager passed a socket that is no TCP listener")?;
            if place.is_some() {
                bail!(
                    "the service manager passed too many sockets: the bridge takes one for clients, \
                     and one whose FileDescriptorName is {STATUS:?}"
                );
            }
            *place = socket;
        }
        Ok(sockets)
    }

    /// Where clients come, if that is given.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.main.as_ref()?.local_addr().ok()
    }
}

/// Makes a listener of a socket that was given, or of an `address` that `setting` says.
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
