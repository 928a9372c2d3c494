//! The buffers of all relays: borrowed while there is something in them, so that who is idle has none.
//!
//! A buffer is large, since each read, frame and write has a price of its own; that is affordable
//! because only so many exist. When all are lent out, relays wait their turn, first come, first
//! served. The two directions have a half each: what waits for a target that does not read can never
//! keep that target's own words from being relayed, which may be what it waits for.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::PollSemaphore;

use crate::limits::Limits;
use crate::metrics::Metrics;

/// The size of a buffer in octets, and so nearly that of the largest message to a client. A browser
/// spends about 60 µs on a message whatever its size, so bulk goes in large ones; beyond this size
/// processors' caches begin to miss.
pub(super) const BUFFER: usize = 256 * 1024;

/// The least that can be said of [`Limits::queued_octets`]: a buffer for each direction.
pub(crate) const LEAST_QUEUED: usize = 2 * BUFFER;

/// How many buffers are kept for the next borrower, at least: two for each of two processors.
const KEPT: usize = 4;

/// The buffers of one bridge.
#[derive(Debug)]
pub(crate) struct Pool {
    to_client: Arc<Semaphore>,
    to_target: Arc<Semaphore>,
    free: Mutex<Vec<Box<[u8]>>>,
    kept: usize,
    metrics: Arc<Metrics>,
}

impl Pool {
    /// Makes as many buffers possible as [`Limits::queued_octets`] has room for, at least one for
    /// each direction.
    pub(crate) fn new(limits: &Limits, metrics: &Arc<Metrics>) -> Arc<Self> {
        let each = (limits.queued_octets / BUFFER / 2).clamp(1, Semaphore::MAX_PERMITS);
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Arc::new(Self {
            to_client: Arc::new(Semaphore::new(each)),
            to_target: Arc::new(Semaphore::new(each)),
            free: Mutex::default(),
            kept: processors.max(KEPT),
            metrics: Arc::clone(metrics),
        })
    }

    /// A place in the queue for what goes to a client.
    pub(super) fn for_client(self: &Arc<Self>) -> Borrower {
        Borrower::new(self, &self.to_client)
    }

    /// A place in the queue for what goes to a target.
    pub(super) fn for_target(self: &Arc<Self>) -> Borrower {
        Borrower::new(self, &self.to_target)
    }

    /// Whether all buffers of a direction are lent out, so that somebody may be waiting.
    pub(super) fn is_short(&self) -> bool {
        self.to_client.available_permits() == 0 || self.to_target.available_permits() == 0
    }

    fn take(&self) -> Box<[u8]> {
        self.metrics.queued(BUFFER as i64);
        let kept = self
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        kept.unwrap_or_else(|| vec![0; BUFFER].into_boxed_slice())
    }

    fn put_back(&self, buffer: Box<[u8]>) {
        self.metrics.queued(-(BUFFER as i64));
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        // The last one given back is the next one lent: it is what the processor's cache has.
        if free.len() < self.kept {
            free.push(buffer);
        }
    }
}

/// One direction of one relay, which borrows at most one buffer at a time.
pub(super) struct Borrower {
    pool: Arc<Pool>,
    turn: PollSemaphore,
}

impl Borrower {
    fn new(pool: &Arc<Pool>, room: &Arc<Semaphore>) -> Self {
        Self {
            pool: Arc::clone(pool),
            turn: PollSemaphore::new(Arc::clone(room)),
        }
    }

    /// Borrows a buffer, or takes a place in the queue for one. What is in it is of no meaning.
    pub(super) fn poll_borrow(&mut self, cx: &mut Context<'_>) -> Poll<Lease> {
        match ready!(self.turn.poll_acquire(cx)) {
            Some(turn) => Poll::Ready(Lease {
                buffer: self.pool.take(),
                pool: Arc::clone(&self.pool),
                _turn: turn,
            }),
            // The semaphore is never closed.
            None => Poll::Pending,
        }
    }
}

/// A buffer of [`BUFFER`] octets, given back when dropped.
pub(super) struct Lease {
    buffer: Box<[u8]>,
    pool: Arc<Pool>,
    _turn: OwnedSemaphorePermit,
}

impl Deref for Lease {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.buffer
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.buffer
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.pool.put_back(std::mem::take(&mut self.buffer));
    }
}

impl fmt::Debug for Lease {
    /// Leaves out the octets, which are somebody's mail.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures::poll;
    use std::future::poll_fn;
    use std::pin::pin;

    use super::*;

    fn pool(buffers: usize) -> Arc<Pool> {
        let limits = Limits {
            queued_octets: buffers * BUFFER,
            ..Limits::default()
        };
        Pool::new(&limits, &Arc::default())
    }

    #[tokio::test]
    async fn who_comes_first_is_served_first() {
        let pool = pool(2);
        let (mut a, mut b, mut c) = (pool.for_client(), pool.for_client(), pool.for_client());
        let lent = poll_fn(|cx| a.poll_borrow(cx)).await;
        assert!(pool.is_short());
        let (mut second, mut third) = (
            pin!(poll_fn(|cx| b.poll_borrow(cx))),
            pin!(poll_fn(|cx| c.poll_borrow(cx))),
        );
        assert!(poll!(&mut second).is_pending());
        assert!(poll!(&mut third).is_pending());
        drop(lent);
        assert!(poll!(&mut third).is_pending());
        let lent = second.await;
        assert!(poll!(&mut third).is_pending());
        drop(lent);
        third.await;
        assert!(!pool.is_short());
    }

    #[tokio::test]
    async fn a_direction_never_waits_for_the_other() {
        let pool = pool(1);
        let (mut to_client, mut to_target) = (pool.for_client(), pool.for_target());
        let _one = poll_fn(|cx| to_client.poll_borrow(cx)).await;
        let _two = poll_fn(|cx| to_target.poll_borrow(cx)).await;
    }

    #[tokio::test]
    async fn few_buffers_outlive_a_rush() {
        let pool = pool(400);
        let mut leases = Vec::new();
        for _ in 0..200 {
            let mut borrower = pool.for_client();
            leases.push(poll_fn(|cx| borrower.poll_borrow(cx)).await);
        }
        drop(leases);
        assert_eq!(pool.free.lock().unwrap().len(), pool.kept);
    }
}
