//! A POP3 session over a stream, with its time limits.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, select};
use futures::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use restante_shared::pop3::command::Command;
use restante_shared::pop3::reply::StatusText;
use restante_shared::pop3::session::{Event, Session};

use super::Maildrop;
use crate::clock::Clock;
use crate::engine::command::{Encryption, MailboxSettings};
use crate::engine::event::{Problem, ProblemKind};
use crate::transport::{TransportError, tls};

/// How long opening the stream may take, and a TLS handshake again.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);

/// How long a server may be silent while it owes a reply.
const REPLY_LIMIT: Duration = Duration::from_secs(60);

/// How long a good-bye may take: nothing depends on its answer.
const QUIT_LIMIT: Duration = Duration::from_secs(5);

/// How many octets are read at a time, at the most.
const READ_OCTETS: usize = 64 * 1024;

/// How many items a reply may have that is collected whole.
const MAX_ITEMS: usize = 1000;

/// Anything that octets go through, in the clear or under TLS.
trait Duplex: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Duplex for S {}

/// A session and its stream.
pub(super) struct Connection<C> {
    stream: Box<dyn Duplex>,
    session: Session,
    clock: C,
    buffer: Vec<u8>,
}

/// A reply that was collected whole.
pub(super) enum Reply {
    /// `+OK`, and its items.
    Accepted(Vec<Event>),
    /// `-ERR`.
    Refused(StatusText),
}

impl<C: Clock> Connection<C> {
    /// Opens the stream, and TLS over it where that comes first.
    pub(super) async fn open<S>(
        maildrop: &Maildrop<'_, C>,
        opening: impl Future<Output = Result<S, TransportError>>,
    ) -> Result<Self, Problem>
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let clock = maildrop.clock.clone();
        let settings = maildrop.settings;
        let connecting = async {
            let stream = opening.await?;
            Ok::<Box<dyn Duplex>, Problem>(match settings.encryption {
                Encryption::Tls => Box::new(secure(stream, settings).await?),
                Encryption::Stls | Encryption::None => Box::new(stream),
            })
        };
        let stream = within(&clock, CONNECT_LIMIT, connecting).await??;
        Ok(Self::new(stream, Session::new(), clock))
    }

    fn new(stream: Box<dyn Duplex>, session: Session, clock: C) -> Self {
        Self {
            stream,
            session,
            clock,
            buffer: vec![0; READ_OCTETS],
        }
    }

    /// Goes on under TLS after `STLS` was accepted.
    pub(super) async fn upgrade(self, settings: &MailboxSettings) -> Result<Self, Problem> {
        let upgrade = self.session.into_upgrade()?;
        let securing = secure(self.stream, settings);
        let stream = within(&self.clock, CONNECT_LIMIT, securing).await??;
        Ok(Self::new(Box::new(stream), upgrade.secured(), self.clock))
    }

    /// Queues a command; it goes out when the next event is waited for.
    pub(super) fn send(&mut self, command: Command) -> Result<(), Problem> {
        Ok(self.session.send(command)?)
    }

    /// The session, for what only `AUTH` needs.
    pub(super) fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// Sends what is queued and waits for the next event.
    pub(super) async fn event(&mut self) -> Result<Event, Problem> {
        self.flush().await?;
        loop {
            if let Some(event) = self.session.next_event()? {
                return Ok(event);
            }
            let octets = self.read().await?;
            if octets.is_empty() {
                self.session.end_of_input()?;
                return Err(ProblemKind::ConnectionLost.into());
            }
            self.session.receive(octets);
        }
    }

    /// Sends a command and collects its reply whole.
    pub(super) async fn ask(&mut self, command: Command) -> Result<Reply, Problem> {
        self.send(command)?;
        self.reply().await
    }

    /// Collects the next reply whole.
    pub(super) async fn reply(&mut self) -> Result<Reply, Problem> {
        let mut items = Vec::new();
        loop {
            match self.event().await? {
                Event::Accepted { .. } => {}
                Event::Completed { .. } => return Ok(Reply::Accepted(items)),
                Event::Refused { text, .. } => return Ok(Reply::Refused(text)),
                item if items.len() < MAX_ITEMS => items.push(item),
                _ => {
                    return Err(Problem::with_detail(
                        ProblemKind::ProtocolBroken,
                        format!("a reply has more than {MAX_ITEMS} lines"),
                    ));
                }
            }
        }
    }

    /// Says good-bye. Whatever the server says to that, what was fetched is here.
    pub(super) async fn quit(mut self) {
        let clock = self.clock.clone();
        let quitting = async {
            if self.ask(Command::Quit).await.is_ok() {
                let _ = self.stream.close().await;
            }
        };
        let _ = within(&clock, QUIT_LIMIT, quitting).await;
    }

    async fn flush(&mut self) -> Result<(), Problem> {
        let output = self.session.take_output();
        if output.is_empty() {
            return Ok(());
        }
        let writing = async {
            self.stream.write_all(&output).await?;
            self.stream.flush().await
        };
        within(&self.clock, REPLY_LIMIT, writing)
            .await?
            .map_err(|error| TransportError::of(&error).into())
    }

    /// Reads once; no octets mean the end.
    async fn read(&mut self) -> Result<Bytes, Problem> {
        let Self { stream, buffer, .. } = self;
        let reading = poll_fn(|cx: &mut Context<'_>| {
            let read = ready!(Pin::new(&mut *stream).poll_read(cx, buffer));
            Poll::Ready(
                read.map(|octets| Bytes::copy_from_slice(buffer.get(..octets).unwrap_or_default())),
            )
        });
        within(&self.clock, REPLY_LIMIT, reading)
            .await?
            .map_err(|error| TransportError::of(&error).into())
    }
}

async fn secure<S>(
    stream: S,
    settings: &MailboxSettings,
) -> Result<impl Duplex + use<S>, TransportError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    tls::secure(stream, &settings.host, settings.ca_pem.as_deref()).await
}

/// Waits for a step, but not for ever. A step that need not wait sets no timer.
async fn within<T>(
    clock: &impl Clock,
    limit: Duration,
    step: impl Future<Output = T>,
) -> Result<T, Problem> {
    let mut step = pin!(step);
    if let Poll::Ready(done) = poll_fn(|cx| Poll::Ready(step.as_mut().poll(cx))).await {
        return Ok(done);
    }
    match select(step, clock.sleep(limit)).await {
        Either::Left((done, _)) => Ok(done),
        Either::Right(((), _)) => Err(ProblemKind::TimedOut.into()),
    }
}
