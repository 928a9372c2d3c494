//! One relay, from its request to the end of both connections.

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

use super::client::{RelayClient, lost};
use super::clock::RelayClock;
use super::dial;
use super::ending::RelayEnding;
use super::pool::BufferPool;
use super::pump::{self, Pump};
use super::transport::Transport;
use crate::limits::RelayPermit;
use crate::settings::Settings;
use crate::socket;

/// The most bytes that are buffered while the target is dialled: a TLS ClientHello has less than 2 KiB.
const MAX_EARLY: usize = 64 * 1024;

/// The bytes that are read at a time before the target is connected.
const EARLY_READ: usize = 4 * 1024;

/// The request for a relay.
pub(crate) struct RelayRequest {
    pub(crate) client: IpAddr,
    pub(crate) target: Result<Target, TargetError>,
    /// The permit for this relay, held to its end.
    pub(crate) _permit: RelayPermit,
    /// The bytes that the client sent directly after its request.
    pub(crate) early: Bytes,
}

/// Runs one relay to its end.
pub(crate) async fn relay<S: Transport>(
    transport: S,
    mut request: RelayRequest,
    settings: Arc<Settings>,
    pool: Arc<BufferPool>,
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
        let mut client = RelayClient::new(transport, early, limits.frame_octets);
        let mut clock = RelayClock::new();
        let opened = tokio::select! {
            // Checked first: a draining bridge does not dial.
            biased;
            () = stop.cancelled() => Err(RelayEnding::ShuttingDown),
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
                    () = stop.cancelled() => RelayEnding::ShuttingDown,
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
        let close_target = async {
            if let Some(mut target) = dialled {
                pump::close_target_gracefully(&mut target, limits).await;
            }
        };
        let close_client = client.close(&ending, limits.close_time);
        Box::pin(futures::future::join(close_target, close_client)).await;
    }
    .instrument(span)
    .await;
}

/// Dials the target while the client waits. Returns the connection, and the client's early data.
async fn open<S: Transport>(
    client: &mut RelayClient<S>,
    request: &RelayRequest,
    settings: &Settings,
) -> Result<(TcpStream, Vec<u8>), RelayEnding> {
    let target = match &request.target {
        Ok(target) => target,
        Err(error) => return Err(RelayEnding::NoTarget(*error)),
    };
    let mut early = Vec::new();
    let dial_time = settings.limits.dial_time;
    let resolver = settings.resolver.as_ref();
    let began = Instant::now();
    let result = tokio::select! {
        result = dial::dial(target, &settings.policy, resolver, dial_time) => result,
        ending = wait_for_target(client, &mut early) => return Err(ending),
    };
    if !matches!(result, Err(RelayEnding::Refused(_))) {
        settings.metrics.dialled(began.elapsed(), result.is_ok());
    }
    let stream = result?;
    socket::prepare(&stream, &settings.limits).map_err(RelayEnding::Broken)?;
    // Evaluated only if the line is logged.
    info!(
        address = stream.peer_addr().ok().map(display),
        "relay opened"
    );
    Ok((stream, early))
}

/// Collects the client's data until the target is connected. Returns when the client ends the relay.
async fn wait_for_target<S: Transport>(
    client: &mut RelayClient<S>,
    early: &mut Vec<u8>,
) -> RelayEnding {
    let mut space = vec![0; EARLY_READ];
    while early.len() < MAX_EARLY {
        let received = poll_fn(|cx| {
            // Sends pongs. If that has to wait, reading continues.
            if let Poll::Ready(Err(error)) = client.poll_send(cx) {
                return Poll::Ready(Err(lost(error)));
            }
            client.poll_receive(cx, &mut space)
        });
        match received.await {
            Ok((_, run)) => early.extend_from_slice(space.get(run).unwrap_or_default()),
            Err(ending) => return ending,
        }
        if let Some(ending) = client.inbound.take_ending() {
            return ending;
        }
    }
    pending().await
}
