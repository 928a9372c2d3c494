//! The connection to a target through the bridge.

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod web;

use restante_shared::relay::{CloseCode, Target};

#[cfg(not(target_arch = "wasm32"))]
use native as imp;
#[cfg(target_arch = "wasm32")]
use web as imp;

use super::TransportError;
use super::messages::Octets;

/// Octets to and from a target, relayed by the bridge. Dropping it closes the connection.
pub type Relay = Octets<imp::Messages>;

/// Connects to `target` through the relay at `address`, such as `wss://mail.example.org/relay`.
///
/// It returns when the bridge has answered, which is before the target has: whether the target can
/// be reached shows at the first read.
///
/// # Errors
/// [`TransportError::BridgeUnreachable`] where no bridge answers at that address.
pub async fn open(address: &str, target: &Target) -> Result<Relay, TransportError> {
    let url = format!("{address}?{}", target.to_query());
    Ok(Octets::over(imp::open(&url).await?))
}

/// What the close code of a WebSocket says: `None` for an end in order.
fn end_of(code: u16) -> Option<TransportError> {
    match code {
        // RFC 6455 §7.4.1: a normal closure, which is the target's own end of the connection.
        1000 => None,
        _ => Some(CloseCode::from_number(code).map_or(TransportError::Lost, TransportError::Relay)),
    }
}
