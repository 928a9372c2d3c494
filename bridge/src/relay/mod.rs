//! One WebSocket, one TCP connection, and the octets between them.
//!
//! A relay is first dialled, while what the client sends early waits in a bound; then pumped until
//! one side ends it; then closed on both sides, within a time that the limits set.

mod dial;
mod ending;
mod pump;

use std::net::IpAddr;
use std::sync::Arc;

use futures::StreamExt;
use restante_shared::relay::{Target, TargetError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, debug, info, info_span, warn};

use crate::limits::{Full, Permit};
use crate::settings::Settings;
use ending::Ending;
use pump::{Received, Traffic};

/// The largest message that a client may send: far above the 16 KiB of a TLS record, and what a
/// relay may have to hold while its target does not read.
const MAX_MESSAGE: usize = 1024 * 1024;

/// How many octets may wait for the target to be dialled: a TLS ClientHello has under 2 KiB.
const MAX_EARLY: usize = 64 * 1024;

/// What a client asked for when it opened its WebSocket.
pub(crate) struct Request {
    pub(crate) client: IpAddr,
    pub(crate) target: Result<Target, TargetError>,
    pub(crate) permit: Result<Permit, Full>,
}

/// Relays for one client, to the end.
pub(crate) async fn relay<S>(
    transport: S,
    request: Request,
    settings: Arc<Settings>,
    stop: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let target = match &request.target {
        Ok(target) => target.to_string(),
        Err(_) => "none".to_owned(),
    };
    let span = info_span!("relay", client = %request.client, %target);
    async {
        let mut socket =
            WebSocketStream::from_raw_socket(transport, Role::Server, Some(websocket())).await;
        let traffic = Traffic::new();
        let mut dialled = None;
        let ending = tokio::select! {
            // Asked first: a bridge that drains dials nothing any more.
            biased;
            () = stop.cancelled() => Ending::ShuttingDown,
            ending = serve(&mut socket, &request, &settings, &traffic, &mut dialled) => ending,
        };
        let (to_target, to_client) = (traffic.to_target(), traffic.to_client());
        let milliseconds = traffic.milliseconds();
        if let Ending::Full(full) = &ending {
            // The limit itself has a line, however often it is reached.
            debug!(%full, "relay refused");
        } else if ending.is_refusal() {
            warn!(%ending, "relay refused");
        } else {
            info!(%ending, to_target, to_client, milliseconds, "relay ended");
        }
        let farewell = async {
            if let Some(target) = &mut dialled {
                pump::see_off(target, &settings.limits).await;
            }
        };
        futures::future::join(farewell, close(&mut socket, &ending, &settings)).await;
    }
    .instrument(span)
    .await;
}

/// Dials and pumps; `dialled` is the target's connection as soon as there is one.
async fn serve<S>(
    socket: &mut WebSocketStream<S>,
    request: &Request,
    settings: &Settings,
    traffic: &Traffic,
    dialled: &mut Option<TcpStream>,
) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let target = match (&request.permit, &request.target) {
        (Err(full), _) => return Ending::Full(*full),
        (Ok(_), Err(error)) => return Ending::NoTarget(*error),
        (Ok(_), Ok(target)) => target,
    };
    let mut early = Vec::new();
    let limits = &settings.limits;
    let resolver = settings.resolver.as_ref();
    let stream = tokio::select! {
        result = dial::dial(target, &settings.policy, resolver, limits.dial_time) => match result {
            Ok(stream) => stream,
            Err(ending) => return ending,
        },
        ending = wait_for_target(socket, &mut early) => return ending,
    };
    let peer = stream.peer_addr().ok();
    info!(address = ?peer, "relay opened");
    pump::pump(socket, dialled.insert(stream), &early, limits, traffic).await
}

/// Collects what the client sends before the target is there; returns when the client ends it.
async fn wait_for_target<S>(socket: &mut WebSocketStream<S>, early: &mut Vec<u8>) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while early.len() < MAX_EARLY {
        match pump::next_octets(socket).await {
            Ok(Received::Octets(octets)) => early.extend_from_slice(&octets),
            Ok(Received::SignOfLife) => {}
            Err(ending) => return ending,
        }
    }
    std::future::pending().await
}

/// Tells the client why, and waits for its answer within [`Limits::close_time`].
///
/// [`Limits::close_time`]: crate::limits::Limits::close_time
async fn close<S>(socket: &mut WebSocketStream<S>, ending: &Ending, settings: &Settings)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let goodbye = async {
        if socket.close(ending.close_frame()).await.is_ok() {
            while let Some(Ok(_)) = socket.next().await {}
        }
    };
    let _ = tokio::time::timeout(settings.limits.close_time, goodbye).await;
}

fn websocket() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(16 * 1024)
        // Each message is flushed before the next is read from the target.
        .write_buffer_size(0)
        .max_write_buffer_size(pump::LARGEST_READ + MAX_CONTROL)
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE))
}

/// Room for a frame's header and the control frames that may stand behind one message.
const MAX_CONTROL: usize = 4 * 1024;
