//! The binary: reads the configuration, opens the sockets, and runs the bridge until it is stopped.

mod service;

use std::io::{BufRead, IsTerminal, Read, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use restante_bridge::access;
use restante_bridge::check::Check;
use restante_bridge::command_line::{self, CommandLineError, Invocation};
use restante_bridge::config::{Config, LogFormat};
use restante_bridge::status::Status;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use service::descriptors;
use service::log::StandardError;
use service::manager;
use service::signals::Signals;
use service::sockets::{self, Sockets};

fn main() -> ExitCode {
    // First of all, because it changes the environment.
    let sockets = match Sockets::take() {
        Ok(sockets) => sockets,
        Err(error) => return fail(&error),
    };
    let done = match Invocation::load_on(sockets.address(), std::env::args_os()) {
        Ok(Invocation::Serve(config)) => serve(*config, sockets).map(|()| true),
        Ok(Invocation::Check(task)) => check(&task),
        Ok(Invocation::HashPassword(name)) => hash_password(&name).map(|()| true),
        // Help and usage errors print themselves, to the right stream.
        Err(CommandLineError::Usage(error)) => error.exit(),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    // If this fails as well, there is no way left to report the error.
    let _ = writeln!(std::io::stderr(), "error: {error:#}");
    ExitCode::FAILURE
}

/// Runs `restante-bridge check`. Returns true if all is well.
#[tokio::main(flavor = "current_thread")]
async fn check(task: &Check) -> anyhow::Result<bool> {
    for name in unknown_variables() {
        writeln!(
            std::io::stderr(),
            "warning: {name} is not a setting of the bridge"
        )?;
    }
    Ok(task.run(&mut std::io::stdout().lock()).await?)
}

fn unknown_variables() -> Vec<String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    command_line::unknown_variables(names)
}

/// The longest password in bytes.
const LONGEST_PASSWORD: u64 = 1024;

/// Reads a password, and prints the line for a users' file.
fn hash_password(name: &str) -> anyhow::Result<()> {
    let input = std::io::stdin().lock();
    if input.is_terminal() {
        let _ = writeln!(std::io::stderr(), "Password (visible while you type):");
    }
    let mut password = String::new();
    input
        .take(LONGEST_PASSWORD + 2)
        .read_line(&mut password)
        .context("cannot read the password from standard input")?;
    let password = password.trim_end_matches(['\r', '\n']);
    // Otherwise a part of it would be hashed, and the whole password never accepted.
    if password.len() as u64 > LONGEST_PASSWORD {
        bail!("a password may have at most {LONGEST_PASSWORD} bytes");
    }
    let line = access::hash_line(name, password)?;
    writeln!(std::io::stdout(), "{line}").context("cannot write to standard output")
}

#[tokio::main]
async fn serve(config: Config, sockets: Sockets) -> anyhow::Result<()> {
    start_log(&config)?;
    for name in unknown_variables() {
        tracing::warn!("{name} is not a setting of the bridge");
    }
    let mut settings = config.settings()?;
    settings.reloading = manager::reloading;
    descriptors::provide(&settings.limits);
    let listener = sockets::listen(sockets.main, config.listen, "listen").await?;
    let status = match (sockets.status, config.status_listen) {
        (None, None) => None,
        (given, address) => {
            let address = address.unwrap_or(config.listen);
            Some(sockets::listen(given, address, "status-listen").await?)
        }
    };
    let mut signals = Signals::new().context("cannot listen for signals")?;
    let stop = CancellationToken::new();
    #[cfg(feature = "demo")]
    let demo = if config.demo {
        Some(service::demo::start(&mut settings, &stop).await?)
    } else {
        None
    };
    let scheme = if config.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let mut addresses = format!("Restante: {scheme}://{}/\n", listener.local_addr()?);
    if let Some(listener) = &status {
        addresses += &format!("Status: http://{}/\n", listener.local_addr()?);
    }
    std::io::stdout()
        .write_all(addresses.as_bytes())
        .context("cannot write to standard output")?;

    let lifecycle = settings.lifecycle.clone();
    let mut helpers = JoinSet::new();
    if let Some(listener) = status {
        let status = Status {
            lifecycle: lifecycle.clone(),
            metrics: Arc::clone(&settings.metrics),
            tls_mode: settings.tls_mode.clone(),
        };
        helpers.spawn(status.serve(listener));
    }
    helpers.spawn(manager::keep_alive());
    let limits = settings.limits.clone();
    let signalled = lifecycle.clone();
    helpers.spawn(async move {
        signals.next().await;
        manager::stopping(&limits);
        signalled.drain();
        signals.next().await;
        signalled.end();
    });
    manager::ready();
    // On a worker thread: this thread is not one, and would have to wake one for each connection.
    tokio::spawn(restante_bridge::run(listener, settings, lifecycle.drains()))
        .await
        .context("the bridge failed")??;
    stop.cancel();
    #[cfg(feature = "demo")]
    if let Some(demo) = demo {
        demo.await.context("the demo server failed")?;
    }
    Ok(())
}

fn start_log(config: &Config) -> anyhow::Result<()> {
    let log = tracing_subscriber::fmt()
        .with_env_filter(config.log_filter()?)
        // It would report on standard error that standard error fails, and panic.
        .log_internal_errors(false)
        .with_writer(StandardError::new(config.log_format));
    match config.log_format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}
