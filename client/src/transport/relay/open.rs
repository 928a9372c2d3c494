//! Opens the connection, over the WebSocket of the platform.

use restante_shared::relay::{CloseCode, Target};

#[cfg(not(target_arch = "wasm32"))]
use super::native as imp;
#[cfg(target_arch = "wasm32")]
use super::web as imp;

use crate::transport::TransportError;
use crate::transport::byte_stream::ByteStream;

/// A stream to a target through the bridge. Dropping it closes the connection.
pub type RelayStream = ByteStream<imp::WebSocketMessages>;

/// Connects to `target` through the relay at `address`, such as `wss://mail.example.org/relay`.
///
/// It returns when the bridge has answered, before the bridge has reached the target. If the target
/// cannot be reached, the first read fails.
///
/// # Errors
/// [`TransportError::BridgeUnreachable`] if no bridge answers at the address.
pub async fn open(address: &str, target: &Target) -> Result<RelayStream, TransportError> {
    let url = format!("{address}?{}", target.to_query());
    Ok(ByteStream::over(imp::open(&url).await?))
}

/// Returns the error that the close code of a WebSocket stands for; `None` for a normal closure.
pub(super) fn error_of_close_code(code: u16) -> Option<TransportError> {
    match code {
        // [RFC 6455 §7.4.1]: a normal closure, because the target closed the connection.
        1000 => None,
        _ => Some(CloseCode::from_number(code).map_or(TransportError::Lost, TransportError::Relay)),
    }
}
