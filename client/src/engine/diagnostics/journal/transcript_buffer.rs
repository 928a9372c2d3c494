//! The transcript of a session in bounded memory: its beginning and its end, without the middle if
//! it gets too long.

use std::collections::VecDeque;

use restante_shared::pop3::transcript::Step;

use crate::api::transcript::TranscriptLine;

/// The most steps that are kept of the beginning, and of the end.
const HALF_STEPS: usize = 1000;

/// The most bytes of steps that are kept of the beginning, and of the end.
const HALF_BYTES: usize = 128 * 1024;

/// The cost of a step besides its text, in bytes.
const STEP_BYTES: usize = 48;

/// The steps of a session. If there are too many, the oldest of the middle are dropped first.
#[derive(Debug, Default)]
pub(in crate::engine) struct TranscriptBuffer {
    head: BufferHalf,
    tail: BufferHalf,
    /// The number of steps that were dropped between the two.
    dropped: usize,
}

#[derive(Debug, Default)]
struct BufferHalf {
    steps: VecDeque<TimedStep>,
    bytes: usize,
}

#[derive(Debug)]
struct TimedStep {
    step: Step,
    millis: Option<u32>,
}

impl TranscriptBuffer {
    /// Adds a step. A status line has the milliseconds since its command.
    pub(in crate::engine) fn push(&mut self, step: Step, millis: Option<u32>) {
        let timed = TimedStep { step, millis };
        let is_early = self.tail.steps.is_empty() && self.dropped == 0;
        if is_early && self.head.has_room_for(&timed) {
            self.head.push(timed);
            return;
        }
        self.tail.push(timed);
        while self.tail.is_over() {
            self.tail.pop_oldest();
            self.dropped += 1;
        }
    }

    /// Returns the number of steps that were added, including dropped ones.
    pub(in crate::engine) fn count(&self) -> usize {
        self.head.steps.len() + self.dropped + self.tail.steps.len()
    }

    /// Returns the number of bytes that are kept.
    pub(in crate::engine) fn bytes(&self) -> usize {
        self.head.bytes + self.tail.bytes
    }

    /// Returns the transcript, with a gap in place of the dropped steps.
    pub(in crate::engine) fn lines(&self) -> impl Iterator<Item = TranscriptLine> {
        let gap = (self.dropped > 0).then_some(TranscriptLine::LinesOmitted {
            lines: self.dropped as u64,
        });
        let head = self.head.steps.iter().map(TimedStep::line);
        head.chain(gap)
            .chain(self.tail.steps.iter().map(TimedStep::line))
    }

    /// Returns the steps after the first `count`, as far as they are kept.
    pub(in crate::engine) fn since(
        &self,
        count: usize,
    ) -> impl Iterator<Item = (&Step, Option<u32>)> {
        let head = self.head.steps.iter().skip(count);
        let before_tail = self.head.steps.len() + self.dropped;
        let tail = self.tail.steps.iter();
        let tail = tail.skip(count.saturating_sub(before_tail));
        head.chain(tail).map(|timed| (&timed.step, timed.millis))
    }

    /// Returns the last steps, at most `most`, without comments.
    pub(in crate::engine) fn last(&self, most: usize) -> Vec<Step> {
        let newest_first = self
            .tail
            .steps
            .iter()
            .rev()
            .chain(self.head.steps.iter().rev());
        let exchanged = newest_first.filter(|timed| !matches!(timed.step, Step::Comment(_)));
        let mut last: Vec<_> = exchanged
            .take(most)
            .map(|timed| timed.step.clone())
            .collect();
        last.reverse();
        last
    }
}

impl BufferHalf {
    fn has_room_for(&self, timed: &TimedStep) -> bool {
        self.steps.len() < HALF_STEPS && self.bytes + timed.cost() <= HALF_BYTES
    }

    fn is_over(&self) -> bool {
        self.steps.len() > HALF_STEPS || self.bytes > HALF_BYTES
    }

    fn push(&mut self, timed: TimedStep) {
        self.bytes += timed.cost();
        self.steps.push_back(timed);
    }

    fn pop_oldest(&mut self) {
        if let Some(timed) = self.steps.pop_front() {
            self.bytes -= timed.cost();
        }
    }
}

impl TimedStep {
    fn cost(&self) -> usize {
        STEP_BYTES
            + match &self.step {
                Step::Client(bytes) | Step::Server(bytes) | Step::Raw(bytes) => bytes.len(),
                Step::Comment(text) => text.len(),
                Step::Octets(_) | Step::Split | Step::Wait(_) | Step::Tls | Step::Close => 0,
            }
    }

    fn line(&self) -> TranscriptLine {
        TranscriptLine::Step {
            step: self.step.clone(),
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
    fn the_middle_of_a_long_session_is_replaced_by_a_gap() {
        let mut buffer = TranscriptBuffer::default();
        for n in 0..10_000 {
            buffer.push(server(&n.to_string()), None);
        }
        let lines: Vec<_> = buffer.lines().collect();
        assert_eq!(lines.len(), 2001);
        assert_eq!(lines[999], server("999").into());
        assert_eq!(lines[1000], TranscriptLine::LinesOmitted { lines: 8000 });
        assert_eq!(lines[1001], server("9000").into());
        assert_eq!(buffer.count(), 10_000);
        let since: Vec<_> = buffer.since(9_998).map(|(step, _)| step.clone()).collect();
        assert_eq!(since, [server("9998"), server("9999")]);
    }

    #[test]
    fn long_lines_are_bounded_in_bytes() {
        let mut buffer = TranscriptBuffer::default();
        for _ in 0..100 {
            buffer.push(server(&"x".repeat(50_000)), None);
            assert!(buffer.bytes() <= 2 * HALF_BYTES);
        }
        buffer.push(server("+OK"), Some(3));
        let last = buffer.lines().last().unwrap();
        let (step, millis) = (server("+OK"), Some(3));
        assert_eq!(last, TranscriptLine::Step { step, millis });
    }

    #[test]
    fn the_last_steps_do_not_include_comments() {
        let mut buffer = TranscriptBuffer::default();
        let stat = Step::Client(b"STAT".to_vec());
        buffer.push(stat.clone(), None);
        buffer.push(Step::Comment(" a note".to_owned()), None);
        buffer.push(server("what?"), None);
        assert_eq!(buffer.last(6), [stat, server("what?")]);
        assert_eq!(buffer.last(1), [server("what?")]);
    }
}
