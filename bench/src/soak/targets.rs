//! The servers behind the bridge, each with a temper of its own.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::net::sockopt::set_socket_linger;

use xtask::ports::{ReservedPort, loopback};

/// How long a server waits for anything; more than the bridge lets a relay be silent.
const PATIENCE: Duration = Duration::from_secs(20);

/// How much [`Targets::flood`] sends: more than the kernel's and the bridge's buffers take.
pub(super) const FLOOD: usize = 8 * 1024 * 1024;

/// The ports of the servers, which run until the program ends.
pub(super) struct Targets {
    /// Sends back what it gets.
    pub(super) echo: u16,
    /// Sends [`FLOOD`] octets once it got one, and closes.
    pub(super) flood: u16,
    /// Resets the connection once it got an octet.
    pub(super) reset: u16,
    /// Says nothing, and waits for the other side to close.
    pub(super) mute: u16,
    /// Nobody listens.
    pub(super) nobody: u16,
    _nobody: ReservedPort,
}

impl Targets {
    /// Starts them all.
    ///
    /// # Errors
    /// When loopback has no port left.
    pub(super) fn start() -> Result<Self> {
        let nobody = ReservedPort::new()?;
        Ok(Self {
            echo: serve(echo)?,
            flood: serve(flood)?,
            reset: serve(reset)?,
            mute: serve(mute)?,
            nobody: nobody.number(),
            _nobody: nobody,
        })
    }

    /// The ports that the bridge has to be allowed.
    pub(super) fn ports(&self) -> [u16; 5] {
        [self.echo, self.flood, self.reset, self.mute, self.nobody]
    }
}

fn serve(talk: fn(TcpStream) -> io::Result<()>) -> Result<u16> {
    let listener = TcpListener::bind(loopback(0)).context("a port for a target")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let set = stream.set_read_timeout(Some(PATIENCE));
                // That the other side breaks off is what this is for.
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
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&vec![b'.'; FLOOD])
}

fn reset(mut stream: TcpStream) -> io::Result<()> {
    stream.read_exact(&mut [0])?;
    break_off(&stream)
}

fn mute(mut stream: TcpStream) -> io::Result<()> {
    io::copy(&mut stream, &mut io::sink()).map(drop)
}

/// Makes closing this stream a reset, which the other side sees as a broken connection.
pub(super) fn break_off(stream: &TcpStream) -> io::Result<()> {
    Ok(set_socket_linger(stream, Some(Duration::ZERO))?)
}
