//! The limit of open files and sockets of the process.

use restante_bridge::limits::Limits;

/// The number of other descriptors: listeners, the log, files, those of the runtime, and connections of
/// refused relays that are being closed.
const BESIDES: usize = 128;

/// Returns the descriptors of a bridge at its limits. A relay has two sockets.
fn needed(limits: &Limits) -> u64 {
    let sockets = limits
        .connections
        .saturating_add(limits.relays.saturating_mul(2));
    u64::try_from(sockets.saturating_add(BESIDES)).unwrap_or(u64::MAX)
}

/// Raises the process's limit to what `limits` need, as far as the system permits, and warns if that is
/// not enough. Otherwise clients would wait without a limit being reached or logged.
#[cfg(unix)]
pub(crate) fn provide(limits: &Limits) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let needed = needed(limits);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // `None` means unlimited.
    let mut current = current.unwrap_or(u64::MAX);
    let wanted = needed.min(maximum.unwrap_or(u64::MAX));
    if current < wanted {
        let raised = Rlimit {
            current: Some(wanted),
            maximum,
        };
        if setrlimit(Resource::Nofile, raised).is_ok() {
            current = wanted;
        }
    }
    if current < needed {
        tracing::warn!(
            needed,
            current,
            "max_connections and max_relays need more descriptors than this process may open: raise \
             its limit (LimitNOFILE of a unit, ulimit -n of a shell), or lower them"
        );
    }
}

#[cfg(not(unix))]
pub(crate) fn provide(limits: &Limits) {
    let _ = needed(limits);
}
