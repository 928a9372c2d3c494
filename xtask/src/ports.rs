//! Ports for servers that cannot be handed an open socket.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::OwnedFd;

use anyhow::{Context, Result};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::sockopt::set_socket_reuseaddr;
use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};

/// A port of this machine that the kernel gives to no other program while this exists.
///
/// The socket is bound and does not listen. Connections to the port are refused until a server
/// listens there, which Linux permits if the server sets `SO_REUSEADDR`, as nearly all do. Other
/// systems do not permit it, so that there the port was merely free when it was chosen.
pub struct ReservedPort {
    _socket: Option<OwnedFd>,
    number: u16,
}

impl ReservedPort {
    /// Reserves a port that is free.
    pub fn new() -> Result<Self> {
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
        // Children must not hold the port for longer than this program does.
        fcntl_setfd(&socket, FdFlags::CLOEXEC)?;
        set_socket_reuseaddr(&socket, true)?;
        bind(&socket, &loopback(0)).context("no port is free")?;
        Ok(Self {
            number: SocketAddrV4::try_from(getsockname(&socket)?)?.port(),
            _socket: cfg!(target_os = "linux").then_some(socket),
        })
    }

    /// The number of the port.
    pub fn number(&self) -> u16 {
        self.number
    }
}

/// An address on this machine only.
pub fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_reserved_port_refuses_connections_until_a_server_listens_there() {
        let port = ReservedPort::new().unwrap();
        let address = loopback(port.number());
        let refused = TcpStream::connect(address).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        for _ in 0..2 {
            let server = TcpListener::bind(address).unwrap();
            TcpStream::connect(address).unwrap();
            server.accept().unwrap();
        }
    }
}
