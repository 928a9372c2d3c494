//! One connection to the target, through a relay or directly.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::frame::{self, FrameHeader};
use crate::target::{GREETING, Order, PIECE, piece};

/// The timeout of reads and writes, longer than any of them takes, so that a hanging relay fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest answer to a handshake.
const ANSWER: usize = 4096;

/// The number of frames of one write; each has 64,256 bytes of payload.
const FRAMES: usize = 4;

/// The route to the target.
pub(crate) struct Route {
    address: SocketAddr,
    /// The request that opens the WebSocket, or `None` for plain TCP.
    request: Option<String>,
    /// A [`PIECE`] of the stream as it is sent.
    packed: Vec<u8>,
}

impl Route {
    pub(crate) fn new(address: SocketAddr, path: Option<&str>, subprotocol: Option<&str>) -> Self {
        let offer = subprotocol.map_or_else(String::new, |name| {
            format!("Sec-WebSocket-Protocol: {name}\r\n")
        });
        let request = path.map(|path| {
            // The key need not be random: there is no cache on the way that it could protect.
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

    /// Connects and waits for the target's greeting.
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

    /// Sends this number of pieces.
    pub(crate) fn send_pieces(&self, link: &mut Link, pieces: u64) -> Result<()> {
        for _ in 0..pieces {
            link.stream.write_all(&self.packed)?;
        }
        Ok(())
    }

    /// Sends until the relay accepts nothing for a while, or seems to accept everything.
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

/// The time without progress after which a relay counts as stuck.
const STUCK: Duration = Duration::from_millis(300);

/// A number of pieces that exceeds any buffer: 66 MB.
const EVERYTHING: u32 = 256;

/// An open connection.
pub(crate) struct Link {
    stream: TcpStream,
    websocket: bool,
    /// The unread bytes of the current frame.
    left: u64,
    /// The beginning of a header, or an incomplete control frame.
    pending: Vec<u8>,
}

/// A buffer for received bytes, shared by many links, most of which are idle.
pub(crate) struct ReceiveBuffer(Vec<u8>);

impl ReceiveBuffer {
    pub(crate) fn new() -> Self {
        Self(vec![0; 512 * 1024])
    }

    /// Builds a buffer for short answers.
    pub(crate) fn small() -> Self {
        Self(vec![0; ANSWER])
    }
}

impl Link {
    /// Sends an order to the target.
    pub(crate) fn order(&mut self, order: Order, bytes: u64) -> Result<()> {
        self.send(&order.encode(bytes))
    }

    /// Sends bytes, in one frame if this is a WebSocket.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        match self.websocket {
            true => self
                .stream
                .write_all(&frame::masked(frame::BINARY, bytes))?,
            false => self.stream.write_all(bytes)?,
        }
        Ok(())
    }

    /// Receives `count` bytes, and calls `look` with each run and its place.
    pub(crate) fn receive(
        &mut self,
        buffer: &mut ReceiveBuffer,
        count: u64,
        mut look: impl FnMut(u64, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let mut received = 0;
        while received < count {
            self.read_some(buffer, |bytes| {
                look(received, bytes)?;
                received += bytes.len() as u64;
                Ok(())
            })?;
        }
        if received > count {
            bail!("the target sent more bytes than requested");
        }
        Ok(())
    }

    /// Receives `count` bytes and drops them.
    pub(crate) fn discard(&mut self, buffer: &mut ReceiveBuffer, count: u64) -> Result<()> {
        self.receive(buffer, count, |_, _| Ok(()))
    }

    /// Waits for the byte that greets, or acknowledges all data.
    pub(crate) fn expect_greeting(&mut self) -> Result<()> {
        self.receive(&mut ReceiveBuffer::small(), 1, |_, bytes| match bytes {
            [GREETING] => Ok(()),
            _ => bail!("the target sent an unexpected byte"),
        })
    }

    /// Answers pings that have arrived meanwhile.
    pub(crate) fn answer_pings(&mut self, buffer: &mut ReceiveBuffer) -> Result<()> {
        if !self.websocket {
            return Ok(());
        }
        self.stream.set_nonblocking(true)?;
        let result = self.read_some(buffer, |bytes| match bytes {
            [] => Ok(()),
            _ => bail!("the target sent unrequested bytes"),
        });
        self.stream.set_nonblocking(false)?;
        match result {
            Err(error) if is_would_block(&error) => Ok(()),
            other => other,
        }
    }

    /// Reads once, and calls `payload` with the received payload.
    fn read_some(
        &mut self,
        ReceiveBuffer(buffer): &mut ReceiveBuffer,
        mut payload: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let kept = self.pending.len();
        let (head, tail) = buffer.split_at_mut(kept);
        head.copy_from_slice(&self.pending);
        let read = self.stream.read(tail)?;
        if read == 0 {
            bail!("the relay closed the connection");
        }
        self.pending.clear();
        let mut bytes = buffer.get(..kept + read).unwrap_or_default();
        if !self.websocket {
            return payload(bytes);
        }
        while !bytes.is_empty() {
            if self.left > 0 {
                let now = usize::try_from(self.left).map_or(bytes.len(), |l| l.min(bytes.len()));
                let (part, rest) = bytes.split_at(now);
                payload(part)?;
                self.left -= now as u64;
                bytes = rest;
                continue;
            }
            let Some(header) = FrameHeader::decode(bytes)? else {
                break;
            };
            let rest = bytes.get(header.size..).unwrap_or_default();
            match header.opcode {
                frame::CLOSE => bail!("the relay closed: {}", String::from_utf8_lossy(rest)),
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
                    bytes = rest;
                }
                // Some relays send text frames only.
                _ => {
                    self.left = header.length;
                    bytes = rest;
                }
            }
        }
        self.pending.extend_from_slice(bytes);
        Ok(())
    }

    /// Reads the answer to the handshake, and no byte after it.
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
            // The rest is on its way: `peek` does not wait for it.
            std::thread::yield_now();
        }
    }
}

fn is_would_block(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<std::io::Error>();
    cause.is_some_and(|cause| cause.kind() == ErrorKind::WouldBlock)
}
