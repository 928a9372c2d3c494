//! A release bridge under churn, whose memory and descriptors have to return to where they began:
//! `cargo xtask soak`.
//!
//! | file | holds |
//! |---|---|
//! | `run` | the run from warm-up to verdict |
//! | `churn` | the clients, and a count of their turns |
//! | `scenarios` | the scenarios: every way that a relay or a request begins, goes on and ends |
//! | `targets` | the servers that the bridge connects to, each with a behaviour of its own |
//! | `gauge` | the bridge's memory and descriptors, read from `/proc` |

mod churn;
mod gauge;
mod run;
mod scenarios;
mod targets;

pub(crate) use run::run;
