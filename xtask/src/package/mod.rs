//! `cargo xtask package`: what is installed elsewhere, built into `target/package`.
//!
//! | file | holds |
//! |---|---|
//! | `deb` | the Debian package, and its trial |
//! | `fixed` | the static binary, which needs no other file, and the image around it |
//! | `run` | the options, and the order of what is built |
//! | `manifests` | whether Kubernetes would take its manifests |

mod deb;
mod fixed;
mod manifests;
mod run;

pub(crate) use run::{Options, run};
