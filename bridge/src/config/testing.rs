//! Settings from a command line, for the tests of this module.

use std::ffi::OsString;

use super::Config;
use crate::command_line::{CommandLineError, Invocation};

/// Loads the configuration of a bridge that is started with `arguments`.
pub(super) fn load(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Config, CommandLineError> {
    match Invocation::load(arguments)? {
        Invocation::Serve(config) => Ok(*config),
        other => panic!("{other:?}"),
    }
}
