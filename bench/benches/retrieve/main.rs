//! Times one retrieval of a whole maildrop: `cargo xtask bench pop3` runs this beside other clients.
//!
//! Called as `retrieve METHOD RELAY PORT AUTHORITY FOLDER WORD`, where METHOD is
//!
//! - `check`: the engine's own check, through a bridge, into a store;
//! - `window-20`, `window-all`: that number of RETRs in flight at any time, through a bridge, into a store;
//! - `direct-all`: likewise, without a bridge and without storing anything: the most that this machine can
//!   do.
//!
//! Prints the seconds from the start of the process's work until the last message was durable, and until a
//! search for WORD, which is in the last message only, finds it.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking"
)]

#[path = "../discard.rs"]
mod discard;
mod timed_store;
mod window;

use std::cell::RefCell;
use std::env;
use std::fs;
use std::future::pending;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use discard::Discard;
use restante_client::api::check::CheckOutcome;
use restante_client::api::ids::MailboxId;
use restante_client::api::mail::MessageQuery;
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
use restante_client::transport::{relay, tls};
use restante_shared::relay::{Host, Target};
use timed_store::TimedStore;
use tokio_util::compat::TokioAsyncReadCompatExt as _;

const USER: &str = "reader";
const PASSWORD: &str = "correct-horse";
const HOST: &str = "localhost";

/// The arguments of the program.
struct RetrieveArguments {
    relay: String,
    target: Target,
    host: Host,
    authority: String,
    folder: PathBuf,
    word: String,
}

fn main() {
    // `cargo bench` adds an argument of its own.
    let arguments: Vec<String> = env::args().skip(1).filter(|a| a != "--bench").collect();
    let Ok([method, relay, port, authority, folder, word]) = <[String; 6]>::try_from(arguments)
    else {
        println!("`cargo xtask bench pop3` runs this, with a server and a bridge");
        return;
    };
    let target = Target::new(HOST, port.parse().expect("a port")).expect("a target");
    let arguments = RetrieveArguments {
        relay,
        target,
        host: HOST.parse().expect("a host"),
        authority: fs::read_to_string(authority).expect("the authority"),
        folder: folder.into(),
        word,
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(run(&method, &arguments));
}

async fn run(method: &str, arguments: &RetrieveArguments) {
    let begun = Instant::now();
    match method.split_once('-') {
        Some(("direct", window)) => {
            let address = (HOST, arguments.target.port());
            let stream = tokio::net::TcpStream::connect(address).await.expect("TCP");
            stream.set_nodelay(true).expect("TCP");
            let known = UniqueIds::default;
            let mut discard = Discard { known };
            retrieve(
                stream.compat(),
                window,
                arguments,
                MailboxId(1),
                &mut discard,
            )
            .await;
            println!("durable {}", begun.elapsed().as_secs_f64());
        }
        Some(("window", window)) => {
            let (mut store, mailbox) = open_store(&arguments.folder).await;
            let stream = relay::open(&arguments.relay, &arguments.target)
                .await
                .expect("relay");
            let mut timed = TimedStore::new(&mut store);
            retrieve(stream, window, arguments, mailbox, &mut timed).await;
            report(begun, timed.committed, &mut store, &arguments.word).await;
        }
        Some(_) | None => {
            let (mut store, mailbox) = open_store(&arguments.folder).await;
            let mut timed = TimedStore::new(&mut store);
            let outcome = check_mail(arguments, mailbox, &mut timed).await;
            let CheckOutcome::Done { skipped: 0, .. } = outcome else {
                println!("failed: {outcome:?}");
                std::process::exit(1);
            };
            report(begun, timed.committed, &mut store, &arguments.word).await;
        }
    }
}

async fn open_store(folder: &Path) -> (Store<DiskFiles>, MailboxId) {
    let files = DiskFiles::new(folder.join("spool"));
    let index = IndexPlace::File(folder.join("index.sqlite"));
    let (mut store, _) = Store::open(files, index, SystemClock)
        .await
        .expect("a store");
    let mailbox = store.add_mailbox().await.expect("a mailbox");
    (store, mailbox)
}

async fn check_mail(
    arguments: &RetrieveArguments,
    mailbox: MailboxId,
    delivery: &mut TimedStore<'_>,
) -> CheckOutcome {
    let settings = MailboxSettings {
        address: USER.to_owned(),
        user: USER.to_owned(),
        host: arguments.host.clone(),
        port: arguments.target.port(),
        encryption: Encryption::Tls,
        ca_pem: Some(arguments.authority.clone()),
        demo: false,
        login: Login::default(),
    };
    let dial = async || relay::open(&arguments.relay, &arguments.target).await;
    let context = SessionContext {
        settings: &settings,
        password: &Secret::new(PASSWORD.to_owned()),
        clock: &SystemClock,
        dialler: Dialler::new(dial),
        journal: &RefCell::default(),
    };
    let mut profile = LiveProfile::in_memory(ServerProfile::default(), &SystemClock);
    check(context, &mut profile, mailbox, delivery, |_| {}, pending()).await
}

async fn retrieve<S>(
    stream: S,
    window: &str,
    arguments: &RetrieveArguments,
    mailbox: MailboxId,
    delivery: &mut impl Delivery,
) where
    S: futures::AsyncRead + futures::AsyncWrite + Unpin,
{
    let window = window.parse().unwrap_or(usize::MAX);
    let (stream, _) = tls::secure(stream, &arguments.host, Some(&arguments.authority))
        .await
        .expect("TLS");
    window::Retrieval::new(stream)
        .run((USER, PASSWORD), window, mailbox, delivery)
        .await;
}

async fn report(
    begun: Instant,
    committed: Option<Instant>,
    store: &mut Store<DiskFiles>,
    word: &str,
) {
    let query = MessageQuery {
        mailbox: None,
        search: word.to_owned(),
    };
    while store.make_searchable().await.expect("the index") {}
    let (found, _) = store.rows(&query, 0, 1).await.expect("the index");
    assert_eq!(found, 1, "the last message is not found");
    let durable = committed.map_or(Duration::ZERO, |at| at.duration_since(begun));
    println!("durable {}", durable.as_secs_f64());
    println!("searchable {}", begun.elapsed().as_secs_f64());
}
