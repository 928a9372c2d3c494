//! Settings from a command line, for the tests of this module.

use std::error::Error;
use std::ffi::OsString;

use clap::Parser;

use super::flags::Flags;
use super::values::Config;

#[derive(Parser)]
struct TestCommandLine {
    #[command(flatten)]
    flags: Flags,
}

/// Loads the configuration of a bridge that is started with `arguments`.
pub(super) fn load(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Config, Box<dyn Error>> {
    Ok(TestCommandLine::try_parse_from(arguments)?
        .flags
        .into_config()?)
}
