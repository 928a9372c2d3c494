//! The session itself: what was sent, what is expected, and what has arrived.

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
#[must_use = "a session that is dropped was never ended by QUIT: deletions are lost"]
pub struct Session {
    pub(super) state: SessionState,
    /// What the server still has to answer, oldest first.
    pub(super) expected: VecDeque<Request>,
    /// How far the reply to the oldest of them has come.
    pub(super) reply: ReplyProgress,
    pub(super) sasl: AuthProgress,
    pub(super) framer: Framer,
    output: Vec<u8>,
    failed: Option<PeerError>,
    /// Whether `UTF8` was sent, behind which `STLS` may not come.
    utf8: bool,
    /// Whether the last `CAPA` had `RESP-CODES`.
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
    /// Begins on a new connection, where the greeting is next.
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

    /// Begins again once TLS is up.
    pub(super) fn after_upgrade(trace: Trace, secrets: Secrets) -> Self {
        Self {
            state: SessionState::Authorization { user_given: false },
            expected: VecDeque::new(),
            trace,
            secrets,
            ..Self::new()
        }
    }

    /// Keeps a secret out of what is told of this session, though it was not sent yet: the server may
    /// know it from another one. What is acted upon, such as a unique-id, stays as it came.
    pub fn register(&mut self, secret: &[u8]) {
        self.secrets.register(secret);
    }

    /// What is not told.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The timestamp in the greeting, for `APOP`.
    #[must_use]
    pub fn timestamp(&self) -> Option<&ApopTimestamp> {
        self.timestamp.as_ref()
    }

    /// Where the session stands.
    #[must_use]
    pub fn state(&self) -> SessionState {
        self.state
    }

    /// How many requests wait for the end of their replies.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.expected.len()
    }

    /// What the server has to answer next, if anything.
    #[must_use]
    pub fn awaited(&self) -> Option<Request> {
        self.expected.front().copied()
    }

    /// The response code of a status text, where the server has said in `CAPA` that it uses them
    /// ([RFC 2449 §6.4]). Without that, what stands in brackets may be words like any others:
    /// [`StatusText::code`] is only what it would mean.
    #[must_use]
    pub fn response_code<'a>(&self, text: &'a StatusText) -> Option<&'a ResponseCode> {
        text.code.as_ref().filter(|_| self.response_codes)
    }

    /// Queues a command. `USER`, `PASS`, `APOP`, `AUTH`, `STLS`, `UTF8`, `XTND` and `QUIT` change the
    /// state or what is behind them: nothing can be queued there, and all but `QUIT` go alone.
    ///
    /// # Errors
    /// [`MisuseError`] where the command does not belong here and now; nothing was queued.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a command is used up by sending it"
    )]
    pub fn send(&mut self, command: Command) -> Result<(), MisuseError> {
        let request = Request::from(&command);
        let behind_change = self
            .expected
            .back()
            .is_some_and(|last| SessionState::changes_with(*last));
        let alone = SessionState::changes_with(request) && request != Request::Quit;
        if behind_change || (alone && !self.expected.is_empty()) {
            return Err(MisuseError::TooEarly(request));
        }
        // [RFC 6856 §2.1]: there is no STLS after UTF8.
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

    /// Gives up an `AUTH` exchange after a [challenge](Event::Challenge); the server refuses it then.
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

    /// Takes the octets to be written next. Secrets may be among them.
    #[must_use = "what is not written is lost"]
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Takes octets from the server. They are kept until events are asked for: ask before reading on.
    pub fn receive(&mut self, octets: Bytes) {
        let deaf = match self.state {
            SessionState::Closed => true,
            // One octet too many is as good as a million.
            SessionState::Upgrade => !self.framer.is_empty(),
            SessionState::Greeting
            | SessionState::Authorization { .. }
            | SessionState::Transaction
            | SessionState::Update => self.failed.is_some(),
        };
        if !deaf {
            self.framer.push(octets);
        }
    }

    /// Ends a message that the server ended wrongly, for a caller who has waited in vain: time is
    /// not the session's. Tells whether it did; [`Completed`](Event::Completed) is the next event then.
    ///
    /// Some servers (Exchange 2000) forget the line end before the termination octet, so that a message
    /// ends in `text.` and CRLF, and some (Cyrus) the LF behind it. The first cannot be told from text
    /// whose last sentence ends in a dot, nor can the second from a line that has only just begun: only
    /// that nothing follows tells. So a caller asks here once the server has been silent for long while
    /// it owes the rest of a message, before giving the connection up. It does nothing unless what has
    /// arrived ends like that, and unless this message is all that the server still owes: with more
    /// commands in flight, the replies behind the lost terminator were taken for text, and only a new
    /// connection without pipelining gets the message whole. The dot and its line end are held back
    /// until then, so that they never reach the message. Any line end that comes late is ignored.
    /// [`Quirk::BareTerminator`] is noted.
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

    /// Whether what has arrived of a message is as much as was announced, and ends as
    /// [`end_body_at_bare_terminator`](Self::end_body_at_bare_terminator) wants it. A message of that size which happens
    /// to end in a dot is no such: its dot is one of the octets that were announced.
    #[must_use]
    pub fn may_end_at_bare_terminator(&self, announced: u64) -> bool {
        matches!(self.reply, ReplyProgress::Body)
            && self.expected.len() == 1
            && self.trace.body_bytes() == announced
            && self.framer.pending_terminator_end().is_some()
    }

    /// Returns the next event, or `None` until more has arrived.
    ///
    /// # Errors
    /// [`PeerError`] when the server broke the protocol, from then on always the same.
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

    /// Traces so many lines of each listing, for somebody who reads them; else there are
    /// [`TRACED_LISTING_LINES`](crate::pop3::limits::TRACED_LISTING_LINES).
    pub fn set_traced_listing_lines(&mut self, lines: u64) {
        self.trace.keep_listing_lines(lines);
    }

    /// Takes what was said since the last time, with `***` in place of every secret.
    ///
    /// Bodies are there as their number of octets, once they have ended; of a listing, the first
    /// 200 lines or [as many as wanted](Self::set_traced_listing_lines). Some 256 KB are kept until they are taken, then the oldest steps are left out.
    #[must_use = "what is not kept is lost"]
    pub fn take_trace(&mut self) -> Vec<Step> {
        self.trace.take()
    }

    /// Takes what was odd about the server since the last time, as far as octets tell it.
    #[must_use = "what is not kept is lost"]
    pub fn take_quirks(&mut self) -> BTreeSet<Quirk> {
        let mut quirks = std::mem::take(&mut self.quirks);
        quirks.append(&mut self.framer.take_quirks());
        quirks
    }

    /// Traces what arrived and makes no reply.
    fn trace_rest(&mut self) {
        self.trace.cut();
        let waiting = self.framer.waiting();
        self.trace.garbage(&self.secrets.redact(&waiting));
    }

    /// Says that the connection has ended.
    ///
    /// # Errors
    /// [`PeerError`] where the server still owed something.
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
    /// [`UpgradeError::Misuse`] where it was not, [`UpgradeError::Peer`] where octets followed the
    /// reply: nobody may speak until TLS is up, so they are not the server's.
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
    /// Leaves the octets out: passwords and mail are among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("state", &self.state)
            .field("expected", &self.expected)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
