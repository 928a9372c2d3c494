//! Measures the memory of a check, with real bytes through the real check.
//!
//! `cargo bench -p restante-bench --bench memory` checks a maildrop of a million messages, once all new
//! and once all known, and stores nothing. Then it fetches one of 2 GB with a message of 60 MB into a
//! store on disk, which needs that much space in the folder for temporary files. It prints the growth of
//! the process's memory at its peak, and fails if fetching takes 200 MB. The server is a stream within
//! the process, which generates its messages while they are read.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking"
)]

#[path = "../discard.rs"]
mod discard;
mod maildrop;

use std::cell::RefCell;
use std::future::pending;
use std::process::Command;
use std::{env, fs};

use discard::Discard;
use maildrop::{GeneratedMaildrop, GeneratedServer};
use restante_client::api::check::CheckOutcome;
use restante_client::api::ids::{MailboxId, MessageId};
use restante_client::api::settings::{Encryption, Login, MailboxSettings, Secret};
use restante_client::clock::SystemClock;
use restante_client::engine::check::check;
use restante_client::engine::mailboxes::live_profile::LiveProfile;
use restante_client::engine::mailboxes::server_profile::ServerProfile;
use restante_client::engine::server::context::{Dialler, SessionContext};
use restante_client::engine::sink::Delivery;
use restante_client::engine::store::Store;
use restante_client::engine::store::index::IndexPlace;
use restante_client::engine::store::spool::DiskFiles;
use restante_client::engine::unique_ids::UniqueIds;

const MEGABYTE: usize = 1_000_000;

const MILLION: usize = 1_000_000;

/// The memory that a check may take beyond the idle engine.
const MOST: usize = 200 * MEGABYTE;

/// The measurements, each in a process of its own, since freed memory stays with a process.
const PARTS: [&str; 3] = ["new", "known", "fetch"];

fn main() {
    if !cfg!(target_os = "linux") {
        println!("only Linux reports the peak memory of a process");
        return;
    }
    // `cargo bench` adds an argument of its own.
    let Some(part) = env::args().skip(1).find(|argument| argument != "--bench") else {
        let itself = env::current_exe().expect("a path");
        for part in PARTS {
            let status = Command::new(&itself).arg(part).status().expect("a process");
            assert!(status.success(), "{part}: {status}");
        }
        return;
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(async {
            match part.as_str() {
                "new" => list("all new", UniqueIds::default, MILLION).await,
                "known" => list("all known", a_million, 0).await,
                _ => fetch().await,
            }
        });
}

/// Checks a maildrop of a million small messages, and stores none of them.
async fn list(what: &str, known: fn() -> UniqueIds, new: usize) {
    let contents = GeneratedMaildrop {
        small: MILLION,
        small_bytes: 500,
        large_bytes: 0,
    };
    let before = ResidentMemory::now();
    let outcome = visit(contents, &mut Discard { known }).await;
    let new = u32::try_from(new).expect("a number");
    assert_eq!(outcome, done(new));
    let peak = before.peak_above();
    println!("1,000,000 messages, {what}: {peak} at the peak");
}

fn a_million() -> UniqueIds {
    let mut known = UniqueIds::default();
    for number in 1..=MILLION {
        let message = MessageId(number as u64);
        known.add(&maildrop::unique_id(number), Some(message), None);
    }
    known
}

/// Fetches a large maildrop into a store.
async fn fetch() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = DiskFiles::new(folder.path().join("spool"));
    let index = IndexPlace::File(folder.path().join("index.sqlite"));
    let opened = Store::open(files, index, SystemClock).await;
    let (mut store, _) = opened.expect("a store");
    let mailbox = store.add_mailbox().await.expect("a mailbox");
    assert_eq!(mailbox, MailboxId(1));
    let contents = GeneratedMaildrop {
        small: 1_940,
        small_bytes: MEGABYTE,
        large_bytes: 60 * MEGABYTE,
    };
    let before = ResidentMemory::now();
    assert_eq!(visit(contents, &mut store).await, done(1_941));
    let kept = before.peak_above();
    println!("2 GB with a message of 60 MB: {kept} at the peak");
    while store.make_searchable().await.expect("the index") {}
    let searchable = before.peak_above();
    println!("and made searchable: {searchable} at the peak");
    assert!(searchable.0 < MOST, "200 MB or more");
}

fn done(new_messages: u32) -> CheckOutcome {
    CheckOutcome::Done {
        new_messages,
        skipped: 0,
    }
}

/// Checks a maildrop.
async fn visit(contents: GeneratedMaildrop, delivery: &mut impl Delivery) -> CheckOutcome {
    let settings = MailboxSettings {
        address: "reader@example.org".to_owned(),
        user: "reader".to_owned(),
        host: "localhost".parse().expect("a host"),
        port: 110,
        encryption: Encryption::None,
        ca_pem: None,
        demo: false,
        login: Login::default(),
    };
    let dial = async move || Ok(GeneratedServer::new(contents));
    let context = SessionContext {
        settings: &settings,
        password: &Secret::new("correct-horse".to_owned()),
        clock: &SystemClock,
        dialler: Dialler::new(dial),
        journal: &RefCell::default(),
    };
    let mut profile = LiveProfile::in_memory(ServerProfile::default(), &SystemClock);
    let mailbox = MailboxId(1);
    check(context, &mut profile, mailbox, delivery, |_| {}, pending()).await
}

/// Bytes of memory.
struct ResidentMemory(usize);

impl ResidentMemory {
    /// Returns the memory of this process, and begins a new measurement of its peak.
    fn now() -> Self {
        // Sets the peak back to the memory in use.
        fs::write("/proc/self/clear_refs", "5").expect("the peak can be set back");
        Self(status("VmRSS:"))
    }

    fn peak_above(&self) -> Self {
        Self(status("VmHWM:").saturating_sub(self.0))
    }
}

impl std::fmt::Display for ResidentMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} MB", self.0.div_ceil(MEGABYTE))
    }
}

/// Returns a figure of Linux about this process, in bytes.
fn status(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("the process's own status");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    1024 * kilobytes
        .and_then(|kilobytes| kilobytes.parse::<usize>().ok())
        .expect("a figure in kB")
}
