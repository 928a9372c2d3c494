//! What a session said and heard, as steps of a transcript that can be shown and replayed.
//!
//! Secrets never get in: what the client says is [redacted](crate::pop3::command::Command::redacted)
//! before it comes here, and what the server says goes through [`Secrets`](super::secrets::Secrets).

use std::collections::VecDeque;

use crate::pop3::limits::{TRACED_BYTES, TRACED_LISTING_LINES};
use crate::pop3::transcript::Step;

/// What a step costs besides its line.
const STEP_BYTES: usize = 64;

/// How many octets are shown of what is no line.
const GARBAGE_BYTES: usize = 512;

/// The steps since the last time that they were taken.
#[derive(Debug)]
pub(super) struct Trace {
    steps: VecDeque<Step>,
    octets: usize,
    /// How many steps were left out for want of room.
    dropped: u64,
    /// How many octets the body under way has so far.
    body: u64,
    /// How many lines the listing under way has so far.
    listed: u64,
    /// How many lines of a listing are kept.
    listing_lines: u64,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            steps: VecDeque::new(),
            octets: 0,
            dropped: 0,
            body: 0,
            listed: 0,
            listing_lines: TRACED_LISTING_LINES,
        }
    }
}

impl Trace {
    /// Keeps so many lines of each listing.
    pub(super) fn keep_listing_lines(&mut self, lines: u64) {
        self.listing_lines = lines;
    }

    /// How much is kept.
    #[cfg(test)]
    pub(super) fn octets(&self) -> usize {
        self.octets
    }

    /// A line of the client, without its line end and without its secrets.
    pub(super) fn client(&mut self, line: Vec<u8>) {
        self.push(Step::Client(line));
    }

    /// A line of the server outside of bodies, without the secrets in it.
    pub(super) fn server(&mut self, line: &[u8], bare_lf: bool) {
        self.push(if bare_lf {
            Step::Raw([line, b"\n"].concat())
        } else {
            Step::Server(line.to_vec())
        });
    }

    /// Counts a line of a listing, and says whether it is to be shown.
    pub(super) fn wants_listing_line(&mut self) -> bool {
        self.listed += 1;
        self.listed <= self.listing_lines
    }

    /// The line that ends a listing.
    pub(super) fn listing_end(&mut self, bare_lf: bool) {
        self.cut_listing();
        self.server(b".", bare_lf);
    }

    /// Octets of a body; they are counted only.
    pub(super) fn body(&mut self, octets: usize) {
        self.body = self.body.saturating_add(octets as u64);
    }

    /// How many octets the body under way has so far.
    pub(super) fn body_bytes(&self) -> u64 {
        self.body
    }

    /// The line that ends a body.
    pub(super) fn body_end(&mut self, bare_lf: bool) {
        self.cut_body();
        self.server(b".", bare_lf);
    }

    /// A body has ended without a line of its own for that.
    pub(super) fn body_end_at_bare_terminator(&mut self) {
        self.cut_body();
        let why = " the line that ends the message is not one of its own";
        self.push(Step::Comment(why.to_owned()));
        self.push(Step::Server(b".".to_vec()));
    }

    /// Octets of the server that are no line of a reply.
    pub(super) fn garbage(&mut self, octets: &[u8]) {
        if octets.is_empty() {
            return;
        }
        let (shown, rest) = octets.split_at(octets.len().min(GARBAGE_BYTES));
        self.push(Step::Raw(shown.to_vec()));
        if !rest.is_empty() {
            self.comment(rest.len() as u64, "more octets");
        }
    }

    /// TLS begins.
    pub(super) fn tls(&mut self) {
        self.push(Step::Tls);
    }

    /// Nothing more will come: what is under way is shown as far as it came.
    pub(super) fn cut(&mut self) {
        self.cut_listing();
        self.cut_body();
    }

    /// The connection has ended.
    pub(super) fn close(&mut self) {
        self.push(Step::Close);
    }

    /// The steps since the last time, of which a body under way is none yet.
    pub(super) fn take(&mut self) -> Vec<Step> {
        self.octets = 0;
        let dropped = std::mem::take(&mut self.dropped);
        let note = (dropped > 0).then(|| note(dropped, "earlier steps are left out"));
        note.into_iter().chain(self.steps.drain(..)).collect()
    }

    fn cut_listing(&mut self) {
        let listed = std::mem::take(&mut self.listed);
        if let Some(more @ 1..) = listed.checked_sub(self.listing_lines) {
            self.comment(more, "more lines");
        }
    }

    fn cut_body(&mut self) {
        let body = std::mem::take(&mut self.body);
        if body > 0 {
            self.push(Step::Octets(body));
        }
    }

    fn comment(&mut self, count: u64, what: &str) {
        self.push(note(count, what));
    }

    fn push(&mut self, step: Step) {
        self.octets += cost(&step);
        self.steps.push_back(step);
        while self.octets > TRACED_BYTES {
            let Some(oldest) = self.steps.pop_front() else {
                break;
            };
            self.octets -= cost(&oldest);
            self.dropped += 1;
        }
    }
}

fn cost(step: &Step) -> usize {
    STEP_BYTES
        + match step {
            Step::Client(line) | Step::Server(line) | Step::Raw(line) => line.len(),
            Step::Comment(text) => text.len(),
            Step::Octets(_) | Step::Split | Step::Wait(_) | Step::Tls | Step::Close => 0,
        }
}

fn note(count: u64, what: &str) -> Step {
    let digits = count.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().collect();
    let count = String::from_utf8_lossy(&groups.join(&b',')).into_owned();
    Step::Comment(format!(" {count} {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_listing_shows_its_first_lines_and_how_many_more_there_are() {
        let mut trace = Trace::default();
        for _ in 0..12_545 {
            if trace.wants_listing_line() {
                trace.server(b"1 120", false);
            }
        }
        trace.listing_end(false);
        let steps = trace.take();
        assert_eq!(steps.len(), 202);
        assert_eq!(
            steps.get(200..),
            Some(
                [
                    Step::Comment(" 12,345 more lines".to_owned()),
                    Step::Server(b".".to_vec()),
                ]
                .as_slice()
            )
        );
    }

    #[test]
    fn what_is_not_taken_is_bounded_and_keeps_its_end() {
        let mut trace = Trace::default();
        for n in 0..100_000_u32 {
            trace.server(n.to_string().as_bytes(), false);
            assert!(trace.octets <= TRACED_BYTES);
        }
        let steps = trace.take();
        assert!(steps.len() < 5000);
        assert!(matches!(steps.first(), Some(Step::Comment(text)) if text.ends_with("left out")));
        assert_eq!(steps.last(), Some(&Step::Server(b"99999".to_vec())));
        assert_eq!(trace.take(), []);
    }
}
