//! The signal by which an operator asks for certificates at once: SIGHUP.

/// The operator's wish, where the system has such a signal.
pub(super) struct Reload(#[cfg(unix)] Option<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Reload {
    /// From here on the signal no longer ends the process.
    pub(super) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::hangup()) {
            Ok(signal) => Self(Some(signal)),
            Err(error) => {
                tracing::warn!(%error, "cannot listen for SIGHUP: certificates are looked at by time only");
                Self(None)
            }
        }
    }

    /// Completes when the signal comes.
    pub(super) async fn asked(&mut self) {
        if let Some(signal) = &mut self.0
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}

#[cfg(not(unix))]
impl Reload {
    pub(super) fn listen() -> Self {
        Self()
    }

    pub(super) async fn asked(&mut self) {
        std::future::pending::<()>().await;
    }
}

/// Says that there is nothing to reload, for ever: a service manager that asks every service for it
/// must not end this one. In a terminal the signal means that its window was closed, and does.
pub(crate) async fn nothing() {
    if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        return std::future::pending().await;
    }
    let mut reload = Reload::listen();
    loop {
        reload.asked().await;
        tracing::info!("there is no certificate to reload: other settings need a restart");
    }
}
