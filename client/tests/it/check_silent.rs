//! Servers and bridges that never answer, under a clock that need not be waited for.

use std::future::{Future, pending, ready};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::LocalBoxFuture;
use futures::{AsyncRead, AsyncWrite};
use restante_client::clock::Clock;
use restante_client::engine::check::{Maildrop, prove};
use restante_client::engine::command::{Encryption, Secret};
use restante_client::engine::event::{Problem, ProblemKind};
use restante_client::transport::TransportError;

use crate::visit::unencrypted;

/// A clock on which every wait is over at once.
#[derive(Clone)]
struct Impatient;

impl Clock for Impatient {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _duration: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(ready(()))
    }
}

/// A connection on which nothing is ever heard.
struct Silence;

impl AsyncRead for Silence {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Pending
    }
}

impl AsyncWrite for Silence {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

async fn proof_over(
    opening: impl Future<Output = Result<Silence, TransportError>>,
    encryption: Encryption,
) -> Result<(), Problem> {
    let mut settings = unencrypted(110);
    settings.encryption = encryption;
    let maildrop = Maildrop {
        settings: &settings,
        password: &Secret::new("secret".to_owned()),
        clock: &Impatient,
    };
    prove(maildrop, opening, |_| {}).await
}

#[tokio::test]
async fn a_server_that_never_answers_is_told() {
    for encryption in [Encryption::Tls, Encryption::Stls, Encryption::None] {
        let outcome = proof_over(ready(Ok(Silence)), encryption).await;
        assert_eq!(outcome, Err(Problem::new(ProblemKind::TimedOut)));
    }
}

#[tokio::test]
async fn a_bridge_that_never_answers_is_told() {
    let outcome = proof_over(pending(), Encryption::None).await;
    assert_eq!(outcome, Err(Problem::new(ProblemKind::TimedOut)));
}
