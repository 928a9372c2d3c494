//! The scenarios of the clients: every way that a relay or a request begins, goes on and ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use restante_shared::relay::{CloseCode, PATH, SUBPROTOCOL};
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};

use super::targets::{FLOOD, Targets, break_off};
use restante_ports::loopback;

/// The timeout of a client, far longer than any scenario takes.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The bridge's host name, as a proxy would forward it.
const HOST: &str = "mail.example.org";

/// A scenario.
pub(super) struct Scenario {
    /// A short description.
    pub(super) name: &'static str,
    /// Runs it, with a number that differs each time, and fails if the bridge misbehaves.
    pub(super) go: fn(&SoakScene, usize) -> Result<()>,
}

/// All scenarios. Relays that carry data are more frequent.
pub(super) const SCENARIOS: &[Scenario] = &[
    scenario("a relay that carries data and is closed", carried),
    scenario("the target sends much and closes", flooded),
    scenario("a client that reads slowly", read_slowly),
    scenario("a client that stops reading, and resets", stop_reading),
    scenario("a relay that carries data and is closed", carried),
    scenario("the target resets the connection", target_breaks),
    scenario("the client resets the connection", client_breaks),
    scenario("the client closes TCP without a close frame", client_goes),
    scenario("a relay that is silent for too long", silent),
    scenario("a frame that violates the protocol", broken_frame),
    scenario("a relay that carries data and is closed", carried),
    scenario("a target that the policy refuses", refused_by_policy),
    scenario("a target that refuses the connection", refused_by_target),
    scenario("the page and its files", files),
    scenario("a download that the client resets", file_broken_off),
    scenario("half a request", half_a_request),
    scenario("bytes that are not a request", no_request),
    scenario("a page of a foreign origin", foreign),
];

const fn scenario(name: &'static str, go: fn(&SoakScene, usize) -> Result<()>) -> Scenario {
    Scenario { name, go }
}

/// The addresses that the clients use.
pub(super) struct SoakScene {
    port: u16,
    targets: Targets,
    /// The paths of the client's files.
    files: Vec<String>,
}

type RelaySocket = WebSocket<TcpStream>;

impl SoakScene {
    pub(super) fn new(port: u16, targets: Targets, files: Vec<String>) -> Self {
        Self {
            port,
            targets,
            files,
        }
    }

    /// Returns one file after the other.
    fn file(&self, number: usize) -> Result<&str> {
        let place = number.checked_rem(self.files.len()).unwrap_or(0);
        Ok(self.files.get(place).context("the client has no files")?)
    }

    fn connect(&self) -> Result<TcpStream> {
        let stream = TcpStream::connect(loopback(self.port)).context("connect")?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    fn relay(&self, number: usize, port: u16) -> Result<RelaySocket> {
        self.relay_of(
            number,
            &format!("https://{HOST}"),
            &format!("host=localhost&port={port}"),
        )
    }

    fn relay_of(&self, number: usize, origin: &str, query: &str) -> Result<RelaySocket> {
        let mut request = format!("ws://{HOST}{PATH}?{query}").into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("Origin", origin.parse()?);
        headers.insert("Sec-WebSocket-Protocol", SUBPROTOCOL.parse()?);
        headers.insert("X-Forwarded-For", address(number).parse()?);
        let (relay, _) = tungstenite::client(request, self.connect()?).context("upgrade")?;
        Ok(relay)
    }
}

/// Returns one of 65,536 addresses, so that the bridge has to forget its records of clients too.
fn address(number: usize) -> String {
    format!("10.77.{}.{}", number / 256 % 256, number % 256)
}

fn carried(scene: &SoakScene, number: usize) -> Result<()> {
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

fn flooded(scene: &SoakScene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.flood)?;
    relay.send(Message::binary("."))?;
    let (count, code) = until_closed(&mut relay)?;
    ensure!(
        (count, code) == (FLOOD, Some(1000)),
        "{count} bytes, then {code:?}"
    );
    Ok(())
}

fn read_slowly(scene: &SoakScene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.flood)?;
    relay.send(Message::binary("."))?;
    for _ in 0..5 {
        receive(&mut relay, 64 * 1024)?;
        thread::sleep(Duration::from_millis(50));
    }
    relay.close(None)?;
    until_closed(&mut relay).map(drop)
}

fn stop_reading(scene: &SoakScene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.flood)?;
    relay.send(Message::binary("."))?;
    receive(&mut relay, 1)?;
    thread::sleep(Duration::from_millis(300));
    Ok(break_off(relay.get_ref())?)
}

fn target_breaks(scene: &SoakScene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.reset)?;
    relay.send(Message::binary("."))?;
    expect(&mut relay, CloseCode::Broken)
}

fn client_breaks(scene: &SoakScene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.echo)?;
    relay.send(Message::binary(vec![b'b'; 300_000]))?;
    receive(&mut relay, 1)?;
    Ok(break_off(relay.get_ref())?)
}

fn client_goes(scene: &SoakScene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.mute)?;
    Ok(relay.send(Message::binary("."))?)
}

fn silent(scene: &SoakScene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.mute)?;
    let (count, code) = until_closed(&mut relay)?;
    ensure!(
        count == 0 && code.is_some_and(|code| code > 4000),
        "{count} bytes, then {code:?}"
    );
    Ok(())
}

fn broken_frame(scene: &SoakScene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.echo)?;
    // A frame without a mask, which no client may send.
    relay.get_mut().write_all(&[0x82, 1, b'.'])?;
    let mut rest = Vec::new();
    // The bridge may send a close frame or reset the connection.
    let _ = relay.get_mut().read_to_end(&mut rest);
    Ok(())
}

fn refused_by_policy(scene: &SoakScene, number: usize) -> Result<()> {
    let origin = format!("https://{HOST}");
    let mut relay = scene.relay_of(number, &origin, "host=169.254.169.254&port=995")?;
    expect(&mut relay, CloseCode::Policy)
}

fn refused_by_target(scene: &SoakScene, number: usize) -> Result<()> {
    let mut relay = scene.relay(number, scene.targets.refusing)?;
    expect(&mut relay, CloseCode::Refused)
}

fn foreign(scene: &SoakScene, number: usize) -> Result<()> {
    let query = format!("host=localhost&port={}", scene.targets.echo);
    match scene.relay_of(number, "https://foreign.example", &query) {
        Ok(mut relay) => expect(&mut relay, CloseCode::ForeignPage),
        Err(error) => Err(error),
    }
}

fn files(scene: &SoakScene, number: usize) -> Result<()> {
    let mut stream = scene.connect()?;
    for path in ["/", scene.file(number)?, "/"] {
        get(&mut stream, path, number)?;
    }
    Ok(())
}

fn file_broken_off(scene: &SoakScene, number: usize) -> Result<()> {
    let mut stream = scene.connect()?;
    request(&mut stream, scene.file(number)?, number)?;
    stream.read_exact(&mut [0; 100])?;
    Ok(break_off(&stream)?)
}

fn half_a_request(scene: &SoakScene, _: usize) -> Result<()> {
    let mut stream = scene.connect()?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: ")?;
    let mut rest = Vec::new();
    // The bridge closes it after `--handshake-seconds`.
    let _ = stream.read_to_end(&mut rest);
    Ok(())
}

fn no_request(scene: &SoakScene, _: usize) -> Result<()> {
    let mut stream = scene.connect()?;
    stream.write_all(b"+OK POP3 ready\r\n\x16\x03\x01\r\n\r\n")?;
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    Ok(())
}

/// Reads until at least `count` bytes have arrived.
fn receive(relay: &mut RelaySocket, count: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while bytes.len() < count {
        match relay.read()? {
            Message::Binary(more) => bytes.extend_from_slice(&more),
            Message::Close(frame) => bail!("closed after {} bytes: {frame:?}", bytes.len()),
            Message::Ping(_) | Message::Pong(_) | Message::Text(_) | Message::Frame(_) => {}
        }
    }
    Ok(bytes)
}

/// Reads to the end, and returns the number of bytes and the close code.
fn until_closed(relay: &mut RelaySocket) -> Result<(usize, Option<u16>)> {
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

fn expect(relay: &mut RelaySocket, expected: CloseCode) -> Result<()> {
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

/// Requests a file and reads its body.
fn get(stream: &mut TcpStream, path: &str, number: usize) -> Result<Vec<u8>> {
    request(stream, path, number)?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend_from_slice(&byte);
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
