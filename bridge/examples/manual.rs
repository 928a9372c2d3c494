//! Writes the manual page and the completions of shells into a folder, for `cargo xtask package`.
//!
//! They are made from the very flags that the bridge reads, so they cannot fall behind.

use std::error::Error;
use std::path::PathBuf;

use clap_complete::{Shell, generate_to};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("which folder?")?;
    let folder = PathBuf::from(folder);
    let mut command = restante_bridge::command_line::command();
    clap_mangen::generate_to(command.clone(), &folder)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        generate_to(shell, &mut command, "restante-bridge", &folder)?;
    }
    Ok(())
}
