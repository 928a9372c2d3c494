//! What octets go through: a stream, in the clear or under TLS, and the time that it may take.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures::future::{Either, LocalBoxFuture, select};
use futures::{AsyncRead, AsyncWrite};

use super::fault::Fault;
use crate::api::settings::MailboxSettings;
use crate::clock::Clock;
use crate::transport::security::TlsSecurity;
use crate::transport::{TransportError, tls};

/// Anything that octets go through, in the clear or under TLS.
pub(in crate::engine) trait Duplex: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Duplex for S {}

/// A stream, and what protects it.
pub(in crate::engine) type Secured = (Box<dyn Duplex>, Option<TlsSecurity>);

/// Lays TLS over a stream.
pub(in crate::engine) async fn secure<S>(
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
pub(in crate::engine) async fn within<T>(
    clock: &impl Clock,
    limit: Duration,
    step: impl Future<Output = T>,
) -> Result<T, Fault> {
    Alarm::default().within(clock, limit, step).await
}

/// A timer for many steps. It is left to run when a step ends, and set again only when it has rung
/// too early for another: a timer for each piece of a message costs a browser as much as the piece.
#[derive(Default)]
pub(in crate::engine) struct Alarm {
    /// When it rings, by the clock.
    set: Option<(Duration, LocalBoxFuture<'static, ()>)>,
}

impl Alarm {
    /// Waits for a step, but not for ever.
    pub(in crate::engine) async fn within<T>(
        &mut self,
        clock: &impl Clock,
        limit: Duration,
        step: impl Future<Output = T>,
    ) -> Result<T, Fault> {
        let mut step = pin!(step);
        if let Poll::Ready(done) = poll_fn(|cx| Poll::Ready(step.as_mut().poll(cx))).await {
            return Ok(done);
        }
        let end = pin!(self.after(clock, limit));
        match select(step, end).await {
            Either::Left((done, _)) => Ok(done),
            Either::Right(((), _)) => Err(Fault::TimedOut),
        }
    }

    /// Completes after `limit`.
    pub(in crate::engine) async fn after(&mut self, clock: &impl Clock, limit: Duration) {
        let until = clock.now() + limit;
        loop {
            if self.set.as_ref().is_none_or(|(due, _)| *due > until) {
                let left = until.saturating_sub(clock.now());
                self.set = Some((until, clock.sleep(left)));
            }
            let Some((due, ring)) = &mut self.set else {
                return;
            };
            let is_end = *due >= until;
            ring.await;
            self.set = None;
            if is_end {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;
    use std::task::Context;

    use futures::FutureExt as _;
    use futures::task::noop_waker_ref;

    use super::*;

    /// A clock that is moved by hand.
    #[derive(Clone, Default)]
    struct Hand {
        seconds: Rc<Cell<u64>>,
        /// The timers that were ever set, in seconds.
        timers: Rc<RefCell<Vec<u64>>>,
    }

    impl Clock for Hand {
        fn now(&self) -> Duration {
            Duration::from_secs(self.seconds.get())
        }

        fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
            self.timers.borrow_mut().push(duration.as_secs());
            let (clock, until) = (self.clone(), self.now() + duration);
            poll_fn(move |_| match clock.now() >= until {
                true => Poll::Ready(()),
                false => Poll::Pending,
            })
            .boxed_local()
        }
    }

    /// Waits for a step until it is over at one of these seconds, or looks at the clock no more.
    fn wait(alarm: &mut Alarm, clock: &Hand, limit: u64, step: u64, looks: &[u64]) -> Option<bool> {
        let done = clock.sleep(Duration::from_secs(step));
        clock.timers.borrow_mut().pop();
        let mut waiting = pin!(alarm.within(clock, Duration::from_secs(limit), done));
        let mut cx = Context::from_waker(noop_waker_ref());
        let mut look = || match waiting.as_mut().poll(&mut cx) {
            Poll::Ready(ended) => Some(ended.is_ok()),
            Poll::Pending => None,
        };
        let first = look();
        looks.iter().fold(first, |ended, second| {
            ended.or_else(|| {
                clock.seconds.set(*second);
                look()
            })
        })
    }

    #[test]
    fn one_timer_serves_many_steps_and_each_has_its_whole_time() {
        let (clock, mut alarm) = (Hand::default(), Alarm::default());
        for second in [10, 20, 30, 40, 50] {
            assert_eq!(wait(&mut alarm, &clock, 60, 10, &[second]), Some(true));
        }
        assert_eq!(*clock.timers.borrow(), [60]);
        // It begins at 50, and the timer rings at 60.
        let ended = wait(&mut alarm, &clock, 60, 1_000, &[60, 109]);
        assert_eq!((ended, &*clock.timers.borrow()), (None, &vec![60, 50]));
        let ended = wait(&mut alarm, &clock, 1, 1_000, &[110]);
        assert_eq!(ended, Some(false));
    }

    #[test]
    fn a_shorter_limit_does_not_wait_for_a_longer_one() {
        let (clock, mut alarm) = (Hand::default(), Alarm::default());
        assert_eq!(wait(&mut alarm, &clock, 60, 1, &[1]), Some(true));
        let ended = wait(&mut alarm, &clock, 5, 1_000, &[5, 6]);
        assert_eq!(
            (ended, clock.now()),
            (Some(false), Duration::from_secs(6)),
            "not before its time"
        );
        assert_eq!(*clock.timers.borrow(), [60, 5]);
    }
}
