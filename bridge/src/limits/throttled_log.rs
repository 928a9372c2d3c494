//! Log lines that anyone can provoke at will: their rate is limited, and the suppressed ones are counted.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The most lines of a kind within [`WINDOW`].
const MAX_LINES: u32 = 20;

/// The length of a window.
const WINDOW: Duration = Duration::from_secs(10);

/// The longest text of a client in a line, in bytes.
const LONGEST: usize = 100;

/// A throttled log for each way to provoke lines.
#[derive(Debug, Default)]
pub(crate) struct ThrottledLogs {
    /// Pages of foreign origins.
    pub(crate) page: ThrottledLog,
    /// Clients without valid credentials.
    pub(crate) access: ThrottledLog,
    /// Connections that do not come from a trusted proxy.
    pub(crate) peer: ThrottledLog,
}

/// The throttle of one kind of lines.
#[derive(Debug, Default)]
pub(crate) struct ThrottledLog(Mutex<LogWindow>);

#[derive(Debug, Default)]
struct LogWindow {
    ends: Option<Instant>,
    written: u32,
    suppressed: u64,
}

impl ThrottledLog {
    /// Requests to write a line. If it may be written, returns the number of lines suppressed before it.
    pub(crate) fn admit_line(&self) -> Option<u64> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if window.ends.is_none_or(|ends| ends <= now) {
            window.ends = Some(now + WINDOW);
            window.written = 0;
        }
        if window.written == MAX_LINES {
            window.suppressed += 1;
            return None;
        }
        window.written += 1;
        Some(std::mem::take(&mut window.suppressed))
    }
}

/// Returns the text of a client, cut to the length that is logged.
pub(crate) fn shortened(text: Option<&str>) -> Option<&str> {
    text.map(|text| text.get(..LONGEST).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_logged_with_its_number_of_lines() {
        let lines = ThrottledLog::default();
        let written = (0..1000).filter_map(|_| lines.admit_line()).count();
        assert_eq!(written, 20);
        tokio::time::advance(WINDOW).await;
        assert_eq!(lines.admit_line(), Some(980));
        assert_eq!(lines.admit_line(), Some(0));
    }

    #[test]
    fn a_long_text_is_cut() {
        let long = "x".repeat(1000);
        assert_eq!(shortened(Some(&long)).map(str::len), Some(LONGEST));
        assert_eq!(shortened(Some("null")), Some("null"));
    }
}
