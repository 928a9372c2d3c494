//! The options, and the readers one after the other.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use restante_reading::{Criteria, Sample, faults, own, read, restante};
use xtask::workspace::Workspace;

use super::peers::{self, PEERS};
use super::table::{ReaderColumn, render};

/// The options of `cargo xtask bench reading`.
#[derive(Args)]
pub(crate) struct ReadingOptions {
    /// Further folders of messages, each with an `expected.json`.
    folders: Vec<PathBuf>,
    /// Reads only with Restante, and prints each fault.
    #[arg(long)]
    alone: bool,
    /// Prints the faults of the other readers too.
    #[arg(long)]
    faults: bool,
}

/// Reads all messages with all readers, and prints a table. Fails if Restante misreads one, or if
/// another reader reads as many.
///
/// # Errors
/// If a reader cannot run, or the result is not the one above.
pub(crate) fn run(workspace: &Workspace, options: &ReadingOptions) -> Result<()> {
    let mut samples = read(&own())?;
    for folder in &options.folders {
        samples.extend(read(folder)?);
    }
    let mut columns = vec![ours("Restante", &samples, Criteria::Client)?];
    if !options.alone {
        columns.push(ours("as a parser", &samples, Criteria::Parser)?);
        peers::install(workspace)?;
        for peer in PEERS {
            let readings = (peer.read)(workspace, &samples)?;
            let judged = samples.iter().zip(&readings).map(|(sample, reading)| {
                verdict(sample, Criteria::Parser, |criteria| {
                    faults(&sample.expectation, reading, criteria)
                })
            });
            columns.push(ReaderColumn {
                name: peer.name,
                verdicts: judged.collect(),
            });
        }
    }
    for (place, column) in columns.iter().enumerate() {
        if place == 0 || options.faults && place != 1 {
            print_faults(column, &samples);
        }
    }
    println!("{}", render(&samples, &columns));
    let right = |column: &ReaderColumn| column.verdicts.iter().filter(|v| v.is_right()).count();
    let wrong = columns.first().map_or(0, |ours| {
        ours.verdicts
            .iter()
            .filter(|verdict| verdict.is_wrong())
            .count()
    });
    if wrong > 0 {
        bail!("Restante misreads {wrong} messages");
    }
    let best_peer = columns.iter().skip(2).map(right).max();
    if best_peer.is_some_and(|best| columns.get(1).is_some_and(|ours| right(ours) <= best)) {
        bail!("another reader reads as many messages as Restante");
    }
    Ok(())
}

/// The faults of one reader in one message; `None` if the criteria do not apply to it.
pub(super) struct Verdict(Option<Vec<String>>);

impl Verdict {
    pub(super) fn is_right(&self) -> bool {
        self.0.as_ref().is_some_and(Vec::is_empty)
    }

    pub(super) fn is_wrong(&self) -> bool {
        self.0.as_ref().is_some_and(|faults| !faults.is_empty())
    }
}

fn verdict(
    sample: &Sample,
    criteria: Criteria,
    faults: impl Fn(Criteria) -> Vec<String>,
) -> Verdict {
    let is_judged = sample.expectation.is_judged(criteria);
    Verdict(is_judged.then(|| faults(criteria)))
}

fn ours(name: &'static str, samples: &[Sample], criteria: Criteria) -> Result<ReaderColumn> {
    let mut verdicts = Vec::new();
    for sample in samples {
        let reading = restante(&sample.octets, &sample.expectation)?;
        verdicts.push(verdict(sample, criteria, |criteria| {
            faults(&sample.expectation, &reading, criteria)
        }));
    }
    Ok(ReaderColumn { name, verdicts })
}

fn print_faults(column: &ReaderColumn, samples: &[Sample]) {
    for (sample, verdict) in samples.iter().zip(&column.verdicts) {
        for fault in verdict.0.iter().flatten() {
            println!("{}: {}: {fault}", column.name, sample.name);
        }
    }
}
