//! The reading half of a session: the form of each reply, and the progress within the current one.

use bytes::Bytes;

use super::event::{Event, PeerError, Request};
use super::machine::Session;
use super::state::SessionState;
use crate::pop3::argument::ApopTimestamp;
use crate::pop3::capability::Capability;
use crate::pop3::framing::{BodyPiece, LineTooLong};
use crate::pop3::limits::{MAX_LINE_OCTETS, MAX_STATUS_BYTES};
use crate::pop3::listing::{
    self, BoardListing, DropListing, LanguageListing, ScanListing, UniqueIdListing,
};
use crate::pop3::login::Method;
use crate::pop3::quirk::Quirk;
use crate::pop3::raw::RawReplyForm;
use crate::pop3::reply::StatusText;
use crate::sasl::{MAX_SASL_LINE_BYTES, MechanismName};

/// The progress of a reply.
#[derive(Debug)]
pub(super) enum ReplyProgress {
    /// Waiting for the status line.
    Status,
    /// The item is to be reported, then the reply is complete.
    Item(Event),
    /// Waiting for lines, which this function parses.
    Lines(fn(&Bytes) -> Option<Event>),
    /// Waiting for a message.
    Body,
    /// The end of the reply is to be reported.
    Complete,
}

/// The progress of an `AUTH` exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AuthProgress {
    /// Waiting for the first challenge. The client has sent nothing that could authenticate it.
    Silent,
    /// The server has sent a challenge.
    Challenged,
    /// The client has sent a response.
    Responded,
}

impl Session {
    /// Reads the next event from the received bytes.
    pub(super) fn advance(&mut self) -> Result<Option<Event>, PeerError> {
        let Some(request) = self.expected.front().copied() else {
            return self.check_silence();
        };
        let too_long = |LineTooLong| match request {
            Request::Greeting => PeerError::NotPop3,
            _ => PeerError::LineTooLong(request),
        };
        match &self.reply {
            ReplyProgress::Status => {
                // The first byte decides. So a server that waits for a TLS handshake, or whose
                // protocol has no lines, is recognised without a timeout.
                if self
                    .framer
                    .first_byte()
                    .is_some_and(|byte| byte != b'+' && byte != b'-')
                {
                    return Err(no_status(request));
                }
                let limit = match request {
                    Request::Auth => MAX_SASL_LINE_BYTES,
                    _ => MAX_LINE_OCTETS,
                };
                match self.framer.line(limit).map_err(too_long)? {
                    None => Ok(None),
                    Some(line) => self.status(request, &line).map(Some),
                }
            }
            ReplyProgress::Item(_) => {
                match std::mem::replace(&mut self.reply, ReplyProgress::Complete) {
                    ReplyProgress::Item(item) => Ok(Some(item)),
                    ReplyProgress::Status
                    | ReplyProgress::Lines(_)
                    | ReplyProgress::Body
                    | ReplyProgress::Complete => Ok(None),
                }
            }
            ReplyProgress::Lines(parse) => {
                let parse = *parse;
                let Some(line) = self.framer.line(MAX_LINE_OCTETS).map_err(too_long)? else {
                    return Ok(None);
                };
                Ok(Some(if line.as_ref() == b"." {
                    self.trace.listing_end(self.framer.bare_lf());
                    self.complete(request)
                } else {
                    self.listed(request, line, parse)
                }))
            }
            ReplyProgress::Body => Ok(self.framer.body().map(|piece| match piece {
                BodyPiece::Data(bytes) => {
                    self.trace.body(bytes.len());
                    Event::Body(bytes)
                }
                BodyPiece::End => {
                    self.trace.body_end(self.framer.bare_lf());
                    self.complete(request)
                }
            })),
            ReplyProgress::Complete => Ok(Some(self.complete(request))),
        }
    }

    /// Reads a status line.
    fn status(&mut self, request: Request, line: &Bytes) -> Result<Event, PeerError> {
        let indicator = |expected: &[u8]| {
            let (front, text) = line.split_at_checked(expected.len())?;
            front.eq_ignore_ascii_case(expected).then_some(text)
        };
        if let Some(text) = indicator(b"+OK") {
            let shown = self.trace_status(line, text);
            // Exchange 2003 sends challenges as `+OK`. The text is a challenge if the client has
            // not sent a response yet, or if it prompts for the password.
            let asks = self.sasl == AuthProgress::Silent || is_prompt(text);
            if request == Request::Auth && asks {
                self.quirks.insert(Quirk::ChallengeAsOk);
                return Ok(self.challenge(Bytes::new()));
            }
            self.state = self.state.after(request, true);
            self.reply = self.reply_to(request, text);
            self.framer.begin_body();
            match request {
                Request::Capa => self.response_codes = false,
                // The redacted text may lack a part of the timestamp that equals a secret.
                Request::Greeting => self.timestamp = ApopTimestamp::find(text),
                _ => {}
            }
            return Ok(Event::Accepted {
                request,
                text: shown,
            });
        }
        if let Some(text) = indicator(b"-ERR") {
            let text = self.trace_status(line, text);
            self.state = self.state.after(request, false);
            self.expected.pop_front();
            return Ok(Event::Refused { request, text });
        }
        match (request, line.as_ref()) {
            (Request::Auth, [b'+'] | [b'+', b' ', ..]) => {
                let challenge = line.slice(line.len().min(2)..);
                // A challenge may contain a salt or a nonce of the digest.
                let shown = if challenge.is_empty() {
                    line
                } else {
                    &b"+ ***"[..]
                };
                self.trace.server(shown, self.framer.bare_lf());
                Ok(self.challenge(challenge))
            }
            _ => {
                self.trace_line(line);
                Err(no_status(request))
            }
        }
    }

    /// Parses the text after a status indicator with its secrets removed, and traces it.
    fn trace_status(&mut self, line: &Bytes, text: &[u8]) -> StatusText {
        self.note_length(line);
        if std::str::from_utf8(text).is_err() {
            self.quirks.insert(Quirk::EightBitText);
        }
        let redacted = self.secrets.redact_status(text);
        let indicator = line.get(..line.len() - text.len()).unwrap_or_default();
        let shown = [indicator, &redacted].concat();
        self.trace.server(&shown, self.framer.bare_lf());
        StatusText::parse(&redacted)
    }

    /// Traces a line that is not part of a known reply.
    fn trace_line(&mut self, line: &[u8]) {
        let shown = self.secrets.redact(line);
        self.trace.server(&shown, self.framer.bare_lf());
    }

    fn note_length(&mut self, line: &[u8]) {
        if line.len() + "\r\n".len() > MAX_STATUS_BYTES {
            self.quirks.insert(Quirk::LongLine);
        }
    }

    /// Parses a line of a listing that is not its end.
    fn listed(
        &mut self,
        request: Request,
        mut line: Bytes,
        parse: fn(&Bytes) -> Option<Event>,
    ) -> Event {
        self.note_length(&line);
        // A listing may have a million lines, and only the first are traced.
        let is_traced = self.trace.wants_listing_line();
        let is_long = matches!(request, Request::List(_) | Request::Uidl(_));
        let mut shown = match is_traced || !is_long {
            true => self.secrets.redact(&line).into_owned(),
            false => Vec::new(),
        };
        if is_traced {
            self.trace.server(&shown, self.framer.bare_lf());
        }
        // Remove byte-stuffing.
        if line.starts_with(b"..") {
            line = line.split_off(1);
            shown.drain(..shown.len().min(1));
        }
        let event = parse(&line).unwrap_or_else(|| Event::Unreadable(line.clone()));
        let event = match is_long || line == shown {
            true => event,
            false => without_secrets(event, parse, shown.into()),
        };
        self.response_codes |= event == Event::Capability(Capability::RespCodes);
        self.note_listing(request, &line, &event);
        event
    }

    /// Records the quirks of an item of `LIST` or `UIDL`.
    fn note_listing(&mut self, request: Request, line: &[u8], item: &Event) {
        if !matches!(request, Request::List(_) | Request::Uidl(_)) {
            return;
        }
        if !listing::is_regular(line) {
            self.quirks.insert(Quirk::IrregularListing);
        }
        if let Event::UniqueId(listing) = item
            && !listing.unique_id.is_regular()
        {
            self.quirks.insert(Quirk::IrregularUniqueId);
        }
    }

    fn challenge(&mut self, text: Bytes) -> Event {
        self.sasl = AuthProgress::Challenged;
        Event::Challenge(text)
    }

    fn complete(&mut self, request: Request) -> Event {
        self.expected.pop_front();
        self.reply = ReplyProgress::Status;
        Event::Completed { request }
    }

    /// Checks that nothing arrived without a request. Many servers send a line before they close
    /// the connection.
    fn check_silence(&mut self) -> Result<Option<Event>, PeerError> {
        if self.state == SessionState::Closed {
            self.framer.clear();
        }
        if self.state == SessionState::Upgrade || self.framer.is_empty() {
            return Ok(None);
        }
        match self.framer.line(MAX_LINE_OCTETS) {
            Ok(None) => Ok(None),
            Ok(Some(line)) => {
                self.trace_line(&line);
                let line = self.secrets.redact(&line);
                Err(PeerError::Unsolicited(StatusText::parse(&line).text))
            }
            Err(LineTooLong) => Err(PeerError::Unsolicited(String::new())),
        }
    }

    /// Returns the form of the reply after the `+OK` of a request.
    fn reply_to(&mut self, request: Request, text: &[u8]) -> ReplyProgress {
        match request {
            Request::Capa => {
                ReplyProgress::Lines(|line| Some(Event::Capability(Capability::parse(line))))
            }
            Request::List(None) => {
                ReplyProgress::Lines(|line| ScanListing::parse(line).map(Event::ScanListing))
            }
            Request::Uidl(None) => {
                ReplyProgress::Lines(|line| UniqueIdListing::parse(line).map(Event::UniqueId))
            }
            Request::Mechanisms => ReplyProgress::Lines(|line| {
                let name = std::str::from_utf8(line).ok()?;
                MechanismName::new(name.trim_ascii())
                    .ok()
                    .map(Event::Mechanism)
            }),
            Request::Lang { listing: true } => {
                ReplyProgress::Lines(|line| LanguageListing::parse(line).map(Event::Language))
            }
            Request::Xtnd { boards: true } => {
                ReplyProgress::Lines(|line| BoardListing::parse(line).map(Event::Board))
            }
            Request::Xtnd { boards: false } | Request::Raw(RawReplyForm::Listing) => {
                ReplyProgress::Lines(|line| Some(Event::Line(line.clone())))
            }
            Request::Retr(_) | Request::Top(_) | Request::Raw(RawReplyForm::Body) => {
                ReplyProgress::Body
            }
            Request::Stat => self.item(
                request,
                text,
                DropListing::parse(text).map(Event::DropListing),
            ),
            Request::List(Some(_)) => self.item(
                request,
                text,
                ScanListing::parse(text).map(Event::ScanListing),
            ),
            Request::Uidl(Some(asked)) => self.item(
                request,
                text,
                UniqueIdListing::parse_answer(text, asked).map(Event::UniqueId),
            ),
            Request::Greeting
            | Request::User
            | Request::Pass
            | Request::Apop
            | Request::Auth
            | Request::Stls
            | Request::Utf8
            | Request::Lang { listing: false }
            | Request::Dele(_)
            | Request::Noop
            | Request::Rset
            | Request::Quit
            | Request::Raw(RawReplyForm::OneLine) => ReplyProgress::Complete,
        }
    }

    /// Returns the progress of a reply whose item is in the status line.
    fn item(&mut self, request: Request, text: &[u8], item: Option<Event>) -> ReplyProgress {
        let item = item.unwrap_or_else(|| Event::Unreadable(Bytes::copy_from_slice(text)));
        let text = text.strip_prefix(b" ").unwrap_or(text);
        self.note_listing(request, text, &item);
        ReplyProgress::Item(item)
    }
}

/// Removes secrets from an item that is only shown, by parsing the redacted line `shown`.
///
/// Items that the client acts upon stay: keywords, numbers, and the names of known mechanisms.
fn without_secrets(item: Event, parse: fn(&Bytes) -> Option<Event>, shown: Bytes) -> Event {
    match item {
        Event::Capability(Capability::Sasl(mut mechanisms)) => {
            let known = |name: &str| Method::LADDER.iter().any(|method| method.name() == name);
            mechanisms.retain(|mechanism| known(mechanism.as_str()));
            Event::Capability(Capability::Sasl(mechanisms))
        }
        Event::Capability(Capability::Implementation(_) | Capability::Other(_))
        | Event::Mechanism(_)
        | Event::Language(_)
        | Event::Board(_)
        | Event::Line(_)
        | Event::Unreadable(_) => parse(&shown).unwrap_or(Event::Unreadable(shown)),
        other => other,
    }
}

/// Returns true for `Password:`, the prompt of `LOGIN`, in base64 or not.
fn is_prompt(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    text == b"UGFzc3dvcmQ6" || text.eq_ignore_ascii_case(b"password:")
}

fn no_status(request: Request) -> PeerError {
    match request {
        Request::Greeting => PeerError::NotPop3,
        _ => PeerError::NoStatus(request),
    }
}
