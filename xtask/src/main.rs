//! The project's commands: `cargo xtask demo`, `test`, `dev`, `check`, `sizes`, `bench`,
//! `package`, `soak`, `autobahn`, `fuzz` and `replay`.
//!
//! Nothing of the product is in here. Each command is a file; what they share is
//! [`process`] (children that end with us), [`tools`] and [`packages`] (what has to be installed),
//! and [`client`] (the build of what the browser downloads).

// Printing is what a command-line tool does.
#![allow(clippy::print_stderr, clippy::print_stdout)]

mod autobahn;
mod bench;
mod bridge;
mod check;
mod client;
mod demo;
mod dev;
mod fingerprint;
mod fuzz;
mod matrix;
mod package;
mod packages;
mod ports;
mod process;
mod replay;
mod rules;
mod service_worker;
mod sizes;
mod soak;
mod tally;
mod test;
mod tools;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Builds, tries and tests Restante.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Invocation,
}

#[derive(Subcommand)]
enum Invocation {
    /// Installs what is missing, builds everything, and serves it with a demo mailbox.
    Demo {
        /// The port on 127.0.0.1 to serve at.
        #[arg(long, default_value_t = 8110)]
        port: u16,
    },
    /// Installs what is missing and runs every test, native and browser.
    Test,
    /// Serves the client with live reload, in front of a bridge with a demo mailbox.
    Dev {
        /// The port on 127.0.0.1 to serve at.
        #[arg(long, default_value_t = 8111)]
        port: u16,
    },
    /// Checks formatting, lints, licences, sources and known vulnerabilities.
    Check,
    /// Prints how much a browser downloads, and fails when that is over the budget.
    Sizes,
    /// Measures how fast Restante is beside what else there is.
    Bench {
        #[command(subcommand)]
        what: bench::Bench,
    },
    /// Throws octets at whatever reads what a peer sends.
    Fuzz {
        /// One target only, such as `framing`.
        target: Option<String>,
        /// How long each target runs.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Builds the Debian package and the static binary into `target/package`.
    Package(package::Options),
    /// Runs the Autobahn suite against the bridge's WebSocket layer and against the relay.
    Autobahn,
    /// Keeps a bridge busy, and fails when its memory or descriptors do not return.
    Soak {
        /// How long, after a minute of warming up.
        #[arg(long, default_value_t = 30)]
        minutes: u64,
    },
    /// Replays sessions that were downloaded from the page "Connection", as tests of the codec.
    Replay {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Writes the service worker into a build; Trunk.toml calls it.
    #[command(hide = true)]
    ServiceWorker,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => match error.downcast_ref::<process::Interrupted>() {
            // What a shell reports for a command that Ctrl-C ended.
            Some(_) => ExitCode::from(130),
            None => {
                eprintln!("error: {error:#}");
                ExitCode::FAILURE
            }
        },
    }
}

fn run() -> Result<()> {
    let task = Arguments::parse().command;
    if let Invocation::ServiceWorker = task {
        return service_worker::write_for_trunk();
    }
    process::watch_signals()?;
    let workspace = Workspace::find()?;
    match task {
        Invocation::Demo { port } => demo::run(&workspace, port),
        Invocation::Test => test::run(&workspace),
        Invocation::Dev { port } => dev::run(&workspace, port),
        Invocation::Check => check::run(&workspace),
        Invocation::Sizes => sizes::run(&workspace),
        Invocation::Bench { what } => bench::run(&workspace, &what),
        Invocation::Fuzz { target, seconds } => fuzz::run(&workspace, target.as_deref(), seconds),
        Invocation::Package(options) => package::run(&workspace, &options),
        Invocation::Autobahn => autobahn::run(&workspace),
        Invocation::Soak { minutes } => soak::run(&workspace, minutes),
        Invocation::Replay { files } => replay::run(&files),
        Invocation::ServiceWorker => Ok(()),
    }
}
