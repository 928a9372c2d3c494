//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;
use crate::{bench, check, demo, dev, fuzz, package, process, replay, service_worker, sizes, test};

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
    Test(test::TestOptions),
    /// Serves the client with live reload, in front of a bridge with a demo mailbox.
    Dev {
        /// The port on 127.0.0.1 to serve at.
        #[arg(long, default_value_t = 8111)]
        port: u16,
    },
    /// Checks formatting, lints, the rules of the source tree, licences, sources and vulnerabilities.
    Check,
    /// Prints the size of the browser's download, and fails if it is over the budget.
    Sizes,
    /// Compares Restante with other programs.
    #[command(disable_help_flag = true)]
    Bench {
        /// `pop3`, `bridge` or `reading`, with options.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Fuzzes the code that reads data of peers.
    Fuzz {
        /// One target only, such as `framing`.
        target: Option<String>,
        /// The running time of each target.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Builds the Debian package and the static binary into `target/package`.
    Package(package::PackageOptions),
    /// Runs the Autobahn suite against the bridge's WebSocket layer and against the relay.
    Autobahn,
    /// Keeps a bridge busy, and fails if its memory or descriptors do not return to where they began.
    #[command(disable_help_flag = true)]
    Soak {
        /// PackageOptions, such as `--minutes 30`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Replays transcripts, downloaded from the page "Connection", as a mock server.
    Replay {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Writes the service worker into a build; Trunk.toml calls it.
    #[command(hide = true)]
    ServiceWorker,
}

/// Runs the command that the arguments of the program name.
pub fn main() -> ExitCode {
    process::exit_code(run())
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
        Invocation::Test(options) => test::run(&workspace, &options),
        Invocation::Dev { port } => dev::run(&workspace, port),
        Invocation::Check => check::run(&workspace),
        Invocation::Sizes => sizes::run(&workspace),
        Invocation::Bench { arguments } => bench::run(&workspace, None, &arguments),
        Invocation::Fuzz { target, seconds } => fuzz::run(&workspace, target.as_deref(), seconds),
        Invocation::Package(options) => package::run(&workspace, &options),
        Invocation::Autobahn => bench::run(&workspace, Some("autobahn"), &[]),
        Invocation::Soak { arguments } => bench::run(&workspace, Some("soak"), &arguments),
        Invocation::Replay { files } => replay::run(&files),
        Invocation::ServiceWorker => Ok(()),
    }
}
