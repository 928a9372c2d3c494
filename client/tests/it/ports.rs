//! Ports for servers that cannot be handed an open socket.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

/// A port of this machine that the kernel gives to no other program while this exists.
///
/// The socket is bound and does not listen. Connections to the port are refused until a server
/// listens there, which Linux permits if the server sets `SO_REUSEADDR`, as all servers of the tests
/// do.
pub(crate) struct ReservedPort {
    _socket: TcpSocket,
    number: u16,
}

impl ReservedPort {
    /// Reserves a port that is free.
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let number = socket.local_addr().unwrap().port();
        Self {
            _socket: socket,
            number,
        }
    }

    /// The number of the port.
    pub(crate) fn number(&self) -> u16 {
        self.number
    }

    /// The address of the port.
    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.number).into()
    }
}

mod tests {
    use std::io::ErrorKind;
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_reserved_port_refuses_connections_until_a_server_listens_there() {
        let port = ReservedPort::new();
        let refused = TcpStream::connect(port.address()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        for _ in 0..2 {
            let server = TcpListener::bind(port.address()).unwrap();
            TcpStream::connect(port.address()).unwrap();
            server.accept().unwrap();
        }
        let without_reuse = TcpSocket::new_v4().unwrap();
        let in_use = without_reuse.bind(port.address()).unwrap_err();
        assert_eq!(in_use.kind(), ErrorKind::AddrInUse);
    }
}
