//! `cargo xtask bench`: how fast Restante is beside what else there is, on this machine.
//!
//! | file | holds |
//! |---|---|
//! | `bridge` | the bridge beside other relays |
//! | `pop3` | retrieval of one maildrop by everyone, and what it is measured against |
//! | `scene` | what all retrievals share: server, lines, bridge, programs |
//! | `ours` | the client, native and in Chromium, and fixed windows |
//! | `peers` | other programs |
//! | `link` | what the line itself carries |
//! | `table` | medians, ratios and goals |
//! | `machine` | what measures |
//! | `mail`, `certificates`, `dovecot`, `delay` | maildrop, TLS, mail server, long lines |

mod bridge;
mod certificates;
mod delay;
mod dovecot;
mod link;
mod machine;
mod mail;
mod ours;
mod peers;
mod pop3;
mod scene;
mod table;

use anyhow::Result;
use clap::Subcommand;

use crate::workspace::Workspace;

/// What can be measured.
#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Retrieves the same mail by Restante, mpop, fetchmail, getmail6, curl and poplib.
    Pop3(pop3::Options),
    /// Loads the bridge beside websockify, websocat, wstcp, wstunnel, socat and nginx.
    Bridge(bridge::Options),
}

/// Measures, and prints a table.
pub(crate) fn run(workspace: &Workspace, what: &Bench) -> Result<()> {
    match what {
        Bench::Pop3(options) => pop3::run(workspace, options),
        Bench::Bridge(options) => bridge::run(workspace, options),
    }
}
