//! Lines of the log that strangers can provoke as often as they like: some are written, all are counted.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How many lines of a kind are written within [`WINDOW`].
const MOST: u32 = 20;

/// After which as many may be written again.
const WINDOW: Duration = Duration::from_secs(10);

/// The longest text of a stranger that stands in a line.
const LONGEST: usize = 100;

/// One kind of lines for each way to provoke them.
#[derive(Debug, Default)]
pub(crate) struct Provoked {
    /// A page of a foreign origin.
    pub(crate) page: Lines,
    /// Somebody who does not show that they may.
    pub(crate) access: Lines,
    /// A connection that does not come from a trusted proxy.
    pub(crate) peer: Lines,
}

/// One kind of lines.
#[derive(Debug, Default)]
pub(crate) struct Lines(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    ends: Option<Instant>,
    written: u32,
    unsaid: u64,
}

impl Lines {
    /// Asks to write one more: where it may be, says how many were not since the last.
    pub(crate) fn one_more(&self) -> Option<u64> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if window.ends.is_none_or(|ends| ends <= now) {
            window.ends = Some(now + WINDOW);
            window.written = 0;
        }
        if window.written == MOST {
            window.unsaid += 1;
            return None;
        }
        window.written += 1;
        Some(std::mem::take(&mut window.unsaid))
    }
}

/// So much of what a stranger says as has room in a line.
pub(crate) fn shortened(text: Option<&str>) -> Option<&str> {
    text.map(|text| text.get(..LONGEST).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_told_by_its_number() {
        let lines = Lines::default();
        let written = (0..1000).filter_map(|_| lines.one_more()).count();
        assert_eq!(written, 20);
        tokio::time::advance(WINDOW).await;
        assert_eq!(lines.one_more(), Some(980));
        assert_eq!(lines.one_more(), Some(0));
    }

    #[test]
    fn a_long_story_is_cut() {
        let long = "x".repeat(1000);
        assert_eq!(shortened(Some(&long)).map(str::len), Some(LONGEST));
        assert_eq!(shortened(Some("null")), Some("null"));
    }
}
