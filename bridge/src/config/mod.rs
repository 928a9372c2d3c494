//! The configuration: its settings, their sources, and the result.
//!
//! Every setting has one name in three spellings: `dial_seconds` in the file, `RESTANTE_DIAL_SECONDS`
//! in the environment, `--dial-seconds` on the command line. A flag overrides the environment, which
//! overrides the file, which overrides the default. Lists are replaced, not joined.

mod access;
mod error;
mod file;
mod flags;
mod layer;
mod limits;
mod policy;
mod proxy;
#[cfg(test)]
mod testing;
mod tls;
mod values;

pub use error::ConfigError;
pub(crate) use flags::Flags;
pub use layer::LogFormat;
pub use tls::TlsSource;
pub use values::{Config, DEFAULT_LISTEN};
