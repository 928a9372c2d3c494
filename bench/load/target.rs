//! The server that the relays connect to: it greets with one byte, and then follows orders.
//!
//! An order is a letter and a number of bytes (64 bits, big-endian).

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// The first byte of a target, which also acknowledges data.
pub(crate) const GREETING: u8 = b'+';

/// The period of the bytes of a stream: a prime, so that no buffer's size is a multiple of it.
const PERIOD: usize = 251;

/// The bytes of one write.
pub(crate) const PIECE: usize = PERIOD * 1024;

/// The time that a stopped target waits before it ends.
const STANDSTILL: Duration = Duration::from_secs(30);

/// The stack of a thread for one connection: there are ten thousand of them.
const STACK: usize = 64 * 1024;

/// An order to a target.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Send this number of bytes.
    Send,
    /// Receive this number of bytes, and acknowledge them with one byte.
    Take,
    /// Receive likewise, and check each byte.
    Check,
    /// Echo this number of bytes.
    Echo,
    /// Stop reading.
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

    /// Encodes the order as it is sent to the target.
    pub(crate) fn encode(self, bytes: u64) -> [u8; 9] {
        let mut order = [0; 9];
        let (letter, number) = order.split_at_mut(1);
        let found = Self::ALL.iter().find(|(_, known)| *known == self);
        letter.fill(found.map_or(0, |(letter, _)| *letter));
        number.copy_from_slice(&bytes.to_be_bytes());
        order
    }

    fn decode(order: [u8; 9]) -> Option<(Self, u64)> {
        let (letter, number) = order.split_first_chunk::<1>()?;
        let (_, found) = Self::ALL.iter().find(|(known, _)| *known == letter[0])?;
        Some((*found, u64::from_be_bytes(number.try_into().ok()?)))
    }
}

/// Returns the beginning of every stream, in whole periods.
pub(crate) fn piece() -> &'static [u8] {
    static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| (0..=250).cycle().take(PIECE).collect());
    &BYTES
}

/// Returns true if a stream has `bytes` at `place`.
pub(crate) fn is_at(place: u64, bytes: &[u8]) -> bool {
    let begin = usize::try_from(place % PERIOD as u64).unwrap_or(0);
    let expected = piece().iter().cycle().skip(begin);
    bytes.iter().zip(expected).all(|(is, should)| is == should)
}

/// Serves until the process is killed.
pub(crate) fn serve() -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("a port")?;
    crate::figure("port", listener.local_addr()?.port().into());
    for stream in listener.incoming() {
        let stream = stream.context("accept")?;
        thread::Builder::new()
            .stack_size(STACK)
            // Most connections end when the client goes away.
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
        let Some((order, bytes)) = Order::decode(order) else {
            bail!("no such order");
        };
        match order {
            Order::Send => send(&mut stream, bytes)?,
            Order::Take | Order::Check => take(&mut stream, bytes, order == Order::Check)?,
            Order::Echo => echo(&mut stream, bytes)?,
            Order::Stop => thread::sleep(STANDSTILL),
        }
    }
}

fn send(stream: &mut TcpStream, bytes: u64) -> io::Result<()> {
    let mut left = bytes;
    while left > 0 {
        let now = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        stream.write_all(piece().get(..now).unwrap_or_default())?;
        left -= now as u64;
    }
    Ok(())
}

fn take(stream: &mut TcpStream, bytes: u64, look: bool) -> Result<()> {
    let mut buffer = vec![0; PIECE];
    let mut taken = 0;
    while taken < bytes {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            bail!("the client went away");
        }
        if look && !is_at(taken, buffer.get(..read).unwrap_or_default()) {
            bail!("the relay altered the data");
        }
        taken += read as u64;
    }
    Ok(stream.write_all(&[GREETING])?)
}

fn echo(stream: &mut TcpStream, bytes: u64) -> io::Result<()> {
    let mut buffer = [0; 4096];
    let mut left = bytes;
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
    fn a_byte_out_of_place_is_detected() {
        let mut bytes = [piece(), piece()].concat();
        assert!(is_at(0, &bytes));
        assert!(is_at(3, &bytes[3..]));
        assert!(!is_at(3, &bytes));
        bytes[1000] ^= 1;
        assert!(!is_at(0, &bytes));
    }

    #[test]
    fn orders_are_decoded_as_they_were_encoded() {
        for (_, order) in Order::ALL {
            let (read, bytes) = Order::decode(order.encode(1 << 40)).unwrap();
            assert!(read == order && bytes == 1 << 40);
        }
    }
}
