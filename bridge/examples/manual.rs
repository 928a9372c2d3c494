//! Writes the manual page and the shell completions into a folder, for `cargo xtask package`.
//!
//! They are generated from the command line that the bridge parses, so they are always up to date.

use std::error::Error;
use std::path::PathBuf;

use clap_complete::{Shell, generate_to};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: manual FOLDER")?;
    let folder = PathBuf::from(folder);
    let mut command = restante_bridge::command_line::command();
    clap_mangen::generate_to(command.clone(), &folder)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        generate_to(shell, &mut command, "restante-bridge", &folder)?;
    }
    Ok(())
}
