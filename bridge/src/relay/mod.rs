//! One WebSocket, one TCP connection, and the octets between them.
//!
//! A relay is first dialled, while what the client sends early waits in a bound; then pumped until
//! one side ends it; then closed on both sides, within a time that the limits set. An idle relay
//! costs two sockets and a task that holds no buffer, so what is needed only to begin and to end one
//! is boxed and gone in between.

mod client;
mod clock;
mod dial;
mod ending;
mod intake;
mod pool;
mod pump;
mod transport;

use std::future::{pending, poll_fn};
use std::net::IpAddr;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use restante_shared::relay::{Target, TargetError};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info, info_span, warn};

use crate::limits::Permit;
use crate::settings::Settings;
use crate::socket;
use client::{Client, lost};
use clock::Clock;
use ending::Ending;
pub(crate) use pool::{LEAST_QUEUED, Pool};
use pump::Pump;
pub(crate) use transport::Transport;

/// How many octets may wait for the target to be dialled: a TLS ClientHello has under 2 KiB.
const MAX_EARLY: usize = 64 * 1024;

/// How many octets are read at a time before the target is there.
const EARLY_READ: usize = 4 * 1024;

/// What a client asked for when it opened its WebSocket.
pub(crate) struct Request {
    pub(crate) client: IpAddr,
    pub(crate) target: Result<Target, TargetError>,
    /// The right to this relay, for as long as it lasts.
    pub(crate) _permit: Permit,
    /// What the client sent right behind its request.
    pub(crate) early: Bytes,
}

/// Relays for one client, to the end.
pub(crate) async fn relay<S: Transport>(
    transport: S,
    mut request: Request,
    settings: Arc<Settings>,
    pool: Arc<Pool>,
    stop: CancellationToken,
) {
    let target = match &request.target {
        Ok(target) => target.to_string(),
        Err(_) => "none".to_owned(),
    };
    let span = info_span!("relay", client = %request.client, %target);
    let early = std::mem::take(&mut request.early);
    let (limits, metrics) = (&settings.limits, &settings.metrics);
    async {
        let mut client = Client::new(transport, early, limits.frame_octets);
        let mut clock = Clock::new();
        let opened = tokio::select! {
            // Asked first: a bridge that drains dials nothing any more.
            biased;
            () = stop.cancelled() => Err(Ending::ShuttingDown),
            opened = Box::pin(open(&mut client, &request, &settings)) => opened,
        };
        let (ending, dialled) = match opened {
            Err(ending) => (ending, None),
            Ok((mut target, early)) => {
                metrics.relay_opened();
                let pump = Pump::new(
                    &mut client,
                    &mut target,
                    early,
                    &mut clock,
                    limits,
                    metrics,
                    &pool,
                );
                let ending = tokio::select! {
                    ending = pump.run() => ending,
                    () = stop.cancelled() => Ending::ShuttingDown,
                };
                metrics.relay_ended(ending.word());
                (ending, Some(target))
            }
        };
        let (to_target, to_client) = (clock.to_target(), clock.to_client());
        let milliseconds = clock.milliseconds();
        if ending.is_refusal() {
            metrics.refused(ending.word());
            warn!(%ending, "relay refused");
        } else {
            info!(%ending, to_target, to_client, milliseconds, "relay ended");
        }
        let farewell = async {
            if let Some(mut target) = dialled {
                pump::see_off(&mut target, limits).await;
            }
        };
        let close = client.close(&ending, limits.close_time);
        Box::pin(futures::future::join(farewell, close)).await;
    }
    .instrument(span)
    .await;
}

/// Dials the target while the client waits; returns its connection, and what the client sent early.
async fn open<S: Transport>(
    client: &mut Client<S>,
    request: &Request,
    settings: &Settings,
) -> Result<(TcpStream, Vec<u8>), Ending> {
    let target = match &request.target {
        Ok(target) => target,
        Err(error) => return Err(Ending::NoTarget(*error)),
    };
    let mut early = Vec::new();
    let dial_time = settings.limits.dial_time;
    let resolver = settings.resolver.as_ref();
    let began = Instant::now();
    let result = tokio::select! {
        result = dial::dial(target, &settings.policy, resolver, dial_time) => result,
        ending = wait_for_target(client, &mut early) => return Err(ending),
    };
    if !matches!(result, Err(Ending::Refused(_))) {
        settings.metrics.dialled(began.elapsed(), result.is_ok());
    }
    let stream = result?;
    socket::prepare(&stream, &settings.limits).map_err(Ending::Broken)?;
    // The address is asked for where the line is written only.
    info!(
        address = stream.peer_addr().ok().map(display),
        "relay opened"
    );
    Ok((stream, early))
}

/// Collects what the client sends before the target is there; returns when the client ends it.
async fn wait_for_target<S: Transport>(client: &mut Client<S>, early: &mut Vec<u8>) -> Ending {
    let mut space = vec![0; EARLY_READ];
    while early.len() < MAX_EARLY {
        let received = poll_fn(|cx| {
            // Pongs. Where they cannot be sent, reading goes on all the same.
            if let Poll::Ready(Err(error)) = client.poll_send(cx) {
                return Poll::Ready(Err(lost(error)));
            }
            client.poll_receive(cx, &mut space)
        });
        match received.await {
            Ok((_, run)) => early.extend_from_slice(space.get(run).unwrap_or_default()),
            Err(ending) => return ending,
        }
        if let Some(ending) = client.intake.take_ending() {
            return ending;
        }
    }
    pending().await
}
