//! One connection to the target, through a relay or straight.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::frame::{self, Header};
use crate::target::{GREETING, Order, PIECE, piece};

/// Longer than anything here takes, so that a relay that hangs fails instead.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest answer to a handshake.
const ANSWER: usize = 4096;

/// How many frames go out with one write; each has 64,256 octets of payload.
const FRAMES: usize = 4;

/// How to get to the target.
pub(crate) struct Way {
    address: SocketAddr,
    /// What opens the WebSocket; nothing where octets go as they are.
    request: Option<String>,
    /// A [`PIECE`] of the stream as it goes out.
    packed: Vec<u8>,
}

impl Way {
    pub(crate) fn new(address: SocketAddr, path: Option<&str>, subprotocol: Option<&str>) -> Self {
        let offer = subprotocol.map_or_else(String::new, |name| {
            format!("Sec-WebSocket-Protocol: {name}\r\n")
        });
        let request = path.map(|path| {
            // The key need not be random: nothing between here and the relay could be confused.
            format!(
                "GET {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\n\
                 Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                 Sec-WebSocket-Key: cmVzdGFudGUuIGJlbmNoIQ==\r\n{offer}\r\n"
            )
        });
        let packed = match &request {
            None => piece().to_vec(),
            Some(_) => piece()
                .chunks(PIECE / FRAMES)
                .flat_map(|part| frame::masked(frame::BINARY, part))
                .collect(),
        };
        Self {
            address,
            request,
            packed,
        }
    }

    /// Connects, and waits for the target's greeting.
    pub(crate) fn open(&self) -> Result<Link> {
        let stream = TcpStream::connect(self.address).context("connecting to the relay")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut link = Link {
            stream,
            websocket: self.request.is_some(),
            left: 0,
            pending: Vec::new(),
        };
        if let Some(request) = &self.request {
            link.stream.write_all(request.as_bytes())?;
            link.shake_hands()?;
        }
        link.expect_greeting()?;
        Ok(link)
    }

    /// Sends so many pieces.
    pub(crate) fn send_pieces(&self, link: &mut Link, pieces: u64) -> Result<()> {
        for _ in 0..pieces {
            link.stream.write_all(&self.packed)?;
        }
        Ok(())
    }

    /// Sends until the relay takes nothing any more for a while, or seems to take everything.
    pub(crate) fn send_until_stuck(&self, link: &mut Link) -> Result<()> {
        link.stream.set_write_timeout(Some(STUCK))?;
        for _ in 0..EVERYTHING {
            match link.stream.write_all(&self.packed) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error).context("sending to a target that does not read"),
            }
        }
        Ok(())
    }
}

/// How long a relay takes nothing when it will not take any more.
const STUCK: Duration = Duration::from_millis(300);

/// How many pieces are more than any bound: 66 MB.
const EVERYTHING: u32 = 256;

/// An open connection.
pub(crate) struct Link {
    stream: TcpStream,
    websocket: bool,
    /// Octets that the frame being read still has.
    left: u64,
    /// The beginning of a header, or a control frame that is not all there.
    pending: Vec<u8>,
}

/// Room for what comes; one for many links, most of which are idle.
pub(crate) struct Room(Vec<u8>);

impl Room {
    pub(crate) fn new() -> Self {
        Self(vec![0; 512 * 1024])
    }

    /// For what is smaller than a page.
    pub(crate) fn small() -> Self {
        Self(vec![0; ANSWER])
    }
}

impl Link {
    /// Tells the target what to do.
    pub(crate) fn order(&mut self, order: Order, octets: u64) -> Result<()> {
        self.send(&order.encode(octets))
    }

    /// Sends octets, in one frame where there are frames.
    pub(crate) fn send(&mut self, octets: &[u8]) -> Result<()> {
        match self.websocket {
            true => self
                .stream
                .write_all(&frame::masked(frame::BINARY, octets))?,
            false => self.stream.write_all(octets)?,
        }
        Ok(())
    }

    /// Receives `count` octets and shows them to `look`, with the place of each run.
    pub(crate) fn receive(
        &mut self,
        room: &mut Room,
        count: u64,
        mut look: impl FnMut(u64, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let mut received = 0;
        while received < count {
            self.read_some(room, |octets| {
                look(received, octets)?;
                received += octets.len() as u64;
                Ok(())
            })?;
        }
        if received > count {
            bail!("the target sent more than it was asked for");
        }
        Ok(())
    }

    /// Receives and forgets.
    pub(crate) fn discard(&mut self, room: &mut Room, count: u64) -> Result<()> {
        self.receive(room, count, |_, _| Ok(()))
    }

    /// Waits for the octet that says: here I am, or: all has come.
    pub(crate) fn expect_greeting(&mut self) -> Result<()> {
        self.receive(&mut Room::small(), 1, |_, octets| match octets {
            [GREETING] => Ok(()),
            _ => bail!("the target said something else than was expected"),
        })
    }

    /// Answers pings that have come meanwhile.
    pub(crate) fn tend(&mut self, room: &mut Room) -> Result<()> {
        if !self.websocket {
            return Ok(());
        }
        self.stream.set_nonblocking(true)?;
        let result = self.read_some(room, |octets| match octets {
            [] => Ok(()),
            _ => bail!("the target sent something by itself"),
        });
        self.stream.set_nonblocking(false)?;
        match result {
            Err(error) if is_would_block(&error) => Ok(()),
            other => other,
        }
    }

    /// Reads once, and gives the payload of what came.
    fn read_some(
        &mut self,
        Room(room): &mut Room,
        mut payload: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let kept = self.pending.len();
        let (head, tail) = room.split_at_mut(kept);
        head.copy_from_slice(&self.pending);
        let read = self.stream.read(tail)?;
        if read == 0 {
            bail!("the relay closed the connection");
        }
        self.pending.clear();
        let mut octets = room.get(..kept + read).unwrap_or_default();
        if !self.websocket {
            return payload(octets);
        }
        while !octets.is_empty() {
            if self.left > 0 {
                let now = usize::try_from(self.left).map_or(octets.len(), |l| l.min(octets.len()));
                let (part, rest) = octets.split_at(now);
                payload(part)?;
                self.left -= now as u64;
                octets = rest;
                continue;
            }
            let Some(header) = Header::decode(octets)? else {
                break;
            };
            let rest = octets.get(header.size..).unwrap_or_default();
            match header.opcode {
                frame::CLOSE => bail!("the relay said goodbye: {}", String::from_utf8_lossy(rest)),
                frame::PING | frame::PONG => {
                    let Some((control, rest)) = usize::try_from(header.length)
                        .ok()
                        .and_then(|l| rest.split_at_checked(l))
                    else {
                        break;
                    };
                    if header.opcode == frame::PING {
                        self.stream
                            .write_all(&frame::masked(frame::PONG, control))?;
                    }
                    octets = rest;
                }
                // Text as well: some relays have nothing else for what is no WebSocket.
                _ => {
                    self.left = header.length;
                    octets = rest;
                }
            }
        }
        self.pending.extend_from_slice(octets);
        Ok(())
    }

    /// Reads the answer to the handshake and nothing beyond.
    fn shake_hands(&mut self) -> Result<()> {
        const END: &[u8] = b"\r\n\r\n";
        let mut answer = [0; ANSWER];
        loop {
            let seen = self.stream.peek(&mut answer)?;
            let seen = answer.get(..seen).unwrap_or_default();
            if let Some(place) = seen.windows(END.len()).position(|four| four == END) {
                let mut answer = vec![0; place + END.len()];
                self.stream.read_exact(&mut answer)?;
                if answer.starts_with(b"HTTP/1.1 101") {
                    return Ok(());
                }
                bail!("the relay refused: {}", String::from_utf8_lossy(&answer));
            }
            if seen.is_empty() || seen.len() == ANSWER {
                bail!("the relay gave no answer");
            }
            // The rest is under way: `peek` would not wait for it.
            std::thread::yield_now();
        }
    }
}

fn is_would_block(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<std::io::Error>();
    cause.is_some_and(|cause| cause.kind() == ErrorKind::WouldBlock)
}
