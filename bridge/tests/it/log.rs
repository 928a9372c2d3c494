//! The log of a bridge in the test's own thread.

use std::io;
use std::sync::{Arc, Mutex, Once};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::world::within;

/// The log since [`CapturedLog::capture`].
#[derive(Clone, Default)]
pub(crate) struct CapturedLog(Arc<Mutex<Vec<u8>>>);

impl CapturedLog {
    /// Captures the log until the guard is dropped.
    pub(crate) fn capture() -> (Self, DefaultGuard) {
        Self::capture_by(EnvFilter::new("info"))
    }

    /// Captures the events that pass `filter`.
    pub(crate) fn capture_by(filter: EnvFilter) -> (Self, DefaultGuard) {
        // When no thread has a subscriber that wants an event, tracing may disable that event for all threads.
        // So one subscriber always wants all of them.
        static SOMEBODY: Once = Once::new();
        SOMEBODY.call_once(|| {
            let everything = tracing_subscriber::fmt().with_writer(io::sink).finish();
            tracing::subscriber::set_global_default(everything).unwrap();
        });
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(log.clone())
            .with_ansi(false)
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    /// Returns the lines that contain `words`.
    pub(crate) fn lines(&self, words: &str) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().filter(|line| line.contains(words));
        lines.map(str::to_owned).collect()
    }

    /// Waits for a line that contains `words`.
    pub(crate) async fn line(&self, words: &str) -> String {
        within(async {
            loop {
                match self.lines(words).pop() {
                    Some(line) => return line,
                    None => tokio::task::yield_now().await,
                }
            }
        })
        .await
    }
}

impl io::Write for CapturedLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for CapturedLog {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
