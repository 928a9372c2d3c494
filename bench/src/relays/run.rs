//! The rounds of measurements.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::load::{Load, Size};
use super::relay::{self, OURS, Relay};
use super::report::{self, Row};
use crate::figures::is_chosen;
use crate::machine;
use xtask::bridge::{self, Profile};
use xtask::packages;
use xtask::process::Interrupted;
use xtask::workspace::Workspace;

/// How to measure.
#[derive(Args)]
pub(crate) struct Options {
    /// How often rates and times are measured, of which the medians count. Memory hardly differs from
    /// one measurement to the next, and is measured once.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Makes smaller transfers, and no more than 1,000 connections.
    #[arg(long)]
    quick: bool,
    /// Measures only those whose name contains one of these.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Measures these builds of the bridge, instead of building this one.
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    bridge: Vec<PathBuf>,
}

/// Measures, and prints tables.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let size = if options.quick {
        Size::QUICK
    } else {
        Size::WHOLE
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
    let mut rows: Vec<Row> = relays.iter().map(Row::new).collect();
    let mut failures = 0;
    // In turns, so that what else the machine does meets everyone alike.
    for round in 1..=options.rounds {
        for (relay, row) in relays.iter().zip(&mut rows) {
            let measured = load.measure_speed(relay, row);
            let what = format!("round {round}: {}", relay.name);
            failures += told(&what, measured.map(|()| row.last_rates()))?;
        }
    }
    for (relay, row) in relays.iter().zip(&mut rows) {
        let measured = load.measure_memory(relay, row);
        let what = format!("memory: {}", relay.name);
        failures += told(&what, measured.map(|()| "measured".to_owned()))?;
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

/// Prints how a measurement went, and returns how many have failed: it, or none.
fn told(what: &str, measured: Result<String>) -> Result<u32> {
    match measured {
        Ok(said) => println!("{what}: {said}"),
        Err(error) if error.is::<Interrupted>() => return Err(error),
        Err(error) => {
            eprintln!("{what}: {error:#}");
            return Ok(1);
        }
    }
    Ok(0)
}

/// Lets this process and its children have two descriptors for each connection of a relay, and
/// returns for how many connections that is enough.
fn raise_descriptor_limit(connections: u64) -> Result<u64> {
    /// What a relay has open besides.
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
    // Only the system's owner may raise what bounds the limit.
    if raise(needed, most.max(needed)).is_ok() {
        return Ok(connections);
    }
    raise(most, most).context("the limit of descriptors")?;
    let fewer = most.saturating_sub(OTHERS) / 2;
    println!("{fewer} connections instead of {connections}: this system allows {most} descriptors");
    Ok(fewer)
}
