//! The progress of a connection, in requests and in bytes of responses, to detect stalled ones.
//!
//! A response is passed to hyper in pieces, and hyper takes the next piece when there is room for it. So
//! each piece shows that the client reads, with HTTP/1 and also with HTTP/2, where a client can stop one
//! stream without stopping its socket.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Instant;

use crate::limits::{Limit, Limits};

/// The bytes of a piece. A client that reads less within [`send_time`](Limits::send_time) is slower than
/// any connection that is usable for mail.
const PIECE: usize = 64 * 1024;

/// The progress of one connection.
#[derive(Debug)]
pub(super) struct ConnectionProgress {
    began: Instant,
    moved_at: AtomicU64,
    requests: AtomicUsize,
    answering: AtomicUsize,
}

impl ConnectionProgress {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            moved_at: AtomicU64::new(0),
            requests: AtomicUsize::new(0),
            answering: AtomicUsize::new(0),
        })
    }

    /// Records a request whose header is complete.
    pub(super) fn asked(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.moved();
    }

    /// Returns true if there was a request.
    pub(super) fn was_asked(&self) -> bool {
        self.requests.load(Ordering::Relaxed) > 0
    }

    /// Splits `body` into pieces.
    pub(super) fn give(self: &Arc<Self>, body: Full<Bytes>) -> TrackedBody {
        self.answering.fetch_add(1, Ordering::Relaxed);
        TrackedBody {
            body,
            rest: Bytes::new(),
            progress: Arc::clone(self),
        }
    }

    /// Completes when the connection has made no progress for too long. Returns the exceeded limit, or `None`
    /// if the connection was merely idle.
    pub(super) async fn stalled(&self, limits: &Limits) -> Option<Limit> {
        loop {
            let limit = if self.was_asked() {
                limits.send_time
            } else {
                limits.handshake_time
            };
            let moved_at = Duration::from_millis(self.moved_at.load(Ordering::Relaxed));
            let until = self.began + moved_at + limit;
            if until <= Instant::now() {
                break;
            }
            tokio::time::sleep_until(until).await;
        }
        if !self.was_asked() {
            Some(Limit::Handshake)
        } else if self.answering.load(Ordering::Relaxed) > 0 {
            Some(Limit::Send)
        } else {
            None
        }
    }

    fn moved(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.moved_at.store(now, Ordering::Relaxed);
    }
}

/// The body of a response, in pieces.
pub(super) struct TrackedBody {
    body: Full<Bytes>,
    rest: Bytes,
    progress: Arc<ConnectionProgress>,
}

impl Body for TrackedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.progress.moved();
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                end => return Poll::Ready(end),
            }
        }
        let length = PIECE.min(self.rest.len());
        let piece = self.rest.split_to(length);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = u64::try_from(self.rest.len()).unwrap_or(u64::MAX);
        let body = self.body.size_hint().exact().unwrap_or(0);
        SizeHint::with_exact(rest.saturating_add(body))
    }
}

impl Drop for TrackedBody {
    fn drop(&mut self) {
        self.progress.answering.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    fn limits() -> Limits {
        Limits {
            handshake_time: Duration::from_secs(10),
            send_time: Duration::from_secs(30),
            ..Limits::default()
        }
    }

    /// Takes the next data frame of a body, and returns its length in bytes.
    async fn next_length(body: &mut TrackedBody) -> usize {
        let frame = body.frame().await.unwrap().unwrap();
        frame.into_data().unwrap().len()
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_request_the_handshake_time_applies() {
        let (progress, began) = (ConnectionProgress::new(), Instant::now());
        assert_eq!(progress.stalled(&limits()).await, Some(Limit::Handshake));
        assert_eq!(began.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn each_request_and_each_piece_extends_the_time() {
        let (progress, began) = (ConnectionProgress::new(), Instant::now());
        let second = |number| tokio::time::sleep_until(began + Duration::from_secs(number));
        let client = async {
            second(9).await;
            progress.asked();
            let mut body = progress.give(Full::from(vec![7; PIECE + 1]));
            assert_eq!(body.size_hint().exact(), Some(PIECE as u64 + 1));
            second(20).await;
            assert_eq!(next_length(&mut body).await, PIECE);
            assert_eq!(body.size_hint().exact(), Some(1));
            assert!(!body.is_end_stream());
            second(49).await;
            assert_eq!(next_length(&mut body).await, 1);
            assert!(body.is_end_stream());
            body
        };
        let limits = limits();
        let (limit, body) = futures::future::join(progress.stalled(&limits), client).await;
        assert_eq!((limit, began.elapsed().as_secs()), (Some(Limit::Send), 79));
        drop(body);
        assert_eq!(progress.stalled(&limits).await, None);
    }
}
