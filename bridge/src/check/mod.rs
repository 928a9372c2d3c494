//! `restante-bridge check`: what a bridge of this configuration would do, in words.

mod effective;
mod verdict;

use std::io::{self, Write};

use restante_shared::relay::Target;
use thiserror::Error;

use crate::config::{Config, ConfigError};
use verdict::Verdict;

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

/// Why there is nothing to say.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CheckError {
    /// A setting, or a file that one names, cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is nowhere to write to.
    #[error("cannot write to standard output")]
    Write(#[from] io::Error),
}

/// A heading, and the lines under it.
struct Section {
    title: String,
    lines: Vec<String>,
}

impl Check {
    /// Writes the answer to `out`; returns whether every target would be dialled.
    ///
    /// # Errors
    /// [`CheckError`] where a bridge with these settings would not start.
    pub async fn run(&self, out: &mut impl Write) -> Result<bool, CheckError> {
        let settings = self.config.settings()?;
        self.config.log_filter()?;
        writeln!(out, "The settings are sound.")?;
        for section in effective::sections(&self.config) {
            section.write(out)?;
        }
        let mut all_well = true;
        for target in &self.targets {
            let verdict = Verdict::of(target, &settings).await;
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

impl Section {
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "\n{}", self.title)?;
        self.lines
            .iter()
            .try_for_each(|line| writeln!(out, "  {line}"))
    }
}
