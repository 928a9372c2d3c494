//! SIGHUP: the operator's request to reload files, its delivery, and its completion.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::info;

/// The longest that a reload may take. An order at a certificate authority takes longer, and is not
/// waited for.
const RELOAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The progress of a reload, for the service manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reloading {
    /// The signal was received.
    Begun,
    /// All files that could be read are in use.
    Done,
}

/// A request to one subscriber to reload its files. Dropping it reports completion.
#[derive(Debug, Clone)]
pub(crate) struct ReloadRequest {
    _fulfilled: mpsc::Sender<()>,
}

/// The requests to one subscriber.
#[derive(Debug)]
pub(crate) struct ReloadRequests(mpsc::Receiver<ReloadRequest>);

impl ReloadRequests {
    /// Waits for the next request.
    pub(crate) async fn next(&mut self) -> ReloadRequest {
        match self.0.recv().await {
            Some(request) => request,
            None => std::future::pending().await,
        }
    }
}

/// Receives SIGHUP, and passes it to every subscriber.
#[derive(Debug, Default)]
pub(crate) struct ReloadSignal(Vec<mpsc::Sender<ReloadRequest>>);

impl ReloadSignal {
    /// Adds a subscriber.
    pub(crate) fn subscribe(&mut self) -> ReloadRequests {
        // One request that is still queued serves for later ones too.
        let (sender, receiver) = mpsc::channel(1);
        self.0.push(sender);
        ReloadRequests(receiver)
    }

    /// Handles the signal, and never returns. From now on the signal does not end the process: a service
    /// manager that reloads all services must not end one that has nothing to reload. In a terminal the
    /// signal means that its window was closed, and does end a bridge without files.
    pub(crate) async fn listen(self, report: fn(Reloading)) {
        let in_terminal = std::io::IsTerminal::is_terminal(&std::io::stdin());
        if self.0.is_empty() && in_terminal {
            return std::future::pending().await;
        }
        let mut signal = imp::Signal::listen();
        loop {
            signal.next().await;
            report(Reloading::Begun);
            if self.0.is_empty() {
                info!("no file to reload: other settings need a restart");
            }
            self.notify().await;
            report(Reloading::Done);
        }
    }

    async fn notify(&self) {
        let (fulfilled, mut all_fulfilled) = mpsc::channel::<()>(1);
        let request = ReloadRequest {
            _fulfilled: fulfilled,
        };
        for subscriber in &self.0 {
            let _ = subscriber.try_send(request.clone());
        }
        drop(request);
        let _ = timeout(RELOAD_TIMEOUT, all_fulfilled.recv()).await;
    }
}

#[cfg(unix)]
mod imp {
    use tokio::signal::unix::{self, SignalKind, signal};

    pub(super) struct Signal(Option<unix::Signal>);

    impl Signal {
        pub(super) fn listen() -> Self {
            let signal = signal(SignalKind::hangup()).inspect_err(|error| {
                tracing::warn!(%error, "cannot listen for SIGHUP: files are only checked at intervals");
            });
            Self(signal.ok())
        }

        pub(super) async fn next(&mut self) {
            if let Some(signal) = &mut self.0
                && signal.recv().await.is_some()
            {
                return;
            }
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
mod imp {
    pub(super) struct Signal;

    impl Signal {
        pub(super) fn listen() -> Self {
            Self
        }

        pub(super) async fn next(&mut self) {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::poll;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_reload_is_done_when_every_subscriber_has_reloaded() {
        let mut reload_signal = ReloadSignal::default();
        let (mut one, mut other) = (reload_signal.subscribe(), reload_signal.subscribe());
        let mut notifying = std::pin::pin!(reload_signal.notify());
        assert!(poll!(&mut notifying).is_pending());
        drop(one.next().await);
        let last = other.next().await;
        assert!(poll!(&mut notifying).is_pending());
        drop(last);
        notifying.await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_subscriber_does_not_block_a_reload() {
        let mut reload_signal = ReloadSignal::default();
        let mut busy = reload_signal.subscribe();
        reload_signal.notify().await;
        reload_signal.notify().await;
        // Two requests to a busy subscriber are merged.
        drop(busy.next().await);
        assert!(poll!(std::pin::pin!(busy.next())).is_pending());
    }
}
