//! Measures the speed and the memory of the store.
//!
//! `cargo bench -p restante-bench --bench store` stores 2,000 messages of 2 KB to 5 MB, like real mail:
//! texts, newsletters in HTML, attachments. `-- --messages 1000000 --bytes 2000` stores a million of about
//! that size, and `--script han` or `--script thai` in a language without spaces. Only the calls of the store are timed. The flushes go to the disk of the folder for
//! temporary files.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing
)]
#![allow(clippy::cast_precision_loss)] // Figures for people.

mod corpus;

use std::time::{Duration, Instant};

use corpus::{Corpus, Script};
use futures::executor::block_on;
use restante_client::api::mail::MessageQuery;
use restante_client::clock::SystemClock;
use restante_client::engine::sink::Delivery as _;
use restante_client::engine::store::Store;
use restante_client::engine::store::index::IndexPlace;
use restante_client::engine::store::spool::DiskFiles;

/// The bytes of a TLS record.
const CHUNK: usize = 16 * 1024;

/// The limits of a batch, after which a check commits.
const BATCH_MESSAGES: u32 = 200;
const BATCH_BYTES: usize = 16 * 1024 * 1024;

fn main() {
    let mut messages = 2_000;
    let mut bytes = None;
    let mut script = Script::Latin;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--messages" => messages = number(arguments.next()),
            "--bytes" => bytes = Some(number(arguments.next())),
            "--script" => {
                script = match arguments.next().as_deref() {
                    Some("han") => Script::Han,
                    Some("thai") => Script::Thai,
                    _ => Script::Latin,
                }
            }
            // `cargo bench` passes `--bench`.
            _ => {}
        }
    }
    block_on(run(messages, bytes, script));
}

fn number<T: std::str::FromStr>(argument: Option<String>) -> T {
    let number = argument.and_then(|argument| argument.parse().ok());
    number.expect("a number")
}

async fn run(messages: u32, bytes: Option<usize>, script: Script) {
    let folder = tempfile::tempdir().unwrap();
    let open = async || {
        let files = DiskFiles::new(folder.path().join("spool"));
        let place = IndexPlace::File(folder.path().join("index.sqlite"));
        Store::open(files, place, SystemClock).await.unwrap().0
    };
    let mut store = open().await;
    let mailbox = store.add_mailbox().await.unwrap();
    let idle = memory("VmRSS");
    let (mut pushing, mut committing) = (Took::default(), Took::default());
    let (mut kept, mut uncommitted) = (0, (0, 0));
    let mut peak = 0;
    for (number, message) in (1..=messages).zip(Corpus::new(bytes, script)) {
        forget_peak();
        let start = Start::now();
        let mut incoming = store
            .begin(mailbox, Some(&format!("{number:020x}")))
            .await
            .unwrap();
        for chunk in message.chunks(CHUNK) {
            store.push(&mut incoming, chunk).await.unwrap();
        }
        store.finish(incoming).await.unwrap();
        pushing = pushing + start.elapsed();
        kept += message.len();
        uncommitted = (uncommitted.0 + 1, uncommitted.1 + message.len());
        if uncommitted.0 >= BATCH_MESSAGES || uncommitted.1 >= BATCH_BYTES || number == messages {
            let start = Start::now();
            store.commit().await.unwrap();
            committing = committing + start.elapsed();
            uncommitted = (0, 0);
        }
        let ours = memory("VmHWM").saturating_sub(message.len() as u64 / 1024);
        peak = peak.max(ours);
    }
    let figures = |what: &str, took: Took| {
        let seconds = took.wall.as_secs_f64();
        println!(
            "{what:<34} {took}  {:9.0} messages/s  {:7.1} MB/s",
            f64::from(messages) / seconds,
            kept as f64 / 1e6 / seconds,
        );
    };
    println!("{messages} messages, {:.1} MB", kept as f64 / 1e6);
    figures("pushed into the spool", pushing);
    figures("committed", committing);
    figures("kept, both together", pushing + committing);
    println!("memory: {idle} KB idle, {peak} KB at its peak without the message");
    forget_peak();

    let start = Start::now();
    store.mailboxes().await.unwrap();
    figures("listed", start.elapsed());
    let start = Start::now();
    let mut longest = Duration::ZERO;
    loop {
        let slice = Instant::now();
        let more = store.make_searchable().await.unwrap();
        longest = longest.max(slice.elapsed());
        if !more {
            break;
        }
    }
    figures("made searchable", start.elapsed());
    println!("longest slice: {longest:.3?}");
    let index = std::fs::metadata(folder.path().join("index.sqlite")).map_or(0, |file| file.len());
    println!("index: {:.1} MB", index as f64 / 1e6);
    println!("memory: {} KB at its peak", memory("VmHWM"));

    let start = Start::now();
    println!("known: {}", store.known(mailbox).await.unwrap().len());
    timed("all unique-ids", start);
    drop(store);
    let start = Start::now();
    let mut store = open().await;
    timed("opened again", start);
    let [common, rare] = script.examples();
    let beginning = |characters| common.chars().take(characters).collect::<String>();
    for (search, offset) in [
        (String::new(), 0),
        (String::new(), messages / 2),
        (String::new(), messages.saturating_sub(50)),
        (common.to_owned(), 0),
        (rare.to_owned(), 0),
        (format!("{common} {rare}"), 0),
        (beginning(2), 0),
        (beginning(1), 0),
    ] {
        let query = MessageQuery {
            mailbox: Some(mailbox),
            search: search.clone(),
        };
        let start = Start::now();
        let (total, rows) = store.rows(&query, offset, 50).await.unwrap();
        let what = format!("{} of {total} at {offset} \"{search}\"", rows.len());
        timed(&what, start);
    }
    let start = Start::now();
    store.mailboxes().await.unwrap();
    timed("counts", start);
    println!("memory: {} KB at its peak", memory("VmHWM"));
}

fn timed(what: &str, start: Start) {
    println!("{what:<34} {}", start.elapsed());
}

/// Elapsed time and processor time: the difference was spent on the disk, or by other processes.
#[derive(Debug, Clone, Copy, Default)]
struct Took {
    wall: Duration,
    processor: Duration,
}

impl std::ops::Add for Took {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            wall: self.wall + other.wall,
            processor: self.processor + other.processor,
        }
    }
}

impl std::fmt::Display for Took {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [wall, processor] = [self.wall, self.processor].map(|took| took.as_secs_f64());
        write!(f, "{wall:8.3} s (computing {processor:.3} s)")
    }
}

#[derive(Debug, Clone, Copy)]
struct Start {
    wall: Instant,
    processor: Duration,
}

impl Start {
    fn now() -> Self {
        Self {
            wall: Instant::now(),
            processor: processor_time(),
        }
    }

    fn elapsed(self) -> Took {
        Took {
            wall: self.wall.elapsed(),
            processor: processor_time().saturating_sub(self.processor),
        }
    }
}

/// Returns the processor time of this process's only thread by Linux, or 0 on other systems.
fn processor_time() -> Duration {
    let account = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds = account
        .split(' ')
        .next()
        .and_then(|field| field.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

/// Lets Linux begin a new measurement of the peak memory of this process.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Returns a figure of `/proc/self/status` in KB, or 0 if there is none.
fn memory(field: &str) -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))
        .and_then(|value| value.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
