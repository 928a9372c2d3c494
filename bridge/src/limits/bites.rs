//! What is said and counted when a limit refuses or ends something.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use crate::metrics::Metrics;

/// How long one limit is silent in the log after it was named there.
const SILENCE: Duration = Duration::from_secs(10);

/// The limits that are watched here, and named in the log.
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
    /// How many there are.
    const COUNT: usize = 9;

    /// The setting that moves it, or what bounds it where none does.
    fn setting(self) -> &'static str {
        match self {
            Self::Connections => "max_connections",
            Self::ConnectionsPerClient => "max_connections_per_client",
            Self::Relays => "max_relays",
            Self::RelaysPerClient => "max_relays_per_client",
            Self::RelaysPerMinute => "max_relays_per_minute",
            Self::Handshake => "handshake_seconds",
            Self::Header => "header size (fixed)",
            Self::Send => "time to take an answer (fixed)",
            Self::Frames => "resets and frames of http/2 (fixed)",
        }
    }

    /// The word by which it is counted.
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

/// Logs and counts what limits do, each at most twice in [`SILENCE`]: when it begins, and how often
/// it did then.
#[derive(Debug)]
pub(crate) struct Bites {
    metrics: Arc<Metrics>,
    recent: Mutex<[Recent; Limit::COUNT]>,
}

/// What one limit did of late.
#[derive(Debug, Clone, Copy, Default)]
struct Recent {
    silent_until: Option<Instant>,
    more: u64,
}

impl Bites {
    pub(crate) fn new(metrics: &Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            metrics: Arc::clone(metrics),
            recent: Mutex::default(),
        })
    }

    /// `limit` has refused or ended something of `client`'s.
    pub(crate) fn bite(self: &Arc<Self>, limit: Limit, client: IpAddr) {
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
            let bites = Arc::clone(self);
            tokio::spawn(async move {
                tokio::time::sleep_until(until).await;
                let more = bites.change(limit, |recent| std::mem::take(&mut recent.more));
                warn!(
                    limit = setting,
                    more, "limit reached, and more often than logged"
                );
            });
        }
    }

    fn change<T>(&self, limit: Limit, change: impl FnOnce(&mut Recent) -> T) -> Option<T> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.get_mut(limit as usize).map(change)
    }
}
