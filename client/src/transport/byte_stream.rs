//! A stream of bytes over a stream of messages, whose boundaries have no meaning.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use futures::{AsyncRead, AsyncWrite, Sink, Stream};

use super::TransportError;

/// A stream of bytes over the messages of a WebSocket, or of a test.
#[derive(Debug)]
pub struct ByteStream<M> {
    messages: M,
    /// The unread rest of the last message.
    rest: Bytes,
}

impl<M> ByteStream<M> {
    /// Creates a stream that reads and writes `messages`.
    pub(super) fn over(messages: M) -> Self {
        Self {
            messages,
            rest: Bytes::new(),
        }
    }
}

impl<M> AsyncRead for ByteStream<M>
where
    M: Stream<Item = Result<Bytes, TransportError>> + Unpin,
{
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        while self.rest.is_empty() && !buffer.is_empty() {
            match ready!(Pin::new(&mut self.messages).poll_next(cx)) {
                Some(Ok(message)) => self.rest = message,
                Some(Err(error)) => return Poll::Ready(Err(error.into())),
                None => return Poll::Ready(Ok(0)),
            }
        }
        let length = self.rest.len().min(buffer.len());
        if let Some(buffer) = buffer.get_mut(..length) {
            self.rest.copy_to_slice(buffer);
        }
        Poll::Ready(Ok(length))
    }
}

impl<M> AsyncWrite for ByteStream<M>
where
    M: Sink<Bytes, Error = TransportError> + Unpin,
{
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        ready!(Pin::new(&mut self.messages).poll_ready(cx))?;
        Pin::new(&mut self.messages).start_send(Bytes::copy_from_slice(bytes))?;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.messages)
            .poll_flush(cx)
            .map_err(Into::into)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.messages)
            .poll_close(cx)
            .map_err(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use futures::{AsyncReadExt as _, stream};

    use super::*;

    #[test]
    fn bytes_are_read_across_messages_of_any_size() {
        let messages = ["", "ab", "", "cdefg"].map(|text| Ok(Bytes::from_static(text.as_bytes())));
        for size in 1..=8 {
            let mut bytes = ByteStream::over(stream::iter(messages.clone()));
            let mut read = Vec::new();
            let mut buffer = vec![0; size];
            loop {
                match block_on(bytes.read(&mut buffer)).unwrap() {
                    0 => break,
                    length => read.extend_from_slice(&buffer[..length]),
                }
            }
            assert_eq!(read, b"abcdefg", "with a buffer of {size}");
        }
    }

    #[test]
    fn an_error_is_returned_after_the_bytes_before_it() {
        let messages = [Ok(Bytes::from_static(b"ab")), Err(TransportError::Lost)];
        let mut bytes = ByteStream::over(stream::iter(messages));
        let mut read = Vec::new();
        let error = block_on(bytes.read_to_end(&mut read)).unwrap_err();
        assert_eq!(
            (read.as_slice(), TransportError::of(&error)),
            (&b"ab"[..], TransportError::Lost)
        );
    }
}
