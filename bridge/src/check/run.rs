//! The command, and the order of its report.

use std::io::{self, Write};

use restante_shared::relay::Target;
use thiserror::Error;

use super::effective;
use super::verdict::TargetVerdict;
use crate::config::{Config, ConfigError};

/// The input of the command.
#[derive(Debug)]
pub struct Check {
    /// The settings, which were loaded without an error.
    pub config: Config,
    /// Targets to judge.
    pub targets: Vec<Target>,
    /// True to also dial the allowed targets.
    pub dial: bool,
}

/// Why there is no report.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CheckError {
    /// A setting, or a file that a setting names, cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The output failed.
    #[error("cannot write to standard output")]
    Write(#[from] io::Error),
}

impl Check {
    /// Writes the report to `out`. Returns true if all targets would be dialled.
    ///
    /// # Errors
    /// [`CheckError`] if a bridge with these settings would not start.
    pub async fn run(&self, out: &mut impl Write) -> Result<bool, CheckError> {
        let settings = self.config.settings()?;
        self.config.log_filter()?;
        writeln!(out, "The settings are valid.")?;
        for section in effective::sections(&self.config) {
            section.write(out)?;
        }
        let mut all_well = true;
        for target in &self.targets {
            let verdict = TargetVerdict::of(target, &settings).await;
            all_well &= verdict.approved();
            let mut section = verdict.section(target);
            if self.dial {
                let answers = verdict.dial(settings.limits.dial_time).await;
                all_well &= answers.iter().any(|(_, answered)| *answered);
                section
                    .lines
                    .extend(answers.into_iter().map(|(line, _)| line));
            }
            section.write(out)?;
        }
        Ok(all_well)
    }
}
