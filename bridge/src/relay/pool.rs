//! The buffers of all relays, borrowed only while they hold data.
//!
//! Buffers are large, because each read, frame and write has a fixed cost, and their number is limited.
//! When all are borrowed, relays wait in order. Each direction has half of them: data for a target that
//! does not read can then never block the data from that target, for which it may be waiting.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::PollSemaphore;

use crate::limits::Limits;
use crate::metrics::Metrics;

/// The size of a buffer in bytes, and nearly that of the largest message to a client. A browser spends
/// about 60 µs on a message of any size, so bulk data goes in large ones. Beyond this size the caches of
/// processors begin to miss.
pub(super) const BUFFER: usize = 256 * 1024;

/// The minimum of [`Limits::queued_octets`]: a buffer for each direction.
pub(crate) const LEAST_QUEUED: usize = 2 * BUFFER;

/// The minimum of free buffers that are kept: two for each of two processors.
const KEPT: usize = 4;

/// The buffers of one bridge.
#[derive(Debug)]
pub(crate) struct BufferPool {
    to_client: Arc<Semaphore>,
    to_target: Arc<Semaphore>,
    free: Mutex<Vec<Box<[u8]>>>,
    kept: usize,
    metrics: Arc<Metrics>,
}

impl BufferPool {
    /// Creates a pool of as many buffers as fit into [`Limits::queued_octets`], at least one for each
    /// direction.
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

    /// Returns a borrower for data to a client.
    pub(super) fn for_client(self: &Arc<Self>) -> Borrower {
        Borrower::new(self, &self.to_client)
    }

    /// Returns a borrower for data to a target.
    pub(super) fn for_target(self: &Arc<Self>) -> Borrower {
        Borrower::new(self, &self.to_target)
    }

    /// Returns true if all buffers of a direction are borrowed, so that a relay may be waiting.
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
        // Last in, first out: the processor's cache still holds the last one.
        if free.len() < self.kept {
            free.push(buffer);
        }
    }
}

/// The borrower of one direction of one relay, with at most one buffer at a time.
pub(super) struct Borrower {
    pool: Arc<BufferPool>,
    turn: PollSemaphore,
}

impl Borrower {
    fn new(pool: &Arc<BufferPool>, room: &Arc<Semaphore>) -> Self {
        Self {
            pool: Arc::clone(pool),
            turn: PollSemaphore::new(Arc::clone(room)),
        }
    }

    /// Borrows a buffer, or waits in the queue for one. Its content is arbitrary.
    pub(super) fn poll_borrow(&mut self, cx: &mut Context<'_>) -> Poll<BufferLease> {
        match ready!(self.turn.poll_acquire(cx)) {
            Some(turn) => Poll::Ready(BufferLease {
                buffer: self.pool.take(),
                pool: Arc::clone(&self.pool),
                _turn: turn,
            }),
            // The semaphore is never closed.
            None => Poll::Pending,
        }
    }
}

/// A buffer of [`BUFFER`] bytes, returned to the pool when dropped.
pub(super) struct BufferLease {
    buffer: Box<[u8]>,
    pool: Arc<BufferPool>,
    _turn: OwnedSemaphorePermit,
}

impl Deref for BufferLease {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.buffer
    }
}

impl DerefMut for BufferLease {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.buffer
    }
}

impl Drop for BufferLease {
    fn drop(&mut self) {
        self.pool.put_back(std::mem::take(&mut self.buffer));
    }
}

impl fmt::Debug for BufferLease {
    /// Leaves out the content, which is a user's mail.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferLease").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures::poll;
    use std::future::poll_fn;
    use std::pin::pin;

    use super::*;

    fn pool(buffers: usize) -> Arc<BufferPool> {
        let limits = Limits {
            queued_octets: buffers * BUFFER,
            ..Limits::default()
        };
        BufferPool::new(&limits, &Arc::default())
    }

    #[tokio::test]
    async fn borrowers_are_served_in_order() {
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
    async fn few_free_buffers_are_kept_after_a_peak() {
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
