//! The configuration file.

use std::path::Path;

use super::error::ConfigError;
use super::layer::Layer;
use crate::files;

/// Reads a file of settings.
///
/// # Errors
/// [`ConfigError::Read`] and [`ConfigError::File`] name the file.
pub(super) fn read_file(path: &Path) -> Result<Layer, ConfigError> {
    let name = || path.display().to_string();
    let text = files::read_text(path).map_err(|error| ConfigError::Read {
        path: name(),
        error,
    })?;
    toml::from_str(&text).map_err(|error| ConfigError::File {
        path: name(),
        error: Box::new(error),
    })
}
