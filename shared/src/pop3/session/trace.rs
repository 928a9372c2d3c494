//! The trace of a session: the steps of a transcript, which can be shown and replayed.
//!
//! It never contains secrets. Commands are [redacted](crate::pop3::command::Command::redacted)
//! before they are added, and [`Secrets`](super::secrets::Secrets) removes the secrets from
//! replies.

use std::collections::VecDeque;

use crate::pop3::limits::{TRACED_BYTES, TRACED_LISTING_LINES};
use crate::pop3::transcript::Step;

/// The size of a step in bytes, without its line.
const STEP_BYTES: usize = 64;

/// The number of bytes that are kept of data that is not a line.
const GARBAGE_BYTES: usize = 512;

/// The steps since they were last taken.
#[derive(Debug)]
pub(super) struct Trace {
    steps: VecDeque<Step>,
    size: usize,
    /// The number of steps that were dropped at the size limit.
    dropped: u64,
    /// The size of the current body so far, in bytes.
    body: u64,
    /// The number of lines of the current listing so far.
    listed: u64,
    /// The number of lines of each listing to keep.
    listing_lines: u64,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            steps: VecDeque::new(),
            size: 0,
            dropped: 0,
            body: 0,
            listed: 0,
            listing_lines: TRACED_LISTING_LINES,
        }
    }
}

impl Trace {
    /// Sets the number of lines of each listing to keep.
    pub(super) fn keep_listing_lines(&mut self, lines: u64) {
        self.listing_lines = lines;
    }

    /// Returns the size of the steps in bytes.
    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Adds a line of the client, without its line end and its secrets.
    pub(super) fn client(&mut self, line: Vec<u8>) {
        self.push(Step::Client(line));
    }

    /// Adds a line of the server outside of bodies, without its secrets.
    pub(super) fn server(&mut self, line: &[u8], bare_lf: bool) {
        self.push(if bare_lf {
            Step::Raw([line, b"\n"].concat())
        } else {
            Step::Server(line.to_vec())
        });
    }

    /// Counts a line of a listing. Returns true if the line is to be added.
    pub(super) fn wants_listing_line(&mut self) -> bool {
        self.listed += 1;
        self.listed <= self.listing_lines
    }

    /// Adds the line that ends a listing.
    pub(super) fn listing_end(&mut self, bare_lf: bool) {
        self.cut_listing();
        self.server(b".", bare_lf);
    }

    /// Counts bytes of a body.
    pub(super) fn body(&mut self, bytes: usize) {
        self.body = self.body.saturating_add(bytes as u64);
    }

    /// Returns the size of the current body so far, in bytes.
    pub(super) fn body_bytes(&self) -> u64 {
        self.body
    }

    /// Adds the line that ends a body.
    pub(super) fn body_end(&mut self, bare_lf: bool) {
        self.cut_body();
        self.server(b".", bare_lf);
    }

    /// Adds the end of a body whose terminator has no line break before it or after it.
    pub(super) fn body_end_at_bare_terminator(&mut self) {
        self.cut_body();
        let why = " the terminator of the message has no line break before it or after it";
        self.push(Step::Comment(why.to_owned()));
        self.push(Step::Server(b".".to_vec()));
    }

    /// Adds bytes of the server that are not a line of a reply.
    pub(super) fn garbage(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let (shown, rest) = bytes.split_at(bytes.len().min(GARBAGE_BYTES));
        self.push(Step::Raw(shown.to_vec()));
        if !rest.is_empty() {
            self.comment(rest.len() as u64, "more bytes");
        }
    }

    /// Adds the beginning of TLS.
    pub(super) fn tls(&mut self) {
        self.push(Step::Tls);
    }

    /// Ends the current listing or body, which is incomplete.
    pub(super) fn cut(&mut self) {
        self.cut_listing();
        self.cut_body();
    }

    /// Adds the end of the connection.
    pub(super) fn close(&mut self) {
        self.push(Step::Close);
    }

    /// Returns the steps since the last call and clears them. A body appears only after its end.
    pub(super) fn take(&mut self) -> Vec<Step> {
        self.size = 0;
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
        self.size += size(&step);
        self.steps.push_back(step);
        while self.size > TRACED_BYTES {
            let Some(oldest) = self.steps.pop_front() else {
                break;
            };
            self.size -= size(&oldest);
            self.dropped += 1;
        }
    }
}

fn size(step: &Step) -> usize {
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
    fn a_long_listing_has_its_first_lines_and_the_number_of_the_others() {
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
    fn a_trace_that_is_not_taken_is_bounded_and_keeps_its_end() {
        let mut trace = Trace::default();
        for n in 0..100_000_u32 {
            trace.server(n.to_string().as_bytes(), false);
            assert!(trace.size <= TRACED_BYTES);
        }
        let steps = trace.take();
        assert!(steps.len() < 5000);
        assert!(matches!(steps.first(), Some(Step::Comment(text)) if text.ends_with("left out")));
        assert_eq!(steps.last(), Some(&Step::Server(b"99999".to_vec())));
        assert_eq!(trace.take(), []);
    }
}
