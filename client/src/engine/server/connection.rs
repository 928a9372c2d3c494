//! A POP3 session over a stream, with time limits.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::{AsyncRead as _, AsyncWriteExt as _};
use restante_shared::pop3::command::Command;
use restante_shared::pop3::reply::StatusText;
use restante_shared::pop3::session::{Event, MisuseError, Request, Session};
use restante_shared::sasl::{ChannelBinding, Charset};

use super::context::SessionContext;
use super::deadline::ReplyDeadline;
use super::fault::Fault;
use super::stream::{BoxedStream, SecuredStream, StepTimer, secure, within};
use crate::api::problem::{Detail, Problem, ProblemKind};
use crate::api::settings::{Encryption, MailboxSettings};
use crate::clock::Clock;
use crate::engine::diagnostics::journal::{SessionRecorder, SetupStep};
use crate::engine::mailboxes::lesson::Lesson;
use crate::transport::TransportError;
use crate::transport::security::TlsSecurity;

/// The limit for opening the stream, and the limit for a TLS handshake after `STLS`.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);

/// The limit for sending commands. No more are in flight than fit into the buffers on the way, so a
/// server that reads accepts them at once.
const SEND_LIMIT: Duration = Duration::from_secs(60);

/// The limit for `QUIT`, and for closing the stream after it.
const QUIT_LIMIT: Duration = Duration::from_secs(5);

/// The wait for more of a message that has its announced size and may end without a line break before
/// the terminator. A lost packet arrives again within that time, even if it is lost twice.
const BARE_TERMINATOR_LIMIT: Duration = Duration::from_secs(5);

/// The largest number of bytes that are read at a time.
const READ_BYTES: usize = 64 * 1024;

/// The largest number of items of a reply that is collected whole.
const MAX_ITEMS: usize = 1000;

/// A session and its stream.
pub(in crate::engine) struct Connection<C> {
    stream: BoxedStream,
    session: Session,
    /// The TLS session that protects the stream, if any.
    security: Option<TlsSecurity>,
    clock: C,
    buffer: Vec<u8>,
    /// The end of the stream, if it came right after the bytes that were read last.
    end: Option<io::Result<()>>,
    /// Records this session.
    recorder: SessionRecorder,
    /// The time that is left for the awaited reply.
    deadline: ReplyDeadline,
    /// Expires at the deadline.
    timer: StepTimer,
    /// The size in bytes of the only message in flight, if the server announced it.
    announced: Option<u64>,
    /// True if the last message ended only because nothing followed.
    ended_in_silence: bool,
    /// The time at which a command was sent while no other was unanswered, until its reply begins.
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
    /// Opens the stream, and starts TLS if the session begins with it.
    pub(in crate::engine) async fn open(context: &SessionContext<'_, C>) -> Result<Self, Problem> {
        let clock = context.clock.clone();
        let settings = context.settings;
        let recorder = context.journal.borrow_mut().begin(clock.now(), settings);
        let connecting = async {
            let stream = context.dialler.dial().await?;
            recorder.record_setup(clock.now(), SetupStep::Connected);
            Ok::<SecuredStream, Problem>(match settings.encryption {
                Encryption::Tls => secure(stream, settings).await?,
                Encryption::Stls | Encryption::None => (stream, None),
            })
        };
        let stream = within(&clock, CONNECT_LIMIT, connecting).await??;
        let mut session = Session::new();
        let secret = context.password.reveal();
        for charset in [Charset::Utf8, Charset::Latin1] {
            session.register(&charset.encode(secret).unwrap_or_default());
        }
        Ok(Self::new(stream, session, clock, recorder))
    }

    fn new(
        (stream, security): SecuredStream,
        session: Session,
        clock: C,
        recorder: SessionRecorder,
    ) -> Self {
        recorder.record_handshake(clock.now(), security.as_ref());
        Self {
            stream,
            session,
            security,
            clock,
            buffer: vec![0; READ_BYTES],
            end: None,
            recorder,
            deadline: ReplyDeadline::until_begun(None),
            timer: StepTimer::default(),
            announced: None,
            ended_in_silence: false,
            sent_alone: None,
            round_trip: None,
        }
    }

    /// Returns the recorder of this session.
    pub(in crate::engine) fn recorder(&self) -> &SessionRecorder {
        &self.recorder
    }

    /// Takes the lessons of this session that were not taken yet.
    pub(in crate::engine) fn take_lessons(&self) -> Vec<Lesson> {
        self.recorder.take_lessons()
    }

    /// Sets the number of lines of each listing that are recorded.
    pub(in crate::engine) fn record_listing_lines(&mut self, lines: u64) {
        self.session.set_traced_listing_lines(lines);
    }

    /// Returns the number of commands whose replies are not complete.
    pub(in crate::engine) fn unanswered(&self) -> usize {
        self.session.unanswered()
    }

    /// Records the lines that were exchanged since the last call, and the event that they produced.
    fn record(&mut self, event: Option<&Event>) {
        self.recorder.record_quirks(self.session.take_quirks());
        self.recorder
            .record_steps(&self.clock, self.session.take_trace(), event);
    }

    /// Starts TLS after `STLS` was accepted.
    pub(in crate::engine) async fn upgrade(
        self,
        settings: &MailboxSettings,
    ) -> Result<Self, Problem> {
        let upgrade = self.session.into_upgrade()?;
        self.recorder
            .record_setup(self.clock.now(), SetupStep::HandshakeBegan);
        let securing = secure(self.stream, settings);
        let stream = within(&self.clock, CONNECT_LIMIT, securing).await??;
        Ok(Self::new(
            stream,
            upgrade.secured(),
            self.clock,
            self.recorder,
        ))
    }

    /// Returns the TLS channel binding for a login.
    pub(in crate::engine) fn binding(&self) -> Option<&ChannelBinding> {
        self.security.as_ref()?.binding.as_ref()
    }

    /// Queues a command. It is sent when the next event is awaited.
    pub(in crate::engine) fn send(&mut self, command: Command) -> Result<(), MisuseError> {
        let request = Request::from(&command);
        let alone = self.session.unanswered() == 0;
        self.session.send(command)?;
        if alone {
            self.deadline = ReplyDeadline::until_begun(Some(request));
            self.sent_alone = Some(self.clock.now());
        }
        Ok(())
    }

    /// Queues a command, unless it is the one whose reply is next. Returns true if it is.
    pub(in crate::engine) fn send_once(&mut self, command: Command) -> Result<bool, MisuseError> {
        let is_sent = self.session.awaited() == Some(Request::from(&command));
        if !is_sent {
            self.send(command)?;
        }
        Ok(is_sent)
    }

    /// Returns the command that the server has to answer next, if any.
    pub(in crate::engine) fn awaited(&self) -> Option<Request> {
        self.session.awaited()
    }

    /// Returns true if the next reply has begun.
    pub(in crate::engine) fn is_midway(&self) -> bool {
        self.deadline.is_midway()
    }

    /// Returns the shortest time in which a command was answered; `None` before the first.
    pub(in crate::engine) fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// Returns the session, for the steps that only `AUTH` needs.
    pub(in crate::engine) fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// Sets the size in bytes of the only message in flight, if there is one and the size is known.
    pub(in crate::engine) fn expect(&mut self, announced: Option<u64>) {
        self.announced = announced;
    }

    /// Returns true if the last message ended only because nothing followed.
    pub(in crate::engine) fn take_ended_in_silence(&mut self) -> bool {
        std::mem::take(&mut self.ended_in_silence)
    }

    /// Sends the queued commands and waits for the next event.
    pub(in crate::engine) async fn event(&mut self) -> Result<Event, Problem> {
        Ok(self.step().await?)
    }

    /// Sends the queued commands and waits for the next event.
    ///
    /// # Errors
    /// The fault that has ended the session.
    pub(in crate::engine) async fn step(&mut self) -> Result<Event, Fault> {
        let event = self.next().await;
        self.record(event.as_ref().ok());
        event
    }

    async fn next(&mut self) -> Result<Event, Fault> {
        self.flush().await?;
        loop {
            if let Some(event) = self.session.next_event()? {
                self.reset_deadline(&event);
                return Ok(event);
            }
            let bytes = match self.read().await {
                // Silence can be the only sign that a message has ended. A message that is shorter
                // than announced counts only once the next reply has begun.
                Err(Fault::TimedOut) if self.session.end_body_at_bare_terminator() => {
                    self.ended_in_silence = true;
                    continue;
                }
                bytes => bytes?,
            };
            if bytes.is_empty() {
                self.session.end_of_input()?;
                return Err(TransportError::Lost.into());
            }
            self.session.receive(bytes);
        }
    }

    /// Sets the deadline for the data that follows an event, and measures the round trip.
    fn reset_deadline(&mut self, event: &Event) {
        self.deadline = match event {
            Event::Accepted { request, .. } => ReplyDeadline::until_complete(*request),
            Event::Challenge(_) => ReplyDeadline::until_begun(self.session.awaited()),
            // The next command was pipelined, and the server may not have read it yet.
            Event::Refused { .. } | Event::Completed { .. } => ReplyDeadline::until_begun(None),
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

    /// Sends a command and collects its whole reply.
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
                        Detail::TooManyLines {
                            limit: u32::try_from(MAX_ITEMS).unwrap_or(u32::MAX),
                        },
                    ));
                }
            }
        }
    }

    /// Sends `QUIT`, and closes the connection. Returns the server's reply, which says whether it
    /// deleted the marked messages ([RFC 1939 §6]).
    ///
    /// # Errors
    /// If the server does not reply.
    pub(in crate::engine) async fn quit(mut self) -> Result<Reply, Problem> {
        let clock = self.clock.clone();
        let reply = within(&clock, QUIT_LIMIT, self.ask(Command::Quit)).await??;
        // Nothing depends on how the stream closes.
        let _ = within(&clock, QUIT_LIMIT, self.stream.close()).await;
        Ok(reply)
    }

    /// Sends the queued commands.
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

    /// Reads all bytes that have arrived, up to the size of the buffer. Returns no bytes at the end of
    /// the stream.
    ///
    /// TLS returns one record at a time. Each read costs two calls to the clock and a pass through the
    /// session, which in a browser is more than the record itself costs.
    async fn read(&mut self) -> Result<Bytes, Fault> {
        let bare_terminator = |announced| self.session.may_end_at_bare_terminator(announced);
        let limit = match self.announced.is_some_and(bare_terminator) {
            true => self.deadline.left().min(BARE_TERMINATOR_LIMIT),
            false => self.deadline.left(),
        };
        let Self {
            stream,
            buffer,
            end,
            timer,
            ..
        } = self;
        let reading = poll_fn(|cx: &mut Context<'_>| {
            if let Some(end) = end.take() {
                return Poll::Ready(end.map(|()| Bytes::new()));
            }
            let mut filled = 0;
            while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
                match Pin::new(&mut *stream).poll_read(cx, room) {
                    Poll::Ready(Ok(bytes @ 1..)) => filled += bytes,
                    Poll::Ready(ended) if filled == 0 => {
                        return Poll::Ready(ended.map(|_| Bytes::new()));
                    }
                    // The bytes before the end come first. A stream reports its end only once.
                    Poll::Ready(ended) => {
                        *end = Some(ended.map(|_| ()));
                        break;
                    }
                    Poll::Pending if filled == 0 => return Poll::Pending,
                    Poll::Pending => break,
                }
            }
            let bytes = buffer.get(..filled).unwrap_or_default();
            Poll::Ready(Ok(Bytes::copy_from_slice(bytes)))
        });
        let began = self.clock.now();
        let bytes = timer
            .within(&self.clock, limit, reading)
            .await?
            .map_err(|error| TransportError::of(&error))?;
        let waited = self.clock.now().saturating_sub(began);
        self.deadline.spend(waited, bytes.len());
        Ok(bytes)
    }
}
