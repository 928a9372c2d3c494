//! The flags that lead to a configuration.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::error::ConfigError;
use super::file::read_file;
use super::layer::Layer;
use super::values::Config;

/// The flags of every command that needs the configuration.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// Reads settings from this TOML file
    #[arg(long, env = "RESTANTE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    layer: Layer,
}

impl Flags {
    /// Sets the address of a socket that is open already, if there is one.
    pub(crate) fn listen_on(&mut self, address: Option<SocketAddr>) {
        self.layer.listen = address.or(self.layer.listen);
    }

    /// Adds the settings of the file, and validates all of them.
    ///
    /// # Errors
    /// [`ConfigError`] names the setting or file to correct.
    pub(crate) fn into_config(self) -> Result<Config, ConfigError> {
        let file = self.config.as_deref().map(read_file).transpose()?;
        Config::of_layer(self.layer.or(file.unwrap_or_default()))
    }
}
