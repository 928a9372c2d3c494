//! The session: its state, the requests without replies, and the received bytes.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;

use bytes::Bytes;

use super::event::{Event, MisuseError, PeerError, Request};
use super::replies::{AuthProgress, ReplyProgress};
use super::secrets::Secrets;
use super::state::SessionState;
use super::trace::Trace;
use super::upgrade::{StlsUpgrade, UpgradeError};
use crate::pop3::argument::ApopTimestamp;
use crate::pop3::command::Command;
use crate::pop3::framing::Framer;
use crate::pop3::quirk::Quirk;
use crate::pop3::reply::{ResponseCode, StatusText};
use crate::pop3::transcript::Step;
use crate::sasl::SaslResponse;

/// A POP3 session of a client, without its connection.
#[must_use = "dropping a session without QUIT discards its deletions"]
pub struct Session {
    pub(super) state: SessionState,
    /// The unanswered requests, oldest first.
    pub(super) expected: VecDeque<Request>,
    /// The progress of the reply to the oldest request.
    pub(super) reply: ReplyProgress,
    pub(super) sasl: AuthProgress,
    pub(super) framer: Framer,
    output: Vec<u8>,
    failed: Option<PeerError>,
    /// True if `UTF8` was sent, after which `STLS` is forbidden.
    utf8: bool,
    /// True if the last reply to `CAPA` had `RESP-CODES`.
    pub(super) response_codes: bool,
    pub(super) secrets: Secrets,
    pub(super) timestamp: Option<ApopTimestamp>,
    pub(super) trace: Trace,
    pub(super) quirks: BTreeSet<Quirk>,
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl Session {
    /// Begins a session on a new connection, which waits for the greeting.
    pub fn new() -> Self {
        Self {
            state: SessionState::Greeting,
            expected: VecDeque::from([Request::Greeting]),
            reply: ReplyProgress::Status,
            sasl: AuthProgress::Silent,
            framer: Framer::new(),
            output: Vec::new(),
            failed: None,
            utf8: false,
            response_codes: false,
            secrets: Secrets::default(),
            timestamp: None,
            trace: Trace::default(),
            quirks: BTreeSet::new(),
        }
    }

    /// Begins the session again, after the TLS handshake.
    pub(super) fn after_upgrade(trace: Trace, secrets: Secrets) -> Self {
        Self {
            state: SessionState::Authorization { user_given: false },
            expected: VecDeque::new(),
            trace,
            secrets,
            ..Self::new()
        }
    }

    /// Registers a secret before it is sent, so that trace and events never contain it: the server
    /// may know it from another session. Values that the client acts upon, such as unique-ids, stay
    /// as received.
    pub fn register(&mut self, secret: &[u8]) {
        self.secrets.register(secret);
    }

    /// Returns the registered secrets.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Returns the timestamp of the greeting, for `APOP`.
    #[must_use]
    pub fn timestamp(&self) -> Option<&ApopTimestamp> {
        self.timestamp.as_ref()
    }

    /// Returns the state.
    #[must_use]
    pub fn state(&self) -> SessionState {
        self.state
    }

    /// Returns the number of requests whose replies are incomplete.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.expected.len()
    }

    /// Returns the request that the server must answer next, if there is one.
    #[must_use]
    pub fn awaited(&self) -> Option<Request> {
        self.expected.front().copied()
    }

    /// Returns the response code of a status text, if the server advertises `RESP-CODES`
    /// ([RFC 2449 §6.4]).
    ///
    /// Without that capability, a text in brackets may have no meaning, so [`StatusText::code`] is
    /// only a guess.
    #[must_use]
    pub fn response_code<'a>(&self, text: &'a StatusText) -> Option<&'a ResponseCode> {
        text.code.as_ref().filter(|_| self.response_codes)
    }

    /// Queues a command.
    ///
    /// `USER`, `PASS`, `APOP`, `AUTH`, `STLS`, `UTF8`, `XTND` and `QUIT` change the state, or the
    /// meaning of later commands. Nothing can be queued after them, and all except `QUIT` can only
    /// be queued if no other request is unanswered.
    ///
    /// # Errors
    /// [`MisuseError`] if the command is not allowed now. Nothing was queued.
    #[expect(clippy::needless_pass_by_value, reason = "sending consumes a command")]
    pub fn send(&mut self, command: Command) -> Result<(), MisuseError> {
        let request = Request::from(&command);
        let after_change = self
            .expected
            .back()
            .is_some_and(|last| SessionState::changes_with(*last));
        let alone = SessionState::changes_with(request) && request != Request::Quit;
        if after_change || (alone && !self.expected.is_empty()) {
            return Err(MisuseError::TooEarly(request));
        }
        // [RFC 6856 §2.1] forbids STLS after UTF8.
        let too_late = request == Request::Stls && self.utf8;
        if too_late || !self.state.allows(request) {
            return Err(MisuseError::WrongState(request));
        }
        command.encode(&mut self.output);
        self.trace.client(command.redacted().into_bytes());
        self.secrets.sent(&command);
        self.expected.push_back(request);
        self.utf8 |= request == Request::Utf8;
        if let Command::Auth(auth) = &command {
            self.sasl = match auth.initial_response() {
                None => AuthProgress::Silent,
                Some(_) => AuthProgress::Responded,
            };
        }
        if request == Request::Quit && self.state == SessionState::Transaction {
            self.state = SessionState::Update;
        }
        Ok(())
    }

    /// Responds to a [challenge](Event::Challenge).
    ///
    /// # Errors
    /// [`MisuseError::NoChallenge`].
    pub fn respond(&mut self, response: &SaslResponse) -> Result<(), MisuseError> {
        self.answer_challenge(response.to_base64().as_bytes(), b"***")?;
        self.secrets.responded(response);
        Ok(())
    }

    /// Cancels an `AUTH` exchange after a [challenge](Event::Challenge). The server then refuses `AUTH`.
    ///
    /// # Errors
    /// [`MisuseError::NoChallenge`].
    pub fn cancel_auth(&mut self) -> Result<(), MisuseError> {
        self.answer_challenge(b"*", b"*")
    }

    fn answer_challenge(&mut self, line: &[u8], shown: &[u8]) -> Result<(), MisuseError> {
        if self.expected.front() != Some(&Request::Auth) || self.sasl != AuthProgress::Challenged {
            return Err(MisuseError::NoChallenge);
        }
        self.sasl = AuthProgress::Responded;
        self.output.extend_from_slice(line);
        self.output.extend_from_slice(b"\r\n");
        self.trace.client(shown.to_vec());
        Ok(())
    }

    /// Returns the bytes to write next, which may contain secrets, and empties the buffer.
    #[must_use = "bytes that are not written are lost"]
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Accepts bytes from the server. They stay in memory until the caller reads the events, so it
    /// must do that before it reads from the connection again.
    pub fn receive(&mut self, bytes: Bytes) {
        let ignored = match self.state {
            SessionState::Closed => true,
            // One byte is enough to detect an injection.
            SessionState::Upgrade => !self.framer.is_empty(),
            SessionState::Greeting
            | SessionState::Authorization { .. }
            | SessionState::Transaction
            | SessionState::Update => self.failed.is_some(),
        };
        if !ignored {
            self.framer.push(bytes);
        }
    }

    /// Ends a message at a terminator without a line break, after the server has been silent for a
    /// long time.
    ///
    /// Returns true if it ended the message. [`Completed`](Event::Completed) is then the next event, and
    /// [`Quirk::BareTerminator`] is recorded.
    ///
    /// Some servers omit the line break before the terminating dot (Exchange 2000), so that a
    /// message ends in `text.` and CRLF. Others omit the LF after it (Cyrus). The first case looks
    /// like text whose last sentence ends in a dot, the second like the beginning of a line. Only
    /// the silence after it shows that the message is complete. The session has no clock, so the
    /// caller decides when the silence is long enough, and calls this before it gives up the
    /// connection.
    ///
    /// It does nothing unless the received data ends in such a terminator, and unless no other
    /// request is unanswered. If more commands are in flight, the session has taken their replies
    /// for text of the message, and only a new connection without pipelining returns the whole
    /// message.
    ///
    /// The session holds back the dot and its line end until then, so that they never become part of the
    /// message. It ignores a line end that arrives later.
    pub fn end_body_at_bare_terminator(&mut self) -> bool {
        let all = self.expected.len() == 1 && self.failed.is_none();
        let ended = all
            && matches!(self.reply, ReplyProgress::Body)
            && self.framer.end_at_bare_terminator();
        if ended {
            self.trace.body_end_at_bare_terminator();
            self.reply = ReplyProgress::Complete;
        }
        ended
    }

    /// Returns true if a message has its announced size in bytes and a terminator without a line
    /// break follows, so that [`end_body_at_bare_terminator`](Self::end_body_at_bare_terminator)
    /// would end it.
    ///
    /// A message whose text ends in a dot is not such a message, because that dot is part of its size.
    #[must_use]
    pub fn may_end_at_bare_terminator(&self, announced: u64) -> bool {
        matches!(self.reply, ReplyProgress::Body)
            && self.expected.len() == 1
            && self.trace.body_bytes() == announced
            && self.framer.pending_terminator_end().is_some()
    }

    /// Returns the next event, or `None` until more bytes arrive.
    ///
    /// # Errors
    /// [`PeerError`] if the server violates the protocol. From then on, every call returns the same
    /// error.
    pub fn next_event(&mut self) -> Result<Option<Event>, PeerError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.advance().inspect_err(|error| {
            self.failed = Some(error.clone());
            self.trace_rest();
            self.framer.clear();
        })
    }

    /// Sets the number of lines of each listing that the trace keeps, for a user who reads them.
    /// The default is [`TRACED_LISTING_LINES`](crate::pop3::limits::TRACED_LISTING_LINES).
    pub fn set_traced_listing_lines(&mut self, lines: u64) {
        self.trace.keep_listing_lines(lines);
    }

    /// Returns the steps since the last call, with `***` in place of every secret, and clears them.
    ///
    /// A body appears as its size, after its end. A listing appears with its first
    /// [lines](Self::set_traced_listing_lines). Until the steps are taken, the session keeps at
    /// most 256 KB of them and drops the oldest.
    #[must_use = "steps that are not kept are lost"]
    pub fn take_trace(&mut self) -> Vec<Step> {
        self.trace.take()
    }

    /// Returns the quirks that the session noticed since the last call, and clears them.
    #[must_use = "quirks that are not kept are lost"]
    pub fn take_quirks(&mut self) -> BTreeSet<Quirk> {
        let mut quirks = std::mem::take(&mut self.quirks);
        quirks.append(&mut self.framer.take_quirks());
        quirks
    }

    /// Traces the received bytes that are not a complete reply.
    fn trace_rest(&mut self) {
        self.trace.cut();
        let waiting = self.framer.waiting();
        self.trace.garbage(&self.secrets.redact(&waiting));
    }

    /// Ends the session, after the connection has ended.
    ///
    /// # Errors
    /// [`PeerError`] if a request is unanswered.
    pub fn end_of_input(&mut self) -> Result<(), PeerError> {
        if self.failed.is_none() {
            self.trace_rest();
        }
        self.trace.close();
        let error = match (&self.failed, self.expected.front(), &self.reply) {
            (Some(error), _, _) => error.clone(),
            (None, None, _) => return Ok(()),
            (None, Some(request), ReplyProgress::Status) => PeerError::ClosedEarly(*request),
            (None, Some(request), _) => PeerError::ClosedMidReply(*request),
        };
        self.failed = Some(error.clone());
        Err(error)
    }

    /// Turns the session into an upgrade after `STLS` was accepted.
    ///
    /// # Errors
    /// [`UpgradeError::Misuse`] if it was not accepted. [`UpgradeError::Peer`] if bytes followed
    /// the reply: the server must not send anything before the TLS handshake, so an attacker
    /// injected them.
    pub fn into_upgrade(self) -> Result<StlsUpgrade, UpgradeError> {
        if self.state != SessionState::Upgrade || !self.expected.is_empty() {
            return Err(MisuseError::NoUpgrade.into());
        }
        if !self.framer.is_empty() {
            return Err(PeerError::Injected.into());
        }
        Ok(StlsUpgrade {
            trace: self.trace,
            secrets: self.secrets,
        })
    }
}

impl fmt::Debug for Session {
    /// Omits the bytes, which may contain passwords and mail.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("state", &self.state)
            .field("expected", &self.expected)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
