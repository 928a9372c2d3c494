//! `restante-bridge check`: describes a bridge with this configuration, without starting it.

mod effective;
mod run;
mod section;
mod verdict;

pub use run::{Check, CheckError};
