//! The servers that the bridge connects to, each with a behaviour of its own.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::net::sockopt::set_socket_linger;

use restante_ports::{ReservedPort, loopback};

/// The timeout of a server, longer than the bridge's limit for a silent relay.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The bytes that [`Targets::flood`] sends: more than the kernel's and the bridge's buffers hold.
pub(super) const FLOOD: usize = 8 * 1024 * 1024;

/// The ports of the servers, which run until the program ends.
pub(super) struct Targets {
    /// Echoes all bytes.
    pub(super) echo: u16,
    /// Sends [`FLOOD`] bytes after it received one, and closes.
    pub(super) flood: u16,
    /// Resets the connection after it received a byte.
    pub(super) reset: u16,
    /// Sends nothing, and waits for the other side to close.
    pub(super) mute: u16,
    /// Refuses connections.
    pub(super) refusing: u16,
    _refusing: ReservedPort,
}

impl Targets {
    /// Starts all servers.
    ///
    /// # Errors
    /// Fails if no port is free.
    pub(super) fn start() -> Result<Self> {
        let refusing = ReservedPort::new()?;
        Ok(Self {
            echo: serve(echo)?,
            flood: serve(flood)?,
            reset: serve(reset)?,
            mute: serve(mute)?,
            refusing: refusing.number(),
            _refusing: refusing,
        })
    }

    /// Returns the ports that the bridge must be allowed to dial.
    pub(super) fn ports(&self) -> [u16; 5] {
        [self.echo, self.flood, self.reset, self.mute, self.refusing]
    }
}

fn serve(talk: fn(TcpStream) -> io::Result<()>) -> Result<u16> {
    let listener = TcpListener::bind(loopback(0)).context("a port for a target")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let set = stream.set_read_timeout(Some(TIMEOUT));
                // The other side is meant to break connections.
                let _ = set.and_then(|()| talk(stream));
            });
        }
    });
    Ok(port)
}

fn echo(mut stream: TcpStream) -> io::Result<()> {
    io::copy(&mut stream.try_clone()?, &mut stream)?;
    stream.shutdown(Shutdown::Write)
}

fn flood(mut stream: TcpStream) -> io::Result<()> {
    stream.read_exact(&mut [0])?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(&vec![b'.'; FLOOD])
}

fn reset(mut stream: TcpStream) -> io::Result<()> {
    stream.read_exact(&mut [0])?;
    break_off(&stream)
}

fn mute(mut stream: TcpStream) -> io::Result<()> {
    io::copy(&mut stream, &mut io::sink()).map(drop)
}

/// Turns the closing of this stream into a reset, which the other side sees as a broken connection.
pub(super) fn break_off(stream: &TcpStream) -> io::Result<()> {
    Ok(set_socket_linger(stream, Some(Duration::ZERO))?)
}
