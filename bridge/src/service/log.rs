//! The destination of the log: standard error. Lines that it does not take at once are dropped.
//!
//! Otherwise a pipe whose reader has stopped would block every thread that logs, and with them all
//! relays, until the reader continues.

use std::io::{self, StderrLock, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use restante_bridge::config::LogFormat;
use tracing_subscriber::fmt::MakeWriter;

/// The bytes that a writable pipe takes at once: Linux's `PIPE_BUF`.
const PIECE: usize = 4096;

/// Standard error, without blocking.
#[derive(Debug)]
pub(crate) struct StandardError {
    format: LogFormat,
    /// The number of lines dropped since the last written one.
    lost: AtomicU64,
}

impl StandardError {
    pub(crate) fn new(format: LogFormat) -> Self {
        Self {
            format,
            lost: AtomicU64::new(0),
        }
    }

    /// Writes as much as possible without blocking. Returns true if that was the whole line.
    fn try_write(&self, out: &mut StderrLock<'_>, line: &[u8]) -> io::Result<bool> {
        for piece in line.chunks(PIECE) {
            if !has_room(out) {
                self.lost.fetch_add(1, Ordering::Relaxed);
                return Ok(false);
            }
            out.write_all(piece)?;
        }
        Ok(true)
    }

    /// Formats the line that reports dropped lines.
    fn note(&self, lost: u64) -> String {
        let message = "log lines were dropped because standard error was blocked";
        match self.format {
            LogFormat::Text => format!("WARN {message} lost={lost}\n"),
            LogFormat::Json => format!(
                "{{\"level\":\"WARN\",\"fields\":{{\"message\":\"{message}\",\"lost\":{lost}}}}}\n"
            ),
        }
    }
}

impl<'a> MakeWriter<'a> for StandardError {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> &'a Self {
        self
    }
}

impl Write for &StandardError {
    /// Writes a line, or counts it as dropped.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // Held to the end, so that no other thread uses the room in between.
        let mut out = io::stderr().lock();
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 && !self.try_write(&mut out, self.note(lost).as_bytes())? {
            self.lost.fetch_add(lost, Ordering::Relaxed);
        } else {
            self.try_write(&mut out, line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns true if a write would not block.
#[cfg(unix)]
fn has_room(out: &StderrLock<'_>) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut wanted = [PollFd::new(out, PollFlags::OUT)];
    // If polling fails, the write reports the error.
    !matches!(poll(&mut wanted, Some(&Timespec::default())), Ok(0))
}

#[cfg(not(unix))]
fn has_room(_: &StderrLock<'_>) -> bool {
    true
}
