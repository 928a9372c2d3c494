//! `restante-bridge check`: what a bridge of this configuration would do, in words.

use std::io::{self, Write};

use restante_shared::relay::Target;

use crate::config::Config;

/// What to look at.
#[derive(Debug)]
pub struct Check {
    /// The settings, which were read without an error.
    pub config: Config,
    /// Targets to ask about.
    pub targets: Vec<Target>,
    /// Whether to dial those that would be dialled.
    pub dial: bool,
}

impl Check {
    /// Writes the answer to `out`; returns whether all is well.
    ///
    /// # Errors
    /// Where `out` cannot be written.
    pub async fn run(&self, out: &mut impl Write) -> io::Result<bool> {
        if let Err(error) = self.config.settings() {
            writeln!(out, "error: {error}")?;
            return Ok(false);
        }
        writeln!(out, "The settings are sound.")?;
        Ok(true)
    }
}
