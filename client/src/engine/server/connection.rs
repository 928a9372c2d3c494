//! A POP3 session over a stream, with its time limits.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use restante_shared::pop3::command::Command;
use restante_shared::pop3::reply::StatusText;
use restante_shared::pop3::session::{Event, MisuseError, Request, Session};
use restante_shared::sasl::{ChannelBinding, Charset};

use super::deadline::Patience;
use super::fault::Fault;
use super::stream::{Alarm, Duplex, Secured, secure, within};
use crate::api::problem::{Problem, ProblemKind};
use crate::api::settings::{Encryption, MailboxSettings};
use crate::clock::Clock;
use crate::engine::check::Maildrop;
use crate::engine::diagnostics::journal::{Moment, Tap};
use crate::transport::TransportError;
use crate::transport::security::TlsSecurity;

/// How long opening the stream may take, and a TLS handshake again.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);

/// How long the server may take to let commands in. No more are in flight than fit into the buffers
/// between here and there, so a server that reads lets them in at once.
const SEND_LIMIT: Duration = Duration::from_secs(60);

/// How long a good-bye may take: nothing depends on its answer.
const QUIT_LIMIT: Duration = Duration::from_secs(5);

/// How long is waited where a message has the octets that were announced, and ends as if its end were
/// glued to it: a packet that was lost on the way comes again within that, even twice.
const GLUED_LIMIT: Duration = Duration::from_secs(5);

/// How many octets are read at a time, at the most.
const READ_OCTETS: usize = 64 * 1024;

/// How many items a reply may have that is collected whole.
const MAX_ITEMS: usize = 1000;

/// A session and its stream.
pub(in crate::engine) struct Connection<C> {
    stream: Box<dyn Duplex>,
    session: Session,
    /// What protects the stream, if anything does.
    security: Option<TlsSecurity>,
    clock: C,
    buffer: Vec<u8>,
    /// How the stream ended behind the octets that were read last.
    end: Option<io::Result<()>>,
    /// Where this session is recorded.
    tap: Tap,
    /// The time that is left for the reply that is awaited.
    patience: Patience,
    /// Rings when it is over.
    alarm: Alarm,
    /// How many octets the only message on its way has, where the server said it.
    announced: Option<u64>,
    /// Whether the last message ended for want of more.
    ended_glued: bool,
    /// When a command was sent while no other was unanswered, until its reply begins.
    sent_alone: Option<Duration>,
    round_trip: Option<Duration>,
}

/// A reply that was collected whole.
pub(in crate::engine) enum Reply {
    /// `+OK`, and its items.
    Accepted(Vec<Event>),
    /// `-ERR`.
    Refused(StatusText),
}

impl<C: Clock> Connection<C> {
    /// Opens the stream, and TLS over it where that comes first.
    pub(in crate::engine) async fn open<S>(
        maildrop: &Maildrop<'_, C>,
        opening: impl Future<Output = Result<S, TransportError>>,
    ) -> Result<Self, Problem>
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let clock = maildrop.clock.clone();
        let settings = maildrop.settings;
        let tap = maildrop.journal.borrow_mut().begin(clock.now(), settings);
        let connecting = async {
            let stream = opening.await?;
            tap.at(clock.now(), Moment::Dialled);
            Ok::<Secured, Problem>(match settings.encryption {
                Encryption::Tls => secure(stream, settings).await?,
                Encryption::Stls | Encryption::None => (Box::new(stream), None),
            })
        };
        let stream = within(&clock, CONNECT_LIMIT, connecting).await??;
        let mut session = Session::new();
        let secret = maildrop.password.reveal();
        for charset in [Charset::Utf8, Charset::Latin1] {
            session.register(&charset.encode(secret).unwrap_or_default());
        }
        Ok(Self::new(stream, session, clock, tap))
    }

    fn new((stream, security): Secured, session: Session, clock: C, tap: Tap) -> Self {
        tap.secured(clock.now(), security.as_ref());
        Self {
            stream,
            session,
            security,
            clock,
            buffer: vec![0; READ_OCTETS],
            end: None,
            tap,
            patience: Patience::until_begun(None),
            alarm: Alarm::default(),
            announced: None,
            ended_glued: false,
            sent_alone: None,
            round_trip: None,
        }
    }

    /// The record of this session.
    pub(in crate::engine) fn tap(&self) -> &Tap {
        &self.tap
    }

    /// Records so many lines of each listing, for somebody who reads them.
    pub(in crate::engine) fn record_listing_lines(&mut self, lines: u64) {
        self.session.set_traced_listing_lines(lines);
    }

    /// How many commands wait for the end of their replies.
    pub(in crate::engine) fn unanswered(&self) -> usize {
        self.session.unanswered()
    }

    /// Records what was said since the last time, and the event that came of it.
    fn record(&mut self, event: Option<&Event>) {
        self.tap.met(self.session.take_quirks());
        self.tap.said(&self.clock, self.session.take_trace(), event);
    }

    /// Goes on under TLS after `STLS` was accepted.
    pub(in crate::engine) async fn upgrade(
        self,
        settings: &MailboxSettings,
    ) -> Result<Self, Problem> {
        let upgrade = self.session.into_upgrade()?;
        self.tap.at(self.clock.now(), Moment::Securing);
        let securing = secure(self.stream, settings);
        let stream = within(&self.clock, CONNECT_LIMIT, securing).await??;
        Ok(Self::new(stream, upgrade.secured(), self.clock, self.tap))
    }

    /// What a login can be bound to.
    pub(in crate::engine) fn binding(&self) -> Option<&ChannelBinding> {
        self.security.as_ref()?.binding.as_ref()
    }

    /// Queues a command; it goes out when the next event is waited for.
    pub(in crate::engine) fn send(&mut self, command: Command) -> Result<(), MisuseError> {
        let request = Request::from(&command);
        let alone = self.session.unanswered() == 0;
        self.session.send(command)?;
        if alone {
            self.patience = Patience::until_begun(Some(request));
            self.sent_alone = Some(self.clock.now());
        }
        Ok(())
    }

    /// Sends a command, unless it is the one whose reply is next. Returns whether it is.
    pub(in crate::engine) fn send_once(&mut self, command: Command) -> Result<bool, MisuseError> {
        let is_sent = self.session.awaited() == Some(Request::from(&command));
        if !is_sent {
            self.send(command)?;
        }
        Ok(is_sent)
    }

    /// What the server has to answer next, if anything.
    pub(in crate::engine) fn awaited(&self) -> Option<Request> {
        self.session.awaited()
    }

    /// Whether the reply that is next has begun.
    pub(in crate::engine) fn is_midway(&self) -> bool {
        self.patience.is_midway()
    }

    /// The shortest time in which a command was answered; `None` before the first.
    pub(in crate::engine) fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// The session, for what only `AUTH` needs.
    pub(in crate::engine) fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// Says how many octets the only message on its way has, if there is one and that is known.
    pub(in crate::engine) fn expect(&mut self, announced: Option<u64>) {
        self.announced = announced;
    }

    /// Whether the message that came to its end did so only because nothing followed.
    pub(in crate::engine) fn take_ended_glued(&mut self) -> bool {
        std::mem::take(&mut self.ended_glued)
    }

    /// Sends what is queued and waits for the next event.
    pub(in crate::engine) async fn event(&mut self) -> Result<Event, Problem> {
        Ok(self.step().await?)
    }

    /// Sends what is queued and waits for the next event, or tells what has ended the session.
    pub(in crate::engine) async fn step(&mut self) -> Result<Event, Fault> {
        let event = self.next().await;
        self.record(event.as_ref().ok());
        event
    }

    async fn next(&mut self) -> Result<Event, Fault> {
        self.flush().await?;
        loop {
            if let Some(event) = self.session.next_event()? {
                self.heard(&event);
                return Ok(event);
            }
            let octets = match self.read().await {
                // Silence can be the only thing that tells the end of a message from its text. What is
                // shorter than announced is believed only once the next reply has begun.
                Err(Fault::TimedOut) if self.session.end_body_at_bare_terminator() => {
                    self.ended_glued = true;
                    continue;
                }
                octets => octets?,
            };
            if octets.is_empty() {
                self.session.end_of_input()?;
                return Err(TransportError::Lost.into());
            }
            self.session.receive(octets);
        }
    }

    /// Gives the server the time for what comes next.
    fn heard(&mut self, event: &Event) {
        self.patience = match event {
            Event::Accepted { request, .. } => Patience::until_complete(*request),
            Event::Challenge(_) => Patience::until_begun(self.session.awaited()),
            // Whatever is next was sent ahead, and it may be that which the server has not taken.
            Event::Refused { .. } | Event::Completed { .. } => Patience::until_begun(None),
            Event::Capability(_)
            | Event::DropListing(_)
            | Event::ScanListing(_)
            | Event::UniqueId(_)
            | Event::Mechanism(_)
            | Event::Language(_)
            | Event::Board(_)
            | Event::Body(_)
            | Event::Line(_)
            | Event::Unreadable(_) => return,
        };
        if let Some(sent) = self.sent_alone.take() {
            let taken = self.clock.now().saturating_sub(sent);
            self.round_trip = Some(self.round_trip.map_or(taken, |least| least.min(taken)));
        }
    }

    /// Sends a command and collects its reply whole.
    pub(in crate::engine) async fn ask(&mut self, command: Command) -> Result<Reply, Problem> {
        self.send(command)?;
        self.reply().await
    }

    /// Collects the next reply whole.
    pub(in crate::engine) async fn reply(&mut self) -> Result<Reply, Problem> {
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
    pub(in crate::engine) async fn quit(mut self) {
        let clock = self.clock.clone();
        let quitting = async {
            if self.ask(Command::Quit).await.is_ok() {
                let _ = self.stream.close().await;
            }
        };
        let _ = within(&clock, QUIT_LIMIT, quitting).await;
    }

    /// Sends what is queued.
    pub(in crate::engine) async fn flush(&mut self) -> Result<(), Fault> {
        let output = self.session.take_output();
        if output.is_empty() {
            return Ok(());
        }
        self.record(None);
        let writing = async {
            self.stream.write_all(&output).await?;
            self.stream.flush().await
        };
        within(&self.clock, SEND_LIMIT, writing)
            .await?
            .map_err(|error| TransportError::of(&error).into())
    }

    /// Reads what is there, as far as the buffer goes; no octets mean the end.
    ///
    /// TLS hands out one record at a time. Each read costs two looks at the clock and a pass through
    /// the session, which in a browser is more than the record's own octets cost.
    async fn read(&mut self) -> Result<Bytes, Fault> {
        let bare_terminator = |announced| self.session.may_end_at_bare_terminator(announced);
        let limit = match self.announced.is_some_and(bare_terminator) {
            true => self.patience.left().min(GLUED_LIMIT),
            false => self.patience.left(),
        };
        let Self {
            stream,
            buffer,
            end,
            alarm,
            ..
        } = self;
        let reading = poll_fn(|cx: &mut Context<'_>| {
            if let Some(end) = end.take() {
                return Poll::Ready(end.map(|()| Bytes::new()));
            }
            let mut filled = 0;
            while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
                match Pin::new(&mut *stream).poll_read(cx, room) {
                    Poll::Ready(Ok(octets @ 1..)) => filled += octets,
                    Poll::Ready(ended) if filled == 0 => {
                        return Poll::Ready(ended.map(|_| Bytes::new()));
                    }
                    // What came before it counts first; and nobody says twice how he ended.
                    Poll::Ready(ended) => {
                        *end = Some(ended.map(|_| ()));
                        break;
                    }
                    Poll::Pending if filled == 0 => return Poll::Pending,
                    Poll::Pending => break,
                }
            }
            let octets = buffer.get(..filled).unwrap_or_default();
            Poll::Ready(Ok(Bytes::copy_from_slice(octets)))
        });
        let began = self.clock.now();
        let octets = alarm
            .within(&self.clock, limit, reading)
            .await?
            .map_err(|error| TransportError::of(&error))?;
        let waited = self.clock.now().saturating_sub(began);
        self.patience.spend(waited, octets.len());
        Ok(octets)
    }
}
