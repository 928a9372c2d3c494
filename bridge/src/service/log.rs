//! Where the log goes: to standard error, and nowhere while nobody takes it from there.
//!
//! A pipe whose reader stands still would else hold every thread that has something to say, and with
//! them all relays, until somebody reads on.

use std::io::{self, StderrLock, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use restante_bridge::config::LogFormat;
use tracing_subscriber::fmt::MakeWriter;

/// What a pipe takes at once where it has room at all: Linux's `PIPE_BUF`.
const PIECE: usize = 4096;

/// Standard error, as far as it takes something.
#[derive(Debug)]
pub(crate) struct StandardError {
    format: LogFormat,
    /// How many lines nobody took since the last one that was written.
    lost: AtomicU64,
}

impl StandardError {
    pub(crate) fn new(format: LogFormat) -> Self {
        Self {
            format,
            lost: AtomicU64::new(0),
        }
    }

    /// Writes as far as nobody has to wait for it, and says whether that was all.
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

    /// What is said of lost lines, as a line.
    fn note(&self, lost: u64) -> String {
        let message = "the log was not taken, and lines of it are lost";
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
    /// Writes a line, or counts it as lost.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // Held to the end, so that the room is still there for who has found it.
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

/// Whether writing would not wait.
#[cfg(unix)]
fn has_room(out: &StderrLock<'_>) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut wanted = [PollFd::new(out, PollFlags::OUT)];
    // Where that cannot be asked, it shows.
    !matches!(poll(&mut wanted, Some(&Timespec::default())), Ok(0))
}

#[cfg(not(unix))]
fn has_room(_: &StderrLock<'_>) -> bool {
    true
}
