//! The rounds of retrievals, near and far.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use super::mail::Plan;
use super::peers::{PEERS, PeerParameters};
use super::scene::{Figures, RetrievalScene};
use super::table::{Goal, MPOP, RetrievalRow, RetrievalTable, WINDOW};
use super::{link, ours};
use crate::PACKAGE;
use crate::figures::is_chosen;
use crate::machine;
use xtask::packages;
use xtask::process::{self, Interrupted};
use xtask::workspace::Workspace;

/// The options of `cargo xtask bench pop3`.
#[derive(Args)]
pub(crate) struct RetrievalOptions {
    /// The number of runs of each program; slow ones run once.
    #[arg(long, default_value_t = 3)]
    runs: u32,
    /// Retrieves a tenth of the mail.
    #[arg(long)]
    quick: bool,
    /// Runs only those whose name contains one of these.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// The round trips to measure at, in milliseconds.
    #[arg(long, value_name = "MS", value_delimiter = ',', default_value = "0,40")]
    round_trips: Vec<u64>,
    /// The folder to store mail in; /dev/shm takes the disk out of the figures.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// One way to retrieve.
struct Method {
    name: &'static str,
    retrieve: Retrieve,
}

/// Retrieves all mail over a round trip.
type Retrieve = Box<dyn Fn(&RetrievalScene, Duration) -> Result<Figures>>;

const NATIVE: &str = "Restante, native";
const CHROMIUM: &str = "Restante, Chromium";

/// The seconds after which a program runs only once, since its ratios are far from any goal.
const LONG: f64 = 30.0;

/// The benchmarks of the parts of retrieval. They print lines of their own.
const BELOW: [&str; 2] = ["decode", "memory"];

/// The goals, near and far.
const NEAR: &[Goal] = &[goal(NATIVE, MPOP, 1.0), goal(CHROMIUM, MPOP, 0.5)];
const FAR: &[Goal] = &[
    goal(NATIVE, WINDOW, 1.0 / 1.1),
    goal(NATIVE, MPOP, 1.5),
    goal(CHROMIUM, MPOP, 1.0),
];

const fn goal(who: &'static str, than: &'static str, least: f64) -> Goal {
    Goal { who, than, least }
}

/// Measures, and prints a table for each round trip.
pub(crate) fn run(workspace: &Workspace, options: &RetrievalOptions) -> Result<()> {
    packages::ensure(packages::FOR_BUILDING)?;
    packages::ensure(packages::FOR_TESTING)?;
    packages::ensure(packages::FOR_COMPARING)?;
    let plan = if options.quick {
        Plan::QUICK
    } else {
        Plan::WHOLE
    };
    let round_trips: Vec<Duration> = options
        .round_trips
        .iter()
        .map(|milliseconds| Duration::from_millis(*milliseconds))
        .collect();
    let place = options.folder.clone().unwrap_or_else(env::temp_dir);
    let scene = RetrievalScene::set(workspace, plan, &round_trips, &place)?;
    let (tables, failures) = measure(&scene, options, &round_trips)?;
    println!("\n{}", machine::describe());
    for (round_trip, table) in round_trips.iter().zip(tables) {
        println!(
            "\n{} messages, {:.1} MB, over a round trip of {} ms, kept in {}\n\n{}",
            table.messages,
            table.bytes as f64 / 1e6,
            round_trip.as_millis(),
            place.display(),
            table.render()
        );
        let goals = if round_trip.is_zero() { NEAR } else { FAR };
        for verdict in goals.iter().filter_map(|goal| table.judge(goal)) {
            println!("{verdict}");
        }
    }
    drop(scene);
    let below: Vec<_> = BELOW
        .iter()
        .filter(|bench| is_chosen(bench, &options.only))
        .collect();
    for bench in below {
        println!("\n{bench}");
        let mut cargo = workspace.cargo();
        cargo.args(["bench", "--quiet", "--locked", "--package", PACKAGE]);
        process::run(cargo.args(["--bench", bench]))?;
    }
    if failures > 0 {
        bail!("{failures} retrievals failed: see above");
    }
    Ok(())
}

/// Runs all programs in turns, so that other load on the machine affects all alike.
fn measure(
    scene: &RetrievalScene,
    options: &RetrievalOptions,
    round_trips: &[Duration],
) -> Result<(Vec<RetrievalTable>, u32)> {
    let methods: Vec<Method> = methods()
        .into_iter()
        .filter(|method| is_chosen(method.name, &options.only))
        .collect();
    let table = |_: &Duration| RetrievalTable {
        rows: methods
            .iter()
            .map(|method| RetrievalRow::new(method.name))
            .collect(),
        messages: scene.plan.messages,
        bytes: scene.bytes,
    };
    let mut tables: Vec<RetrievalTable> = round_trips.iter().map(table).collect();
    let mut failures = 0;
    // The server caches data about its maildrop, which would slow down the first program only.
    if let Some(round_trip) = round_trips.first() {
        ours::native(scene, *round_trip, "direct-all")?;
    }
    for round in 1..=options.runs {
        for (round_trip, table) in round_trips.iter().zip(&mut tables) {
            for (method, row) in methods.iter().zip(&mut table.rows) {
                if row.runs.iter().any(|run| run.seconds > LONG) {
                    continue;
                }
                let name = method.name;
                let far = round_trip.as_millis();
                match (method.retrieve)(scene, *round_trip) {
                    Ok(figures) => {
                        println!("run {round}: {name}, {far} ms: {:.2} s", figures.seconds);
                        row.runs.push(figures);
                    }
                    Err(error) if error.is::<Interrupted>() => return Err(error),
                    Err(error) => {
                        eprintln!("run {round}: {name}, {far} ms: {error:#}");
                        failures += 1;
                    }
                }
            }
        }
    }
    Ok((tables, failures))
}

fn methods() -> Vec<Method> {
    let method = |name, retrieve: Retrieve| Method { name, retrieve };
    let ours = |name, how: &'static str| {
        method(
            name,
            Box::new(move |scene: &RetrievalScene, far| ours::native(scene, far, how)),
        )
    };
    let mut methods = vec![
        ours(NATIVE, "check"),
        ours("window of 20 (bridge, store)", "window-20"),
        ours("window of 100 (bridge, store)", "window-100"),
        ours("window of all (bridge, store)", "window-all"),
        ours("all at once, direct, nothing kept", "direct-all"),
        method(CHROMIUM, Box::new(ours::chromium)),
    ];
    methods.extend(PEERS.iter().map(|peer| {
        method(
            peer.name,
            Box::new(|scene, far| {
                scene.with_folder(|folder| {
                    let mut command = (peer.command)(&PeerParameters {
                        port: scene.port(far)?,
                        authority: &scene.certificates.authority,
                        folder,
                        messages: scene.plan.messages,
                    })?;
                    scene.time(&mut command, folder)
                })
            }),
        )
    }));
    methods.push(method("the line itself, TLS", Box::new(link::tls)));
    methods.push(method("the line itself, plain", Box::new(link::plain)));
    methods
}
