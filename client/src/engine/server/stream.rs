//! Streams to a server, plain or under TLS, and time limits for each step on them.

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

/// A stream in both directions, plain or under TLS.
pub(in crate::engine) trait Duplex: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Duplex for S {}

/// A stream of any type.
pub(in crate::engine) type BoxedStream = Box<dyn Duplex>;

/// A stream, and the TLS session that protects it, if any.
pub(in crate::engine) type SecuredStream = (BoxedStream, Option<TlsSecurity>);

/// Starts TLS on a stream.
///
/// # Errors
/// If the handshake fails, or the certificate is not trusted.
pub(in crate::engine) async fn secure(
    stream: BoxedStream,
    settings: &MailboxSettings,
) -> Result<SecuredStream, TransportError> {
    let (stream, security) =
        tls::secure(stream, &settings.host, settings.ca_pem.as_deref()).await?;
    Ok((Box::new(stream), Some(security)))
}

/// Waits for a step, up to a limit. A step that is ready at once sets no timer.
///
/// # Errors
/// [`Fault::TimedOut`] after the limit.
pub(in crate::engine) async fn within<T>(
    clock: &impl Clock,
    limit: Duration,
    step: impl Future<Output = T>,
) -> Result<T, Fault> {
    StepTimer::default().within(clock, limit, step).await
}

/// A timer for many steps. It keeps running when a step ends, and is set again only if it expires too
/// early for another step: a timer for each piece of a message costs a browser as much as the piece.
#[derive(Default)]
pub(in crate::engine) struct StepTimer {
    /// The time at which the timer expires, and the timer.
    set: Option<(Duration, LocalBoxFuture<'static, ()>)>,
}

impl StepTimer {
    /// Waits for a step, up to a limit.
    ///
    /// # Errors
    /// [`Fault::TimedOut`] after the limit.
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
            let Some((due, timer)) = &mut self.set else {
                return;
            };
            let is_end = *due >= until;
            timer.await;
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

    /// A clock that the test sets.
    #[derive(Clone, Default)]
    struct ManualClock {
        seconds: Rc<Cell<u64>>,
        /// All timers that were set, in seconds.
        timers: Rc<RefCell<Vec<u64>>>,
    }

    impl Clock for ManualClock {
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

    /// Waits for a step, and polls it at each of these seconds. Returns true if the step completed,
    /// false if it timed out, and `None` if neither happened.
    fn wait(
        timer: &mut StepTimer,
        clock: &ManualClock,
        limit: u64,
        step: u64,
        looks: &[u64],
    ) -> Option<bool> {
        let done = clock.sleep(Duration::from_secs(step));
        clock.timers.borrow_mut().pop();
        let mut waiting = pin!(timer.within(clock, Duration::from_secs(limit), done));
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
        let (clock, mut timer) = (ManualClock::default(), StepTimer::default());
        for second in [10, 20, 30, 40, 50] {
            assert_eq!(wait(&mut timer, &clock, 60, 10, &[second]), Some(true));
        }
        assert_eq!(*clock.timers.borrow(), [60]);
        // The step begins at 50, and the timer expires at 60.
        let ended = wait(&mut timer, &clock, 60, 1_000, &[60, 109]);
        assert_eq!((ended, &*clock.timers.borrow()), (None, &vec![60, 50]));
        let ended = wait(&mut timer, &clock, 1, 1_000, &[110]);
        assert_eq!(ended, Some(false));
    }

    #[test]
    fn a_shorter_limit_does_not_wait_for_a_longer_one() {
        let (clock, mut timer) = (ManualClock::default(), StepTimer::default());
        assert_eq!(wait(&mut timer, &clock, 60, 1, &[1]), Some(true));
        let ended = wait(&mut timer, &clock, 5, 1_000, &[5, 6]);
        assert_eq!(
            (ended, clock.now()),
            (Some(false), Duration::from_secs(6)),
            "not before its limit"
        );
        assert_eq!(*clock.timers.borrow(), [60, 5]);
    }
}
