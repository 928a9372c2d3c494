//! One load through the bridge and through other relays: `cargo xtask bench bridge`.
//!
//! | file | holds |
//! |---|---|
//! | `run` | the rounds of measurements, and their options |
//! | `relay` | the relays, and how each is started |
//! | `install` | the installation of those |
//! | `load` | calls of the load program, `bench/load` |
//! | `report` | tables, ratios and goals |

mod install;
mod load;
mod relay;
mod report;
mod run;

pub(crate) use run::{RelayOptions, run};
