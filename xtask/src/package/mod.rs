//! `cargo xtask package`: builds the files for installation elsewhere into `target/package`.
//!
//! | file | holds |
//! |---|---|
//! | `deb` | the Debian package, and its trial |
//! | `fixed` | the static binary, which needs no other file, and the image around it |
//! | `manifests` | the validation of the Kubernetes manifests |
//! | `run` | the options, and the order of the builds |

mod deb;
mod fixed;
mod manifests;
mod run;

pub(crate) use run::{PackageOptions, run};
