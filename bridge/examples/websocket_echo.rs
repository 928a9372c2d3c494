//! A server that echoes messages over the bridge's WebSocket layer, for `cargo xtask autobahn`.
//!
//! The relay never stores a message and refuses text. This example adds what a complete server needs: it
//! assembles messages, and checks whether text is UTF-8.

use std::io::Write as _;
use std::net::Ipv4Addr;

use anyhow::{Context, Result, bail};
use restante_bridge::websocket::{
    Control, Decoder, FrameError, FrameEvent, LONGEST_HEADER, MessageKind, Opcode, close_payload,
    control, header, unmask,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The longest frame of the test suite: 16 MiB.
const LONGEST_FRAME: usize = 64 * 1024 * 1024;

#[tokio::main]
async fn main() -> Result<()> {
    // The port may be given. Otherwise the printed line contains it.
    let port = std::env::args().nth(1).map_or(Ok(0), |port| port.parse())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            if let Err(error) = serve(stream).await {
                let _ = writeln!(std::io::stderr(), "{error:#}");
            }
        });
    }
}

async fn serve(mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let rest = shake_hands(&mut stream).await?;
    let mut echo = Echo {
        decoder: Decoder::new(LONGEST_FRAME),
        kind: MessageKind::Binary,
        message: Vec::new(),
        checked: 0,
        answer: Vec::new(),
    };
    let mut bytes = rest;
    loop {
        let close = echo.read(&mut bytes);
        if let Some(payload) = &close {
            echo.answer.extend(control(Opcode::Close, payload));
        }
        stream.write_all(&echo.answer).await?;
        echo.answer.clear();
        if close.is_some() {
            stream.shutdown().await?;
            while stream.read(&mut [0; 4096]).await? > 0 {}
            return Ok(());
        }
        bytes.clear();
        bytes.reserve(64 * 1024);
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    }
}

/// Answers the handshake, and returns the bytes after it.
async fn shake_hands(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let mut request = Vec::new();
    let end = loop {
        if let Some(at) = request.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut request).await? == 0 {
            bail!("no request");
        }
    };
    let rest = request.split_off(end);
    let request = String::from_utf8(request)?;
    let key = request
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"))
        .context("no key")?
        .1
        .trim();
    let accept = derive_accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(answer.as_bytes()).await?;
    Ok(rest)
}

struct Echo {
    decoder: Decoder,
    kind: MessageKind,
    message: Vec<u8>,
    /// The length of the text that is known to be UTF-8.
    checked: usize,
    answer: Vec<u8>,
}

impl Echo {
    /// Processes input. Returns the payload of the close frame that ends the connection.
    fn read(&mut self, bytes: &mut [u8]) -> Option<Vec<u8>> {
        let mut at = 0;
        loop {
            let rest = bytes.get(at..)?;
            let (used, event) = match self.decoder.decode(rest) {
                Ok(decoded) => decoded,
                Err(FrameError::CloseReason) => return Some(close_payload(1007, "")),
                Err(FrameError::TooLong) => return Some(close_payload(1009, "")),
                Err(error) => return Some(close_payload(1002, &error.to_string())),
            };
            at += used;
            match event {
                FrameEvent::More => return None,
                FrameEvent::Begin(kind) => {
                    self.kind = kind;
                    self.message.clear();
                    self.checked = 0;
                }
                FrameEvent::Payload(count, mask) => {
                    let payload = bytes.get_mut(at - count..at)?;
                    unmask(payload, mask);
                    self.message.extend_from_slice(payload);
                    if self.kind == MessageKind::Text && !self.may_become_utf8() {
                        return Some(close_payload(1007, ""));
                    }
                }
                FrameEvent::End => {
                    if self.kind == MessageKind::Text && self.checked < self.message.len() {
                        return Some(close_payload(1007, ""));
                    }
                    self.echo();
                }
                FrameEvent::Control(Control::Ping(payload)) => {
                    self.answer.extend(control(Opcode::Pong, &payload));
                }
                FrameEvent::Control(Control::Pong) => {}
                FrameEvent::Control(Control::Close(code)) => {
                    return Some(code.map_or_else(Vec::new, |code| close_payload(code, "")));
                }
            }
        }
    }

    /// Returns true if the message so far is UTF-8, or a valid beginning of it.
    fn may_become_utf8(&mut self) -> bool {
        let rest = self.message.get(self.checked..).unwrap_or_default();
        match std::str::from_utf8(rest) {
            Ok(_) => self.checked = self.message.len(),
            Err(error) if error.error_len().is_none() => self.checked += error.valid_up_to(),
            Err(_) => return false,
        }
        true
    }

    fn echo(&mut self) {
        let opcode = match self.kind {
            MessageKind::Text => Opcode::Text,
            MessageKind::Binary => Opcode::Binary,
        };
        let mut space = [0; LONGEST_HEADER];
        let length = header(opcode, self.message.len(), &mut space);
        self.answer
            .extend(space.iter().skip(LONGEST_HEADER - length));
        self.answer.extend_from_slice(&self.message);
    }
}
