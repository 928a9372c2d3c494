//! What clients do: every way that a relay or a request begins, goes on and dies.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use restante_shared::relay::{CloseCode, PATH, SUBPROTOCOL};
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};

use super::targets::{FLOOD, Targets, break_off};
use xtask::ports::loopback;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// The name that the bridge is reached by, as a proxy would pass it on.
const HOST: &str = "mail.example.org";

/// One way, which is right when it returns without an error.
pub(super) struct Way {
    /// What is done, in a few words.
    pub(super) name: &'static str,
    /// Does it; the number is another each time.
    pub(super) go: fn(&Scene, usize) -> Result<()>,
}

/// All of them; relays that carry something come more often.
pub(super) const WAYS: &[Way] = &[
    way("a relay that carries and is closed", carried),
    way("the target sends much and closes", flooded),
    way("a reader that is slow", read_slowly),
    way("a reader that stops, and breaks off", stop_reading),
    way("a relay that carries and is closed", carried),
    way("the target breaks off", target_breaks),
    way("the client breaks off", client_breaks),
    way("the client is gone without a word", client_goes),
    way("a relay that is silent for too long", silent),
    way("a frame that breaks the protocol", broken_frame),
    way("a relay that carries and is closed", carried),
    way("a target that the policy refuses", refused_by_policy),
    way("a target where nobody listens", refused_by_target),
    way("the page and its files", files),
    way("a file that is broken off", file_broken_off),
    way("half a request", half_a_request),
    way("what is no request", no_request),
    way("a page of a foreign origin", foreign),
];

const fn way(name: &'static str, go: fn(&Scene, usize) -> Result<()>) -> Way {
    Way { name, go }
}

/// What the clients know.
pub(super) struct Scene {
    port: u16,
    targets: Targets,
    /// The paths of the client's files.
    files: Vec<String>,
}

type Relay = WebSocket<TcpStream>;

impl Scene {
    pub(super) fn new(port: u16, targets: Targets, files: Vec<String>) -> Self {
        Self {
            port,
            targets,
            files,
        }
    }

    /// One file after the other.
    fn file(&self, number: usize) -> Result<&str> {
        let place = number.checked_rem(self.files.len()).unwrap_or(0);
        Ok(self.files.get(place).context("the client has no files")?)
    }

    fn connect(&self) -> Result<TcpStream> {
        let stream = TcpStream::connect(loopback(self.port)).context("connect")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    fn relay(&self, number: usize, port: u16) -> Result<Relay> {
        self.relay_of(
            number,
            &format!("https://{HOST}"),
            &format!("host=localhost&port={port}"),
        )
    }

    fn relay_of(&self, number: usize, origin: &str, query: &str) -> Result<Relay> {
        let mut request = format!("ws://{HOST}{PATH}?{query}").into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("Origin", origin.parse()?);
        headers.insert("Sec-WebSocket-Protocol", SUBPROTOCOL.parse()?);
        headers.insert("X-Forwarded-For", address(number).parse()?);
        let (relay, _) = tungstenite::client(request, self.connect()?).context("upgrade")?;
        Ok(relay)
    }
}

/// One of 65,536 addresses, so that what is kept of each client has to be forgotten as well.
fn address(number: usize) -> String {
    format!("10.77.{}.{}", number / 256 % 256, number % 256)
}

fn carried(scene: &Scene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.echo)?;
    for round in 1..=4 {
        let sent = vec![b'a'; 1 + number * 7919 * round % 50_000];
        relay.send(Message::binary(sent.clone()))?;
        let got = receive(&mut relay, sent.len())?;
        ensure!(got == sent, "the echo differs");
    }
    relay.close(None)?;
    until_closed(&mut relay).map(drop)
}

fn flooded(scene: &Scene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.flood)?;
    relay.send(Message::binary("."))?;
    let (count, code) = until_closed(&mut relay)?;
    ensure!(
        (count, code) == (FLOOD, Some(1000)),
        "{count} octets, then {code:?}"
    );
    Ok(())
}

fn read_slowly(scene: &Scene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.flood)?;
    relay.send(Message::binary("."))?;
    for _ in 0..5 {
        receive(&mut relay, 64 * 1024)?;
        thread::sleep(Duration::from_millis(50));
    }
    relay.close(None)?;
    until_closed(&mut relay).map(drop)
}

fn stop_reading(scene: &Scene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.flood)?;
    relay.send(Message::binary("."))?;
    receive(&mut relay, 1)?;
    thread::sleep(Duration::from_millis(300));
    Ok(break_off(relay.get_ref())?)
}

fn target_breaks(scene: &Scene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.reset)?;
    relay.send(Message::binary("."))?;
    expect(&mut relay, CloseCode::Broken)
}

fn client_breaks(scene: &Scene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.echo)?;
    relay.send(Message::binary(vec![b'b'; 300_000]))?;
    receive(&mut relay, 1)?;
    Ok(break_off(relay.get_ref())?)
}

fn client_goes(scene: &Scene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.mute)?;
    Ok(relay.send(Message::binary("."))?)
}

fn silent(scene: &Scene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.mute)?;
    let (count, code) = until_closed(&mut relay)?;
    ensure!(
        count == 0 && code.is_some_and(|code| code > 4000),
        "{count} octets, then {code:?}"
    );
    Ok(())
}

fn broken_frame(scene: &Scene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.echo)?;
    // A frame without a mask, which no client may send.
    relay.get_mut().write_all(&[0x82, 1, b'.'])?;
    let mut rest = Vec::new();
    // Whether it is told or the connection breaks, it ends.
    let _ = relay.get_mut().read_to_end(&mut rest);
    Ok(())
}

fn refused_by_policy(scene: &Scene, number: usize) -> Result<()> {
    let origin = format!("https://{HOST}");
    let mut relay = scene.relay_of(number, &origin, "host=169.254.169.254&port=995")?;
    expect(&mut relay, CloseCode::Policy)
}

fn refused_by_target(scene: &Scene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.nobody)?;
    expect(&mut relay, CloseCode::Refused)
}

fn foreign(scene: &Scene, number: usize) -> Result<()> {
    let query = format!("host=localhost&port={}", scene.targets.echo);
    match scene.relay_of(number, "https://foreign.example", &query) {
        Ok(mut relay) => expect(&mut relay, CloseCode::ForeignPage),
        Err(error) => Err(error),
    }
}

fn files(scene: &Scene, number: usize) -> Result<()> {
    let mut stream = scene.connect()?;
    for path in ["/", scene.file(number)?, "/"] {
        get(&mut stream, path, number)?;
    }
    Ok(())
}

fn file_broken_off(scene: &Scene, number: usize) -> Result<()> {
    let mut stream = scene.connect()?;
    request(&mut stream, scene.file(number)?, number)?;
    stream.read_exact(&mut [0; 100])?;
    Ok(break_off(&stream)?)
}

fn half_a_request(scene: &Scene, _: usize) -> Result<()> {
    let mut stream = scene.connect()?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: ")?;
    let mut rest = Vec::new();
    // The bridge gives it up after its handshake_seconds.
    let _ = stream.read_to_end(&mut rest);
    Ok(())
}

fn no_request(scene: &Scene, _: usize) -> Result<()> {
    let mut stream = scene.connect()?;
    stream.write_all(b"+OK POP3 ready\r\n\x16\x03\x01\r\n\r\n")?;
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    Ok(())
}

/// Reads until at least `count` octets have come.
fn receive(relay: &mut Relay, count: usize) -> Result<Vec<u8>> {
    let mut octets = Vec::new();
    while octets.len() < count {
        match relay.read()? {
            Message::Binary(more) => octets.extend_from_slice(&more),
            Message::Close(frame) => bail!("closed after {} octets: {frame:?}", octets.len()),
            Message::Ping(_) | Message::Pong(_) | Message::Text(_) | Message::Frame(_) => {}
        }
    }
    Ok(octets)
}

/// Reads to the end: how many octets came, and the number of the close code.
fn until_closed(relay: &mut Relay) -> Result<(usize, Option<u16>)> {
    let (mut count, mut code) = (0, None);
    loop {
        match relay.read() {
            Ok(Message::Binary(more)) => count += more.len(),
            Ok(Message::Close(frame)) => code = frame.map(|frame| frame.code.into()),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Text(_) | Message::Frame(_)) => {}
            Err(tungstenite::Error::ConnectionClosed) => return Ok((count, code)),
            Err(error) => return Err(error.into()),
        }
    }
}

fn expect(relay: &mut Relay, expected: CloseCode) -> Result<()> {
    let (_, code) = until_closed(relay)?;
    ensure!(
        code == Some(expected.number()),
        "closed with {code:?}, not {expected:?}"
    );
    Ok(())
}

fn request(stream: &mut TcpStream, path: &str, number: usize) -> Result<()> {
    let address = address(number);
    let lines =
        format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: {address}\r\n\r\n");
    Ok(stream.write_all(lines.as_bytes())?)
}

/// Asks for a file and reads its body.
fn get(stream: &mut TcpStream, path: &str, number: usize) -> Result<Vec<u8>> {
    request(stream, path, number)?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut octet = [0];
        stream.read_exact(&mut octet)?;
        head.extend_from_slice(&octet);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    ensure!(
        head.starts_with("http/1.1 200"),
        "{path}: {}",
        head.lines().next().unwrap_or("")
    );
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let length = length.with_context(|| format!("{path} has no length"))?;
    let mut body = vec![0; length.trim().parse()?];
    stream.read_exact(&mut body)?;
    Ok(body)
}
