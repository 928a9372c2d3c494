//! What octets go through: a stream, in the clear or under TLS, and the time that it may take.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures::future::{Either, select};
use futures::{AsyncRead, AsyncWrite};

use super::fault::Fault;
use crate::clock::Clock;
use crate::engine::command::MailboxSettings;
use crate::transport::security::Security;
use crate::transport::{TransportError, tls};

/// Anything that octets go through, in the clear or under TLS.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Duplex for S {}

/// A stream, and what protects it.
pub(super) type Secured = (Box<dyn Duplex>, Option<Security>);

/// Lays TLS over a stream.
pub(super) async fn secure<S>(
    stream: S,
    settings: &MailboxSettings,
) -> Result<Secured, TransportError>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let (stream, security) =
        tls::secure(stream, &settings.host, settings.ca_pem.as_deref()).await?;
    Ok((Box::new(stream), Some(security)))
}

/// Waits for a step, but not for ever. A step that need not wait sets no timer.
pub(super) async fn within<T>(
    clock: &impl Clock,
    limit: Duration,
    step: impl Future<Output = T>,
) -> Result<T, Fault> {
    let mut step = pin!(step);
    if let Poll::Ready(done) = poll_fn(|cx| Poll::Ready(step.as_mut().poll(cx))).await {
        return Ok(done);
    }
    match select(step, clock.sleep(limit)).await {
        Either::Left((done, _)) => Ok(done),
        Either::Right(((), _)) => Err(Fault::TimedOut),
    }
}
