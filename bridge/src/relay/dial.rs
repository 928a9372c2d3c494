//! Connecting to a target: judge, resolve, judge again, dial.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use restante_shared::relay::Target;
use tokio::net::TcpStream;

use super::ending::RelayEnding;
use crate::policy::Policy;
use crate::resolve::Resolve;

/// The time after which the next address is tried in parallel: [RFC 8305 §8].
const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);

/// Connects to `target` if `policy` allows it. Resolving and dialling together may take `limit`.
pub(super) async fn dial(
    target: &Target,
    policy: &Policy,
    resolver: &dyn Resolve,
    limit: Duration,
) -> Result<TcpStream, RelayEnding> {
    let admission = policy.admit(target)?;
    let not_found = |error: String| match admission.is_listed() {
        true => RelayEnding::NameNotFound(error),
        false => RelayEnding::NameUnknown(error),
    };
    let reach = async {
        let addresses = match admission.known_address() {
            Some(address) => vec![address],
            None => resolver
                .resolve(target.host())
                .await
                .map_err(|error| not_found(error.to_string()))?,
        };
        if addresses.is_empty() {
            return Err(not_found("no addresses".to_owned()));
        }
        connect_first(admission.judge(&addresses)?.addresses).await
    };
    tokio::time::timeout(limit, reach)
        .await
        .unwrap_or(Err(RelayEnding::DialTimedOut))
}

/// Connects to the address that answers first. The attempts start one after the other.
async fn connect_first(addresses: Vec<SocketAddr>) -> Result<TcpStream, RelayEnding> {
    let mut waiting = addresses.into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut failure = RelayEnding::NameNotFound("no addresses".to_owned());
    loop {
        match waiting.next() {
            Some(address) => attempts.push(TcpStream::connect(address)),
            None if attempts.is_empty() => return Err(failure),
            None => {}
        }
        let more = waiting.len() > 0;
        tokio::select! {
            Some(result) = attempts.next() => match result {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = failed(error),
            },
            () = tokio::time::sleep(NEXT_ADDRESS_AFTER), if more => {}
        }
    }
}

fn failed(error: io::Error) -> RelayEnding {
    if error.kind() == io::ErrorKind::ConnectionRefused {
        RelayEnding::ConnectionRefused
    } else if error.kind() == io::ErrorKind::TimedOut {
        RelayEnding::DialTimedOut
    } else {
        RelayEnding::Broken(error)
    }
}
