//! SIGHUP: the operator's wish that files be read again, who fulfils it, and when that is done.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::info;

/// How long the files may take to be read. An authority that is being asked for a certificate takes
/// longer, and nobody waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// How far a reload is, as a service manager wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reloading {
    /// The signal has come.
    Begun,
    /// What could be read is in use.
    Done,
}

/// One wish at one keeper of files, who has fulfilled it when it is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    _fulfilled: mpsc::Sender<()>,
}

/// Where the wishes come to one keeper of files.
#[derive(Debug)]
pub(crate) struct Wishes(mpsc::Receiver<Wish>);

impl Wishes {
    /// Waits for the next one.
    pub(crate) async fn next(&mut self) -> Wish {
        match self.0.recv().await {
            Some(wish) => wish,
            None => std::future::pending().await,
        }
    }
}

/// What hears the signal, and passes it to every keeper of files.
#[derive(Debug, Default)]
pub(crate) struct Bell(Vec<mpsc::Sender<Wish>>);

impl Bell {
    /// Adds a keeper of files.
    pub(crate) fn keeper(&mut self) -> Wishes {
        // One that has not been heard is as good as two.
        let (sender, receiver) = mpsc::channel(1);
        self.0.push(sender);
        Wishes(receiver)
    }

    /// Listens for ever. From here on the signal no longer ends the process: a service manager that
    /// asks every service for a reload must not end one that has nothing to reload. In a terminal the
    /// signal means that its window was closed, and ends such a one.
    pub(crate) async fn listen(self, told: fn(Reloading)) {
        let in_terminal = std::io::IsTerminal::is_terminal(&std::io::stdin());
        if self.0.is_empty() && in_terminal {
            return std::future::pending().await;
        }
        let mut signal = imp::Signal::listen();
        loop {
            signal.next().await;
            told(Reloading::Begun);
            if self.0.is_empty() {
                info!("there is no file to read again: other settings need a restart");
            }
            self.ring().await;
            told(Reloading::Done);
        }
    }

    async fn ring(&self) {
        let (fulfilled, mut all_fulfilled) = mpsc::channel::<()>(1);
        let wish = Wish {
            _fulfilled: fulfilled,
        };
        for keeper in &self.0 {
            let _ = keeper.try_send(wish.clone());
        }
        drop(wish);
        let _ = timeout(PATIENCE, all_fulfilled.recv()).await;
    }
}

#[cfg(unix)]
mod imp {
    use tokio::signal::unix::{self, SignalKind, signal};

    pub(super) struct Signal(Option<unix::Signal>);

    impl Signal {
        pub(super) fn listen() -> Self {
            let signal = signal(SignalKind::hangup()).inspect_err(|error| {
                tracing::warn!(%error, "cannot listen for SIGHUP: files are looked at by time only");
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
    async fn a_reload_is_done_when_every_keeper_has_looked() {
        let mut bell = Bell::default();
        let (mut one, mut other) = (bell.keeper(), bell.keeper());
        let mut ringing = std::pin::pin!(bell.ring());
        assert!(poll!(&mut ringing).is_pending());
        drop(one.next().await);
        let last = other.next().await;
        assert!(poll!(&mut ringing).is_pending());
        drop(last);
        ringing.await;
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_a_keeper_that_is_busy() {
        let mut bell = Bell::default();
        let mut busy = bell.keeper();
        bell.ring().await;
        bell.ring().await;
        // Two wishes while it was busy are one.
        drop(busy.next().await);
        assert!(poll!(std::pin::pin!(busy.next())).is_pending());
    }
}
