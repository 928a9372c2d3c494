//! The lines of a session: its beginning and its end, where there are too many between.

use std::collections::VecDeque;

use restante_shared::pop3::transcript::Step;

use super::untimed;
use crate::api::transcript::TranscriptLine;

/// How many lines are kept of the beginning, and again of the end.
const HALF_LINES: usize = 1000;

/// How many octets the lines of each half have at the most.
const HALF_OCTETS: usize = 128 * 1024;

/// What a line costs besides its text.
const LINE_OCTETS: usize = 48;

/// Lines, of which the oldest of the middle go first.
#[derive(Debug, Default)]
pub(in crate::engine) struct Lines {
    head: Half,
    tail: Half,
    /// How many lines went between the two.
    left_out: usize,
}

#[derive(Debug, Default)]
struct Half {
    lines: VecDeque<Line>,
    octets: usize,
}

#[derive(Debug)]
struct Line {
    step: Step,
    millis: Option<u32>,
}

impl Lines {
    /// Adds a line.
    pub(in crate::engine) fn push(&mut self, step: Step, millis: Option<u32>) {
        let line = Line { step, millis };
        let is_early = self.tail.lines.is_empty() && self.left_out == 0;
        if is_early && self.head.has_room_for(&line) {
            self.head.push(line);
            return;
        }
        self.tail.push(line);
        while self.tail.is_over() {
            self.tail.pop_oldest();
            self.left_out += 1;
        }
    }

    /// How many lines were added, those included that went.
    pub(in crate::engine) fn count(&self) -> usize {
        self.head.lines.len() + self.left_out + self.tail.lines.len()
    }

    /// How many octets are kept.
    pub(in crate::engine) fn octets(&self) -> usize {
        self.head.octets + self.tail.octets
    }

    /// All lines, with a comment in place of those that went.
    pub(in crate::engine) fn all(&self) -> impl Iterator<Item = TranscriptLine> {
        let gap = (self.left_out > 0)
            .then(|| untimed(format!("# {} lines are left out here", self.left_out)));
        let head = self.head.lines.iter().map(Line::shown);
        head.chain(gap)
            .chain(self.tail.lines.iter().map(Line::shown))
    }

    /// The steps that were added after so many, as far as they are still there.
    pub(in crate::engine) fn since(
        &self,
        count: usize,
    ) -> impl Iterator<Item = (&Step, Option<u32>)> {
        let head = self.head.lines.iter().skip(count);
        let before_tail = self.head.lines.len() + self.left_out;
        let tail = self.tail.lines.iter();
        let tail = tail.skip(count.saturating_sub(before_tail));
        head.chain(tail).map(|line| (&line.step, line.millis))
    }

    /// The last lines that are no comments.
    pub(in crate::engine) fn last(&self, most: usize) -> Vec<String> {
        let newest_first = self
            .tail
            .lines
            .iter()
            .rev()
            .chain(self.head.lines.iter().rev());
        let said = newest_first.filter(|line| !matches!(line.step, Step::Comment(_)));
        let mut last: Vec<_> = said.take(most).map(|line| line.step.to_string()).collect();
        last.reverse();
        last
    }
}

impl Half {
    fn has_room_for(&self, line: &Line) -> bool {
        self.lines.len() < HALF_LINES && self.octets + line.cost() <= HALF_OCTETS
    }

    fn is_over(&self) -> bool {
        self.lines.len() > HALF_LINES || self.octets > HALF_OCTETS
    }

    fn push(&mut self, line: Line) {
        self.octets += line.cost();
        self.lines.push_back(line);
    }

    fn pop_oldest(&mut self) {
        if let Some(line) = self.lines.pop_front() {
            self.octets -= line.cost();
        }
    }
}

impl Line {
    fn cost(&self) -> usize {
        LINE_OCTETS
            + match &self.step {
                Step::Client(octets) | Step::Server(octets) | Step::Raw(octets) => octets.len(),
                Step::Comment(text) => text.len(),
                Step::Octets(_) | Step::Split | Step::Wait(_) | Step::Tls | Step::Close => 0,
            }
    }

    fn shown(&self) -> TranscriptLine {
        TranscriptLine {
            text: self.step.to_string(),
            millis: self.millis,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> Step {
        Step::Server(text.as_bytes().to_vec())
    }

    #[test]
    fn the_middle_of_a_long_session_is_left_out_and_that_is_said() {
        let mut lines = Lines::default();
        for n in 0..10_000 {
            lines.push(server(&n.to_string()), None);
        }
        let texts: Vec<_> = lines.all().map(|line| line.text).collect();
        assert_eq!(texts.len(), 2001);
        assert_eq!(texts[999], "S: 999");
        assert_eq!(texts[1000], "# 8000 lines are left out here");
        assert_eq!(texts[1001], "S: 9000");
        assert_eq!(lines.count(), 10_000);
        let since: Vec<_> = lines.since(9_998).map(|(step, _)| step.clone()).collect();
        assert_eq!(since, [server("9998"), server("9999")]);
    }

    #[test]
    fn long_lines_are_bounded_in_octets() {
        let mut lines = Lines::default();
        for _ in 0..100 {
            lines.push(server(&"x".repeat(50_000)), None);
            assert!(lines.octets() <= 2 * HALF_OCTETS);
        }
        lines.push(server("+OK"), Some(3));
        let last = lines.all().last().unwrap();
        assert_eq!((last.text.as_str(), last.millis), ("S: +OK", Some(3)));
    }

    #[test]
    fn the_last_lines_are_what_was_said() {
        let mut lines = Lines::default();
        lines.push(Step::Client(b"STAT".to_vec()), None);
        lines.push(Step::Comment(" a note".to_owned()), None);
        lines.push(server("what?"), None);
        assert_eq!(lines.last(6), ["C: STAT", "S: what?"]);
        assert_eq!(lines.last(1), ["S: what?"]);
    }
}
