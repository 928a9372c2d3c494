//! Retrieval of one maildrop by Restante and by other clients, near and far: `cargo xtask bench pop3`.
//!
//! | file | holds |
//! |---|---|
//! | `run` | the rounds of retrievals, and their options |
//! | `scene` | the surroundings of all retrievals: server, lines, bridge, programs |
//! | `ours` | the client, native and in Chromium, and fixed windows |
//! | `peers` | other programs |
//! | `link` | the throughput of the line itself |
//! | `table` | medians, ratios and goals |
//! | `mail`, `certificates`, `dovecot`, `delay` | maildrop, TLS, mail server, long lines |

mod certificates;
mod delay;
mod dovecot;
mod link;
mod mail;
mod ours;
mod peers;
mod run;
mod scene;
mod table;

pub(crate) use run::{RetrievalOptions, run};
