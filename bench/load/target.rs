//! The server behind the relays: it greets with one octet, and then does what it is told.
//!
//! An order is a letter and a number of octets (eight octets, the highest first).

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// What a target says first.
pub(crate) const GREETING: u8 = b'+';

/// The octets of a stream repeat after so many; a prime, so that no buffer's size divides by it.
const PERIOD: usize = 251;

/// What is written at once.
pub(crate) const PIECE: usize = PERIOD * 1024;

/// How long a target stands still when it is told to.
const STANDSTILL: Duration = Duration::from_secs(30);

/// The stack of a thread that holds one connection: there are ten thousand of them.
const STACK: usize = 64 * 1024;

/// What a target is told to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Send so many octets.
    Send,
    /// Take so many octets, and say with one octet that they have come.
    Take,
    /// Likewise, and look at each of them.
    Check,
    /// Send back what comes, so many octets in all.
    Echo,
    /// Read nothing any more.
    Stop,
}

impl Order {
    const ALL: [(u8, Self); 5] = [
        (b'S', Self::Send),
        (b'T', Self::Take),
        (b'C', Self::Check),
        (b'E', Self::Echo),
        (b'H', Self::Stop),
    ];

    /// As it goes to the target.
    pub(crate) fn encode(self, octets: u64) -> [u8; 9] {
        let mut order = [0; 9];
        let (letter, number) = order.split_at_mut(1);
        let found = Self::ALL.iter().find(|(_, known)| *known == self);
        letter.fill(found.map_or(0, |(letter, _)| *letter));
        number.copy_from_slice(&octets.to_be_bytes());
        order
    }

    fn decode(order: [u8; 9]) -> Option<(Self, u64)> {
        let (letter, number) = order.split_first_chunk::<1>()?;
        let (_, found) = Self::ALL.iter().find(|(known, _)| *known == letter[0])?;
        Some((*found, u64::from_be_bytes(number.try_into().ok()?)))
    }
}

/// The beginning of every stream, whole periods of it.
pub(crate) fn piece() -> &'static [u8] {
    static OCTETS: LazyLock<Vec<u8>> = LazyLock::new(|| (0..=250).cycle().take(PIECE).collect());
    &OCTETS
}

/// Whether `octets` are what a stream has at `place`.
pub(crate) fn is_at(place: u64, octets: &[u8]) -> bool {
    let begin = usize::try_from(place % PERIOD as u64).unwrap_or(0);
    let expected = piece().iter().cycle().skip(begin);
    octets.iter().zip(expected).all(|(is, should)| is == should)
}

/// Serves until the process is ended.
pub(crate) fn serve() -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("a port")?;
    crate::figure("port", listener.local_addr()?.port().into());
    for stream in listener.incoming() {
        let stream = stream.context("accept")?;
        thread::Builder::new()
            .stack_size(STACK)
            // A client that goes away in the middle is how most connections end.
            .spawn(move || drop(obey(stream)))
            .context("a thread for a connection")?;
    }
    Ok(())
}

fn obey(mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    stream.write_all(&[GREETING])?;
    let mut order = [0; 9];
    loop {
        stream.read_exact(&mut order)?;
        let Some((order, octets)) = Order::decode(order) else {
            bail!("no such order");
        };
        match order {
            Order::Send => send(&mut stream, octets)?,
            Order::Take | Order::Check => take(&mut stream, octets, order == Order::Check)?,
            Order::Echo => echo(&mut stream, octets)?,
            Order::Stop => thread::sleep(STANDSTILL),
        }
    }
}

fn send(stream: &mut TcpStream, octets: u64) -> io::Result<()> {
    let mut left = octets;
    while left > 0 {
        let now = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        stream.write_all(piece().get(..now).unwrap_or_default())?;
        left -= now as u64;
    }
    Ok(())
}

fn take(stream: &mut TcpStream, octets: u64, look: bool) -> Result<()> {
    let mut buffer = vec![0; PIECE];
    let mut taken = 0;
    while taken < octets {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            bail!("the client went away");
        }
        if look && !is_at(taken, buffer.get(..read).unwrap_or_default()) {
            bail!("other octets came than were sent");
        }
        taken += read as u64;
    }
    Ok(stream.write_all(&[GREETING])?)
}

fn echo(stream: &mut TcpStream, octets: u64) -> io::Result<()> {
    let mut buffer = [0; 4096];
    let mut left = octets;
    while left > 0 {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        stream.write_all(buffer.get(..read).unwrap_or_default())?;
        left = left.saturating_sub(read as u64);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_octet_out_of_place_is_seen() {
        let mut octets = [piece(), piece()].concat();
        assert!(is_at(0, &octets));
        assert!(is_at(3, &octets[3..]));
        assert!(!is_at(3, &octets));
        octets[1000] ^= 1;
        assert!(!is_at(0, &octets));
    }

    #[test]
    fn orders_are_read_as_they_were_given() {
        for (_, order) in Order::ALL {
            let (read, octets) = Order::decode(order.encode(1 << 40)).unwrap();
            assert!(read == order && octets == 1 << 40);
        }
    }
}
