//! The log and the count of the actions that limits enforce.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use crate::metrics::Metrics;

/// The time for which a limit is not logged again after it was logged.
const SILENCE: Duration = Duration::from_secs(10);

/// A limit whose actions are logged and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Connections,
    ConnectionsPerClient,
    Relays,
    RelaysPerClient,
    RelaysPerMinute,
    Handshake,
    Header,
    Send,
    Frames,
}

impl Limit {
    /// The number of variants.
    const COUNT: usize = 9;

    /// Returns the setting that changes the limit, or a description of a fixed one.
    fn setting(self) -> &'static str {
        match self {
            Self::Connections => "max_connections",
            Self::ConnectionsPerClient => "max_connections_per_client",
            Self::Relays => "max_relays",
            Self::RelaysPerClient => "max_relays_per_client",
            Self::RelaysPerMinute => "max_relays_per_minute",
            Self::Handshake => "handshake_seconds",
            Self::Header => "header size (fixed)",
            Self::Send => "time to read a response (fixed)",
            Self::Frames => "http/2 resets and frames (fixed)",
        }
    }

    /// Returns the word by which it is counted.
    fn word(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::ConnectionsPerClient => "connections_per_client",
            Self::Relays => "relays",
            Self::RelaysPerClient => "relays_per_client",
            Self::RelaysPerMinute => "relays_per_minute",
            Self::Handshake => "handshake_time",
            Self::Header => "header",
            Self::Send => "send_time",
            Self::Frames => "http2",
        }
    }
}

/// Counts the actions of limits. Logs each limit at most twice in [`SILENCE`]: at its first action, and
/// at the end with the number of others.
#[derive(Debug)]
pub(crate) struct LimitLog {
    metrics: Arc<Metrics>,
    recent: Mutex<[Recent; Limit::COUNT]>,
}

/// The recent actions of one limit.
#[derive(Debug, Clone, Copy, Default)]
struct Recent {
    silent_until: Option<Instant>,
    more: u64,
}

impl LimitLog {
    pub(crate) fn new(metrics: &Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            metrics: Arc::clone(metrics),
            recent: Mutex::default(),
        })
    }

    /// Records that `limit` refused or ended something for `client`.
    pub(crate) fn record(self: &Arc<Self>, limit: Limit, client: IpAddr) {
        self.metrics.refused(limit.word());
        let (now, setting) = (Instant::now(), limit.setting());
        let first_of_more = self.change(limit, |recent| match recent.silent_until {
            Some(until) if now < until => {
                recent.more += 1;
                (recent.more == 1).then_some(until)
            }
            Some(_) | None => {
                recent.silent_until = Some(now + SILENCE);
                warn!(limit = setting, %client, "limit reached");
                None
            }
        });
        if let Some(until) = first_of_more.flatten() {
            let limit_log = Arc::clone(self);
            tokio::spawn(async move {
                tokio::time::sleep_until(until).await;
                let more = limit_log.change(limit, |recent| std::mem::take(&mut recent.more));
                warn!(
                    limit = setting,
                    more, "limit reached more often than logged"
                );
            });
        }
    }

    fn change<T>(&self, limit: Limit, change: impl FnOnce(&mut Recent) -> T) -> Option<T> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.get_mut(limit as usize).map(change)
    }
}
