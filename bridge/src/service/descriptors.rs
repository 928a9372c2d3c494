//! How many sockets and files the process may have open at a time.

use restante_bridge::limits::Limits;

/// What is open besides connections and relays: listeners, the log, files and the runtime's own; and
/// connections of relays that were refused and are told why.
const BESIDES: usize = 128;

/// What a bridge at its limits has open: a relay is two sockets.
fn needed(limits: &Limits) -> u64 {
    let sockets = limits
        .connections
        .saturating_add(limits.relays.saturating_mul(2));
    u64::try_from(sockets.saturating_add(BESIDES)).unwrap_or(u64::MAX)
}

/// Takes as many as `limits` need, where the system lets a process have more than it begins with, and
/// says where it does not: clients would wait then while limits that should say why are not reached.
#[cfg(unix)]
pub(crate) fn provide(limits: &Limits) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let needed = needed(limits);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // No number is no limit.
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
            "max_connections and max_relays need more descriptors than this process may have: raise \
             its limit (LimitNOFILE of a unit, ulimit -n of a shell), or lower them"
        );
    }
}

#[cfg(not(unix))]
pub(crate) fn provide(limits: &Limits) {
    let _ = needed(limits);
}
