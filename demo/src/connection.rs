//! One connection: reads commands, sends answers, and keeps to the limits.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use restante_shared::pop3::server::{BodyWriter, CommandReader, ReplyWriter};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::session::{Next, Session};

/// How long a TLS handshake may take: a round trip or two, on the slowest of links.
const HANDSHAKE: Duration = Duration::from_secs(30);

/// How much is read at a time: sixteen of the longest commands. What a client pipelines beyond that
/// waits in its own socket.
const READ_OCTETS: usize = 4096;

/// How much is written at a time; as large a frame as the relay sends.
const WRITE_OCTETS: usize = 65_536;

/// Why a conversation ended.
enum Ending {
    /// It is over, in whatever way.
    Closed,
    /// The client was told to begin TLS.
    Stls,
}

/// Serves a connection that begins with a TLS handshake.
pub(crate) async fn serve_tls(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    idle: Duration,
    mut session: Session,
) -> io::Result<()> {
    let mut stream = within(HANDSHAKE, acceptor.accept(stream)).await?;
    greet(&mut stream, idle, &session).await?;
    converse(&mut stream, idle, &mut session).await?;
    stream.shutdown().await
}

/// Serves a connection that begins in the clear and offers `STLS`.
pub(crate) async fn serve_stls(
    mut stream: TcpStream,
    acceptor: TlsAcceptor,
    idle: Duration,
    mut session: Session,
) -> io::Result<()> {
    greet(&mut stream, idle, &session).await?;
    match converse(&mut stream, idle, &mut session).await? {
        Ending::Closed => stream.shutdown().await,
        Ending::Stls => {
            let mut stream = within(HANDSHAKE, acceptor.accept(stream)).await?;
            session.encrypt();
            converse(&mut stream, idle, &mut session).await?;
            stream.shutdown().await
        }
    }
}

async fn greet<S>(stream: &mut S, idle: Duration, session: &Session) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    let mut out = ReplyWriter::new();
    session.greet(&mut out);
    send(stream, idle, &mut out).await
}

/// Answers commands until the session ends, or TLS is to begin.
async fn converse<S>(stream: &mut S, idle: Duration, session: &mut Session) -> io::Result<Ending>
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
                Next::Command
            })
        } else {
            reader.next_command().map(|command| match command {
                Ok(command) => session.answer(command, &mut out),
                Err(error) => {
                    out.err(&error.to_string());
                    Next::Command
                }
            })
        };
        in_sasl = matches!(next, Some(Next::SaslLine)) || (in_sasl && next.is_none());
        match next {
            // Nothing is left of what the client sent, so it may be waiting for the answers.
            None => {
                send(stream, idle, &mut out).await?;
                let mut octets = [0; READ_OCTETS];
                let read = within(idle, stream.read(&mut octets)).await?;
                match octets.get(..read) {
                    None | Some([]) => return Ok(Ending::Closed),
                    Some(octets) => reader.push(octets),
                }
            }
            Some(Next::Command | Next::SaslLine) => {
                if out.len() >= WRITE_OCTETS {
                    send(stream, idle, &mut out).await?;
                }
            }
            Some(Next::Body(octets)) => send_body(stream, idle, &octets, &mut out).await?,
            Some(Next::Stls) if reader.is_empty() => {
                out.ok("begin TLS now");
                send(stream, idle, &mut out).await?;
                return Ok(Ending::Stls);
            }
            // Whoever sent these octets meant them to be read as if they had come under TLS.
            Some(Next::Stls) => {
                out.err("there were octets after STLS");
                send(stream, idle, &mut out).await?;
                return Ok(Ending::Closed);
            }
            Some(Next::End) => {
                send(stream, idle, &mut out).await?;
                return Ok(Ending::Closed);
            }
        }
    }
}

/// Sends a message in pieces, so that no more than one piece of it waits in memory.
async fn send_body<S>(
    stream: &mut S,
    idle: Duration,
    octets: &Bytes,
    out: &mut ReplyWriter,
) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    let mut body = BodyWriter::new();
    for piece in octets.chunks(WRITE_OCTETS) {
        body.push(piece, out);
        if out.len() >= WRITE_OCTETS {
            send(stream, idle, out).await?;
        }
    }
    body.finish(out);
    Ok(())
}

/// Sends what is written; a client that takes none of it counts as silent.
async fn send<S>(stream: &mut S, idle: Duration, out: &mut ReplyWriter) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    let octets = out.take();
    if octets.is_empty() {
        return Ok(());
    }
    within(idle, async {
        stream.write_all(&octets).await?;
        stream.flush().await
    })
    .await
}

async fn within<T>(limit: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
