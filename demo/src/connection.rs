//! One connection: reads commands, sends answers, and enforces limits.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use restante_shared::pop3::server::{BodyWriter, CommandReader, ReplyWriter};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::session::{DemoSession, NextStep};

/// The longest time for a TLS handshake: a few round trips on a very slow connection.
const HANDSHAKE: Duration = Duration::from_secs(30);

/// The bytes that are read at a time: sixteen of the longest commands. Further pipelined commands wait in
/// the client's socket.
const READ_BYTES: usize = 4096;

/// The bytes that are written at a time.
const WRITE_BYTES: usize = 65_536;

/// Why a conversation ended.
enum ConversationEnd {
    /// The session is over.
    Closed,
    /// The client was asked to begin TLS.
    Stls,
}

/// Serves a connection that begins with a TLS handshake.
pub(crate) async fn serve_tls(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    idle: Duration,
    mut session: DemoSession,
) -> io::Result<()> {
    let mut stream = within(HANDSHAKE, acceptor.accept(stream)).await?;
    greet(&mut stream, idle, &session).await?;
    converse(&mut stream, idle, &mut session).await?;
    stream.shutdown().await
}

/// Serves a connection that begins without TLS and offers `STLS`.
pub(crate) async fn serve_stls(
    mut stream: TcpStream,
    acceptor: TlsAcceptor,
    idle: Duration,
    mut session: DemoSession,
) -> io::Result<()> {
    greet(&mut stream, idle, &session).await?;
    match converse(&mut stream, idle, &mut session).await? {
        ConversationEnd::Closed => stream.shutdown().await,
        ConversationEnd::Stls => {
            let mut stream = within(HANDSHAKE, acceptor.accept(stream)).await?;
            session.encrypt();
            converse(&mut stream, idle, &mut session).await?;
            stream.shutdown().await
        }
    }
}

async fn greet<S>(stream: &mut S, idle: Duration, session: &DemoSession) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    let mut out = ReplyWriter::new();
    session.greet(&mut out);
    send(stream, idle, &mut out).await
}

/// Answers commands until the session ends or TLS is to begin.
async fn converse<S>(
    stream: &mut S,
    idle: Duration,
    session: &mut DemoSession,
) -> io::Result<ConversationEnd>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut reader = CommandReader::new();
    let mut out = ReplyWriter::new();
    let mut in_sasl = false;
    loop {
        let next = if in_sasl {
            reader.next_sasl_line().map(|line| {
                match line {
                    Ok(line) => session.continue_auth(line, &mut out),
                    Err(error) => out.err(&error.to_string()),
                }
                NextStep::Command
            })
        } else {
            reader.next_command().map(|command| match command {
                Ok(command) => session.answer(command, &mut out),
                Err(error) => {
                    out.err(&error.to_string());
                    NextStep::Command
                }
            })
        };
        in_sasl = matches!(next, Some(NextStep::SaslLine)) || (in_sasl && next.is_none());
        match next {
            // All input was processed, so the client may be waiting for the answers.
            None => {
                send(stream, idle, &mut out).await?;
                let mut bytes = [0; READ_BYTES];
                let read = within(idle, stream.read(&mut bytes)).await?;
                match bytes.get(..read) {
                    None | Some([]) => return Ok(ConversationEnd::Closed),
                    Some(bytes) => reader.push(bytes),
                }
            }
            Some(NextStep::Command | NextStep::SaslLine) => {
                if out.len() >= WRITE_BYTES {
                    send(stream, idle, &mut out).await?;
                }
            }
            Some(NextStep::Body(bytes)) => send_body(stream, idle, &bytes, &mut out).await?,
            Some(NextStep::Stls) if reader.is_empty() => {
                out.ok("begin TLS now");
                send(stream, idle, &mut out).await?;
                return Ok(ConversationEnd::Stls);
            }
            // Data that arrives before TLS could be injected, to be treated as if it came under TLS.
            Some(NextStep::Stls) => {
                out.err("unexpected data after STLS");
                send(stream, idle, &mut out).await?;
                return Ok(ConversationEnd::Closed);
            }
            Some(NextStep::End) => {
                send(stream, idle, &mut out).await?;
                return Ok(ConversationEnd::Closed);
            }
        }
    }
}

/// Sends a message in pieces, so that only one piece of it is buffered at a time.
async fn send_body<S>(
    stream: &mut S,
    idle: Duration,
    bytes: &Bytes,
    out: &mut ReplyWriter,
) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    let mut body = BodyWriter::new();
    for piece in bytes.chunks(WRITE_BYTES) {
        body.push(piece, out);
        if out.len() >= WRITE_BYTES {
            send(stream, idle, out).await?;
        }
    }
    body.finish(out);
    Ok(())
}

/// Sends the pending output. A client that does not read it counts as silent.
async fn send<S>(stream: &mut S, idle: Duration, out: &mut ReplyWriter) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    let bytes = out.take();
    if bytes.is_empty() {
        return Ok(());
    }
    within(idle, async {
        stream.write_all(&bytes).await?;
        stream.flush().await
    })
    .await
}

async fn within<T>(limit: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
