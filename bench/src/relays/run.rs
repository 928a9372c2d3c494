//! The rounds of measurements.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::load::{Load, LoadSize};
use super::relay::{self, OURS, Relay};
use super::report::{self, RelayRow};
use crate::figures::is_chosen;
use crate::machine;
use xtask::bridge::{self, Profile};
use xtask::packages;
use xtask::process::Interrupted;
use xtask::workspace::Workspace;

/// The options of `cargo xtask bench bridge`.
#[derive(Args)]
pub(crate) struct RelayOptions {
    /// The number of measurements of rates and times, of which the medians count. Memory hardly
    /// differs from one measurement to the next, and is measured once.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Makes smaller transfers, and no more than 1,000 connections.
    #[arg(long)]
    quick: bool,
    /// Measures only those whose name contains one of these.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Measures these builds of the bridge, instead of a build of this source.
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    bridge: Vec<PathBuf>,
}

/// Measures, and prints tables.
pub(crate) fn run(workspace: &Workspace, options: &RelayOptions) -> Result<()> {
    let size = if options.quick {
        LoadSize::QUICK
    } else {
        LoadSize::WHOLE
    };
    let most = raise_descriptor_limit(size.most_connections())?;
    let bridges = match options.bridge.as_slice() {
        [] if is_chosen(OURS, &options.only) => vec![bridge::build(workspace, Profile::Release)?],
        given => given.to_vec(),
    };
    packages::ensure(packages::FOR_RELAYING)?;
    let relays: Vec<Relay> =
        relay::all(workspace, &bridges, |name| is_chosen(name, &options.only))?;
    let load = Load::build(workspace, size, most)?;
    let mut rows: Vec<RelayRow> = relays.iter().map(RelayRow::new).collect();
    let mut failures = 0;
    // In turns, so that other load on the machine affects all relays alike.
    for round in 1..=options.rounds {
        for (relay, row) in relays.iter().zip(&mut rows) {
            let measured = load.measure_speed(relay, row);
            let what = format!("round {round}: {}", relay.name);
            failures += print_outcome(&what, measured.map(|()| row.last_rates()))?;
        }
    }
    for (relay, row) in relays.iter().zip(&mut rows) {
        let measured = load.measure_memory(relay, row);
        let what = format!("memory: {}", relay.name);
        failures += print_outcome(&what, measured.map(|()| "measured".to_owned()))?;
    }
    println!("\n{}\n\n{}", machine::describe(), report::render(&rows));
    for verdict in report::verdicts(&rows) {
        println!("{verdict}");
    }
    if failures > 0 {
        bail!("{failures} measurements failed: see above");
    }
    Ok(())
}

/// Prints the outcome of a measurement, and returns the number of failures: 1 or 0.
fn print_outcome(what: &str, measured: Result<String>) -> Result<u32> {
    match measured {
        Ok(summary) => println!("{what}: {summary}"),
        Err(error) if error.is::<Interrupted>() => return Err(error),
        Err(error) => {
            eprintln!("{what}: {error:#}");
            return Ok(1);
        }
    }
    Ok(0)
}

/// Raises the limit of descriptors of this process and its children to two for each connection of a
/// relay, and returns the number of connections that it suffices for.
fn raise_descriptor_limit(connections: u64) -> Result<u64> {
    /// The other descriptors of a relay.
    const OTHERS: u64 = 100;
    let needed = 2 * connections + OTHERS;
    let now = getrlimit(Resource::Nofile);
    if now.current.is_none_or(|current| current >= needed) {
        return Ok(connections);
    }
    let raise = |current, maximum| {
        let maximum = Some(maximum);
        let current = Some(current);
        setrlimit(Resource::Nofile, Rlimit { current, maximum })
    };
    let most = now.maximum.unwrap_or(needed);
    // Only root may raise the hard limit.
    if raise(needed, most.max(needed)).is_ok() {
        return Ok(connections);
    }
    raise(most, most).context("the limit of descriptors")?;
    let fewer = most.saturating_sub(OTHERS) / 2;
    println!("{fewer} connections instead of {connections}: this system allows {most} descriptors");
    Ok(fewer)
}
