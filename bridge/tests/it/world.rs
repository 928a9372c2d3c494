//! Bridges, clients, targets and names for the tests, all on loopback.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Empty};
use hyper::http;
use hyper_util::rt::TokioIo;
use restante_bridge::Settings;
use restante_bridge::command_line::{CommandLineError, Invocation};
use restante_bridge::config::Config;
use restante_bridge::policy::{Policy, Rule};
use restante_bridge::resolve::Resolve;
use restante_shared::relay::{Host, PATH, SUBPROTOCOL};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::{self, Message};

/// The timeout after which a test that hangs fails. Far longer than any step takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Loads the configuration of a bridge that is started with `arguments`.
pub(crate) fn load_config(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Config, CommandLineError> {
    match Invocation::load(arguments)? {
        Invocation::Serve(config) => Ok(*config),
        other => panic!("{other:?}"),
    }
}

/// A running bridge.
pub(crate) struct TestBridge {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<io::Result<()>>,
}

impl TestBridge {
    pub(crate) async fn start(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(restante_bridge::run(listener, settings, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            stop: Some(stop),
            task,
        }
    }

    /// Returns a request for a relay, as this bridge's own page sends it.
    pub(crate) fn request(&self, query: &str) -> Request {
        let address = self.address;
        let mut request = format!("ws://{address}{PATH}?{query}")
            .into_client_request()
            .unwrap();
        let headers = request.headers_mut();
        headers.insert("Origin", format!("http://{address}").parse().unwrap());
        headers.insert("Sec-WebSocket-Protocol", SUBPROTOCOL.parse().unwrap());
        request
    }

    /// Opens a relay. The bridge accepts every valid request, and may then close it.
    pub(crate) async fn open(&self, host: &str, port: u16) -> TestClient {
        self.open_query(&format!("host={host}&port={port}")).await
    }

    pub(crate) async fn open_query(&self, query: &str) -> TestClient {
        self.send(self.request(query)).await.unwrap()
    }

    pub(crate) async fn send(&self, request: Request) -> Result<TestClient, tungstenite::Error> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await?;
        Ok(TestClient { socket })
    }

    pub(crate) fn tell_to_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    pub(crate) async fn stopped(self) {
        within(self.task).await.unwrap().unwrap();
    }
}

/// A client's end of a relay.
pub(crate) struct TestClient {
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl TestClient {
    pub(crate) async fn send(&mut self, bytes: impl Into<Bytes>) {
        let message = Message::Binary(bytes.into());
        within(self.socket.send(message)).await.unwrap();
    }

    /// Reads until `count` bytes have arrived, and fails if the relay ends earlier.
    pub(crate) async fn receive(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < count {
            match within(self.socket.next()).await {
                Some(Ok(Message::Binary(more))) => bytes.extend_from_slice(&more),
                Some(Ok(Message::Ping(_))) => {}
                other => panic!("after {} bytes: {other:?}", bytes.len()),
            }
        }
        bytes
    }

    /// Reads to the end, and returns the data and the close code.
    pub(crate) async fn until_closed(&mut self) -> (Vec<u8>, u16) {
        let (bytes, code, _) = self.until_reason().await;
        (bytes, code)
    }

    /// Reads to the end, and returns the data, the close code and the reason beside it.
    pub(crate) async fn until_reason(&mut self) -> (Vec<u8>, u16, String) {
        let mut bytes = Vec::new();
        loop {
            match within(self.socket.next()).await {
                Some(Ok(Message::Binary(more))) => bytes.extend_from_slice(&more),
                Some(Ok(Message::Ping(_))) => {}
                Some(Ok(Message::Close(Some(frame)))) => {
                    return (bytes, frame.code.into(), frame.reason.to_string());
                }
                other => panic!("after {} bytes: {other:?}", bytes.len()),
            }
        }
    }

    pub(crate) async fn close_code(&mut self) -> u16 {
        self.until_closed().await.1
    }
}

/// A server that returns its connections to the test.
pub(crate) struct TestTarget {
    pub(crate) listener: TcpListener,
    pub(crate) port: u16,
}

impl TestTarget {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { listener, port }
    }

    pub(crate) async fn accept(&self) -> TcpStream {
        within(self.listener.accept()).await.unwrap().0
    }

    /// Returns true if a connection waits to be accepted, or arrives within 50 ms.
    pub(crate) async fn was_reached(&self) -> bool {
        tokio::time::timeout(Duration::from_millis(50), self.listener.accept())
            .await
            .is_ok()
    }
}

/// Settings with the default rule of a bridge that only this machine can reach: any public POP3 server.
pub(crate) fn public_pop3() -> Settings {
    Settings {
        policy: Policy::default().allow(Rule::public_pop3()),
        ..Settings::default()
    }
}

/// A bridge that may reach `target`, and a relay to it.
pub(crate) async fn relay_to(target: &TestTarget) -> (TestBridge, TestClient, TcpStream) {
    let bridge = TestBridge::start(Settings::default().allow_loopback([target.port])).await;
    let client = bridge.open("127.0.0.1", target.port).await;
    let server = target.accept().await;
    (bridge, client, server)
}

/// Names that exist in one test only.
#[derive(Default)]
pub(crate) struct Names(HashMap<String, Vec<IpAddr>>);

impl Names {
    pub(crate) fn with(mut self, name: &str, addresses: &[&str]) -> Self {
        let addresses = addresses.iter().map(|a| a.parse().unwrap()).collect();
        self.0.insert(name.to_owned(), addresses);
        self
    }
}

impl Resolve for Names {
    fn resolve<'a>(&'a self, host: &'a Host) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let found = self.0.get(host.as_str()).cloned();
        Box::pin(async move { found.ok_or_else(|| io::Error::other("no such name")) })
    }
}

/// A name server that never answers.
pub(crate) struct SilentResolver;

impl Resolve for SilentResolver {
    fn resolve<'a>(&'a self, _: &'a Host) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(std::future::pending())
    }
}

/// A name server that answers with loopback once it is opened.
pub(crate) struct GatedResolver(pub(crate) watch::Receiver<bool>);

impl Resolve for GatedResolver {
    fn resolve<'a>(&'a self, _: &'a Host) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let mut opened = self.0.clone();
        Box::pin(async move {
            opened.wait_for(|open| *open).await.unwrap();
            Ok(vec![Ipv4Addr::LOCALHOST.into()])
        })
    }
}

pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("this takes too long")
}

/// Returns non-repeating bytes, so that lost or duplicated data is noticed.
pub(crate) fn bytes(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()
    })
    .flatten()
    .take(count)
    .collect()
}

/// Sends one HTTP/1.1 request over `stream`, and reads the whole response.
pub(crate) async fn fetch<S>(stream: S, request: http::Request<()>) -> http::Response<Bytes>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    let request = request.map(|()| Empty::<Bytes>::new());
    let (parts, body) = within(sender.send_request(request))
        .await
        .unwrap()
        .into_parts();
    let body = within(body.collect()).await.unwrap().to_bytes();
    http::Response::from_parts(parts, body)
}

impl TestBridge {
    /// Fetches `path` over plain HTTP.
    pub(crate) async fn fetch(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> http::Response<Bytes> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let mut request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("Host", self.address.to_string());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        fetch(stream, request.body(()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> http::Response<Bytes> {
        self.fetch("GET", path, &[]).await
    }
}

/// Returns the value of a header field, or an empty text.
pub(crate) fn field<'a>(response: &'a http::Response<Bytes>, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}
