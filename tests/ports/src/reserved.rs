//! Reserved ports.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

/// A port of 127.0.0.1 that the kernel gives to no other program while this exists.
///
/// The socket is bound and does not listen. Connections to the port are refused until a server
/// listens there, which Linux permits if the server sets `SO_REUSEADDR`, as nearly all do. Other
/// systems do not permit it, so that there the port was merely free when it was chosen.
#[derive(Debug)]
pub struct ReservedPort {
    _socket: Option<Socket>,
    number: u16,
}

impl ReservedPort {
    /// Reserves a port that is free.
    ///
    /// # Errors
    /// Fails if no port is free.
    pub fn new() -> io::Result<Self> {
        // A child process does not inherit the socket, and so does not hold the port.
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.bind(&loopback(0).into())?;
        let address = socket.local_addr()?.as_socket();
        let number = address.map(|address| address.port());
        Ok(Self {
            number: number.ok_or_else(|| io::Error::other("the socket has no port"))?,
            _socket: cfg!(target_os = "linux").then_some(socket),
        })
    }

    /// Returns the number of the port.
    pub fn number(&self) -> u16 {
        self.number
    }

    /// Returns the address of the port.
    pub fn address(&self) -> SocketAddr {
        loopback(self.number)
    }
}

/// Returns the address of a port of 127.0.0.1.
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
        let refused = TcpStream::connect(port.address()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        for _ in 0..2 {
            let server = TcpListener::bind(port.address()).unwrap();
            TcpStream::connect(port.address()).unwrap();
            server.accept().unwrap();
        }
    }

    #[test]
    fn a_reserved_port_is_in_use_for_a_socket_without_reuse() {
        let port = ReservedPort::new().unwrap();
        let other = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let in_use = other.bind(&port.address().into()).unwrap_err();
        assert_eq!(in_use.kind(), ErrorKind::AddrInUse);
    }
}
