//! Measurements and trials that take minutes. Only `cargo xtask bench`, `soak` and `autobahn` build and
//! run this program.
//!
//! | folder or file | holds |
//! |---|---|
//! | `retrieval` | retrieval of one maildrop by Restante and by other clients |
//! | `relays` | the bridge beside other relays |
//! | `reading` | the reader of messages beside other parsers of mail |
//! | `soak` | a bridge under churn for half an hour |
//! | `autobahn` | the Autobahn suite against the bridge's WebSocket layer |
//! | `machine`, `figures` | the machine that measures; medians |
//! | `../load` | the program that loads relays |
//! | `../benches` | benchmarks of one part each: retrieval, store, memory and decoding |

// Printing is what a command-line tool does.
#![allow(clippy::print_stderr, clippy::print_stdout)]

mod autobahn;
mod figures;
mod machine;
mod reading;
mod relays;
mod retrieval;
mod soak;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::process;
use xtask::workspace::Workspace;

/// The name of this package.
const PACKAGE: &str = env!("CARGO_PKG_NAME");

/// Compares Restante with other programs, and runs long trials of the bridge.
#[derive(Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench", version)]
struct Arguments {
    #[command(subcommand)]
    command: BenchCommand,
}

#[derive(Subcommand)]
enum BenchCommand {
    /// Retrieves the same mail by Restante, mpop, fetchmail, getmail6, curl and poplib.
    Pop3(retrieval::RetrievalOptions),
    /// Loads the bridge beside websockify, websocat, wstcp, wstunnel, socat and nginx.
    Bridge(relays::RelayOptions),
    /// Reads the messages of `tests/reading` with Restante and with other parsers of mail.
    Reading(reading::ReadingOptions),
    /// Keeps a bridge busy, and fails if its memory or descriptors do not return to where they began.
    #[command(bin_name = "cargo xtask soak")]
    Soak {
        /// The length in minutes, after a minute of warming up.
        #[arg(long, default_value_t = 30)]
        minutes: u64,
    },
    /// Runs the Autobahn suite against the bridge's WebSocket layer and against the relay.
    #[command(bin_name = "cargo xtask autobahn")]
    Autobahn,
}

fn main() -> ExitCode {
    process::exit_code(run())
}

fn run() -> Result<()> {
    let command = Arguments::parse().command;
    process::watch_signals()?;
    let workspace = Workspace::find()?;
    match command {
        BenchCommand::Pop3(options) => retrieval::run(&workspace, &options),
        BenchCommand::Bridge(options) => relays::run(&workspace, &options),
        BenchCommand::Reading(options) => reading::run(&workspace, &options),
        BenchCommand::Soak { minutes } => soak::run(&workspace, minutes),
        BenchCommand::Autobahn => autobahn::run(&workspace),
    }
}
