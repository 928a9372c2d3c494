//! The session itself: what was sent, what is expected, and what has arrived.

use std::collections::VecDeque;
use std::fmt;

use bytes::Bytes;

use super::event::{Event, MisuseError, PeerError, Request};
use super::state::State;
use crate::pop3::argument::SaslResponse;
use crate::pop3::capability::Capability;
use crate::pop3::command::Command;
use crate::pop3::framing::{BodyPiece, Framer, LineTooLong};
use crate::pop3::listing::{DropListing, ScanListing, UniqueIdListing};
use crate::pop3::reply::StatusText;

/// A POP3 session of a client, without its connection.
#[must_use = "a session that is dropped was never ended by QUIT: deletions are lost"]
pub struct Session {
    state: State,
    /// What the server still has to answer, oldest first.
    expected: VecDeque<Request>,
    /// How far the reply to the oldest of them has come.
    reply: Reply,
    sasl: Sasl,
    framer: Framer,
    output: Vec<u8>,
    failed: Option<PeerError>,
}

/// How far a reply has come.
#[derive(Debug)]
enum Reply {
    /// The status line is next.
    Status,
    /// This item is next, then the reply is complete.
    Item(Event),
    /// Lines are next.
    Lines(fn(&[u8]) -> Option<Event>),
    /// A message is next.
    Body,
    /// Nothing is left but to say so.
    Complete,
}

/// How far an `AUTH` exchange has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sasl {
    /// A challenge is next; nothing that could let anybody in has been said.
    Silent,
    /// The server has challenged.
    Challenged,
    /// The server has a response.
    Responded,
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
            state: State::Greeting,
            expected: VecDeque::from([Request::Greeting]),
            reply: Reply::Status,
            sasl: Sasl::Silent,
            framer: Framer::new(),
            output: Vec::new(),
            failed: None,
        }
    }

    /// Where the session stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// How many requests wait for the end of their replies.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.expected.len()
    }

    /// Queues a command. `USER`, `PASS`, `APOP`, `AUTH`, `STLS` and `QUIT` change the state: behind
    /// one of them nothing can be queued, and all but `QUIT` go alone.
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
            .is_some_and(|last| State::changes_with(*last));
        let alone = State::changes_with(request) && request != Request::Quit;
        if behind_change || (alone && !self.expected.is_empty()) {
            return Err(MisuseError::TooEarly(request));
        }
        if !self.state.allows(request) {
            return Err(MisuseError::WrongState(request));
        }
        command.encode(&mut self.output);
        self.expected.push_back(request);
        if let Command::Auth(auth) = &command {
            self.sasl = match auth.initial_response() {
                None => Sasl::Silent,
                Some(_) => Sasl::Responded,
            };
        }
        if request == Request::Quit && self.state == State::Transaction {
            self.state = State::Update;
        }
        Ok(())
    }

    /// Responds to a [challenge](Event::Challenge).
    ///
    /// # Errors
    /// [`MisuseError::NoChallenge`].
    pub fn respond(&mut self, response: &SaslResponse) -> Result<(), MisuseError> {
        self.answer_challenge(response.to_base64().as_bytes())
    }

    /// Gives up an `AUTH` exchange after a [challenge](Event::Challenge); the server refuses it then.
    ///
    /// # Errors
    /// [`MisuseError::NoChallenge`].
    pub fn cancel_auth(&mut self) -> Result<(), MisuseError> {
        self.answer_challenge(b"*")
    }

    fn answer_challenge(&mut self, line: &[u8]) -> Result<(), MisuseError> {
        if self.expected.front() != Some(&Request::Auth) || self.sasl != Sasl::Challenged {
            return Err(MisuseError::NoChallenge);
        }
        self.sasl = Sasl::Responded;
        self.output.extend_from_slice(line);
        self.output.extend_from_slice(b"\r\n");
        Ok(())
    }

    /// Takes the octets to be written next. Secrets may be among them.
    #[must_use = "what is not written is lost"]
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Takes octets from the server. They are kept until events are asked for: ask before reading on.
    pub fn receive(&mut self, octets: Bytes) {
        if self.state != State::Closed {
            self.framer.push(octets);
        }
    }

    /// Returns the next event, or `None` until more has arrived.
    ///
    /// # Errors
    /// [`PeerError`] when the server broke the protocol, from then on always the same.
    pub fn next_event(&mut self) -> Result<Option<Event>, PeerError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.advance()
            .inspect_err(|error| self.failed = Some(error.clone()))
    }

    /// Says that the connection has ended.
    ///
    /// # Errors
    /// [`PeerError`] where the server still owed something.
    pub fn end_of_input(&mut self) -> Result<(), PeerError> {
        let error = match (&self.failed, self.expected.front(), &self.reply) {
            (Some(error), _, _) => error.clone(),
            (None, None, _) => return Ok(()),
            (None, Some(request), Reply::Status) => PeerError::ClosedEarly(*request),
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
        if self.state != State::Upgrade || !self.expected.is_empty() {
            return Err(MisuseError::NoUpgrade.into());
        }
        if !self.framer.is_empty() {
            return Err(PeerError::Injected.into());
        }
        Ok(StlsUpgrade { _private: () })
    }

    fn advance(&mut self) -> Result<Option<Event>, PeerError> {
        let Some(request) = self.expected.front().copied() else {
            return self.check_silence();
        };
        let too_long = |LineTooLong| match request {
            Request::Greeting => PeerError::NotPop3,
            _ => PeerError::LineTooLong(request),
        };
        match &self.reply {
            Reply::Status => {
                // Told by its first octet, so that a server which waits for us to speak TLS, or
                // speaks another protocol without lines, needs no time-out.
                if self
                    .framer
                    .first_octet()
                    .is_some_and(|o| o != b'+' && o != b'-')
                {
                    return Err(no_status(request));
                }
                match self.framer.line().map_err(too_long)? {
                    None => Ok(None),
                    Some(line) => self.status(request, &line).map(Some),
                }
            }
            Reply::Item(_) => match std::mem::replace(&mut self.reply, Reply::Complete) {
                Reply::Item(item) => Ok(Some(item)),
                Reply::Status | Reply::Lines(_) | Reply::Body | Reply::Complete => Ok(None),
            },
            Reply::Lines(parse) => match self.framer.listing_line().map_err(too_long)? {
                None => Ok(None),
                Some(Some(line)) => Ok(Some(parse(&line).unwrap_or(Event::Unreadable(line)))),
                Some(None) => Ok(Some(self.complete(request))),
            },
            Reply::Body => Ok(self.framer.body().map(|piece| match piece {
                BodyPiece::Octets(octets) => Event::Octets(octets),
                BodyPiece::End => self.complete(request),
            })),
            Reply::Complete => Ok(Some(self.complete(request))),
        }
    }

    /// Reads a status line.
    fn status(&mut self, request: Request, line: &Bytes) -> Result<Event, PeerError> {
        let indicator = |expected: &[u8]| {
            let (front, text) = line.split_at_checked(expected.len())?;
            front.eq_ignore_ascii_case(expected).then_some(text)
        };
        if let Some(text) = indicator(b"+OK") {
            // Exchange 2003 challenges with `+OK`; nobody is let in who has said nothing.
            if request == Request::Auth && self.sasl == Sasl::Silent {
                return Ok(self.challenge(Bytes::new()));
            }
            self.state = self.state.after(request, true);
            self.reply = reply_to(request, text);
            self.framer.begin_body();
            let text = StatusText::read(text);
            return Ok(Event::Accepted { request, text });
        }
        if let Some(text) = indicator(b"-ERR") {
            let text = StatusText::read(text);
            self.state = self.state.after(request, false);
            self.expected.pop_front();
            return Ok(Event::Refused { request, text });
        }
        match (request, line.as_ref()) {
            (Request::Auth, [b'+'] | [b'+', b' ', ..]) => {
                let challenge = line.slice(line.len().min(2)..);
                Ok(self.challenge(challenge))
            }
            _ => Err(no_status(request)),
        }
    }

    fn challenge(&mut self, text: Bytes) -> Event {
        self.sasl = Sasl::Challenged;
        Event::Challenge(text)
    }

    fn complete(&mut self, request: Request) -> Event {
        self.expected.pop_front();
        self.reply = Reply::Status;
        Event::Completed { request }
    }

    /// Nothing was asked, so nothing should have come. Many servers announce that they hang up.
    fn check_silence(&mut self) -> Result<Option<Event>, PeerError> {
        if matches!(self.state, State::Closed | State::Upgrade) || self.framer.is_empty() {
            return Ok(None);
        }
        match self.framer.line() {
            Ok(None) => Ok(None),
            Ok(Some(line)) => Err(PeerError::Unasked(StatusText::read(&line).text)),
            Err(LineTooLong) => Err(PeerError::Unasked(String::new())),
        }
    }
}

fn no_status(request: Request) -> PeerError {
    match request {
        Request::Greeting => PeerError::NotPop3,
        _ => PeerError::NoStatus(request),
    }
}

/// What follows the `+OK` of a request.
fn reply_to(request: Request, text: &[u8]) -> Reply {
    let item = |item: Option<Event>| {
        Reply::Item(item.unwrap_or_else(|| Event::Unreadable(Bytes::copy_from_slice(text))))
    };
    match request {
        Request::Capa => Reply::Lines(|line| Some(Event::Capability(Capability::parse(line)))),
        Request::List(None) => {
            Reply::Lines(|line| ScanListing::parse(line).map(Event::ScanListing))
        }
        Request::Uidl(None) => {
            Reply::Lines(|line| UniqueIdListing::parse(line).map(Event::UniqueId))
        }
        Request::Retr(_) | Request::Top(_) => Reply::Body,
        Request::Stat => item(DropListing::parse(text).map(Event::DropListing)),
        Request::List(Some(_)) => item(ScanListing::parse(text).map(Event::ScanListing)),
        Request::Uidl(Some(asked)) => {
            item(UniqueIdListing::parse_answer(text, asked).map(Event::UniqueId))
        }
        Request::Greeting
        | Request::User
        | Request::Pass
        | Request::Apop
        | Request::Auth
        | Request::Stls
        | Request::Dele(_)
        | Request::Noop
        | Request::Rset
        | Request::Quit => Reply::Complete,
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

/// The leave to begin TLS on the same connection ([RFC 2595 §4]).
///
/// Only a session whose server accepted `STLS`, and from which nothing else was heard since, turns
/// into one; all that was learned before is gone with that session.
#[derive(Debug)]
#[must_use = "the server waits for TLS to begin"]
pub struct StlsUpgrade {
    _private: (),
}

impl StlsUpgrade {
    /// Goes on, in the AUTHORIZATION state, once TLS is up. There is no second greeting.
    pub fn secured(self) -> Session {
        Session {
            state: State::Authorization { user_given: false },
            expected: VecDeque::new(),
            ..Session::new()
        }
    }
}

/// Why TLS cannot begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpgradeError {
    /// This side has no reason to begin TLS.
    #[error(transparent)]
    Misuse(#[from] MisuseError),
    /// The server, or somebody in its place, spoke out of turn.
    #[error(transparent)]
    Peer(#[from] PeerError),
}
