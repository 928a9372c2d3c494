//! The mail engine: checks mail, keeps it, finds it and makes it safe to show.
//!
//! [`run`] is its whole life: it opens the store, then answers [`command`](crate::api::command)s by [`event`](crate::api::event)s and checks
//! mail, side by side on one thread. It reaches the world through a [`platform::Platform`] only, so
//! that all of it runs under plain `cargo test`.

pub mod check;
mod commands;
mod console;
pub mod diagnostics;
mod jobs;
pub mod mail;
pub mod mailboxes;
pub mod platform;
mod server;
pub mod sink;
pub mod store;
pub mod unique_ids;
#[cfg(target_arch = "wasm32")]
pub mod worker;

use futures::channel::mpsc;
use futures::lock::Mutex;
use futures::{StreamExt as _, future};

use console::{Asked, Desk};
use diagnostics::journal::Journals;
use jobs::queue::{Checks, Wake};
use jobs::search_lag::{Kept, SearchLag};
use mailboxes::accounts::Accounts;
use mailboxes::reconcile;
use mailboxes::server_profile::seconds_of;
use platform::Platform;
use store::Store;
use store::index::MailboxState;

use crate::api::command::EngineCommand;
use crate::api::event::EngineEvent;
use crate::api::mailbox::Mailbox;
use crate::api::problem::Problem;
use crate::clock::Clock as _;

/// Runs an engine until `commands` ends, which is when the page is gone.
pub async fn run<P: Platform>(
    platform: P,
    mut commands: mpsc::UnboundedReceiver<EngineCommand>,
    emit: impl Fn(EngineEvent) + 'static,
) {
    emit(EngineEvent::Listening);
    let relay = loop {
        match commands.next().await {
            Some(EngineCommand::Start { relay }) => break relay,
            // The page starts with `Start`: whatever came before it belongs to no store.
            Some(_) => {}
            None => return,
        }
    };
    platform.hold_store(|| emit(EngineEvent::Occupied)).await;
    let (engine, work) = match Engine::open(platform, relay, Box::new(emit)).await {
        Ok(opened) => opened,
        Err((emit, problem)) => return emit(EngineEvent::Unusable { problem }),
    };
    // Whichever ends first ends the engine: that is the commands, when the page is gone.
    let answers = Box::pin(engine.answer_commands(commands));
    let runs = Box::pin(engine.run_checks(work.woken));
    let words = Box::pin(engine.make_searchable(work.kept));
    let mut consoles = Box::pin(engine.run_consoles(work.asked));
    let unasked = future::select(words, &mut consoles);
    future::select(answers, future::select(runs, unasked)).await;
    // A console takes its marks back before it goes.
    engine.consoles.leave();
    consoles.await;
}

/// Sends an event to the page.
type Emit = Box<dyn Fn(EngineEvent)>;

/// Where an engine's tasks hear what there is to do.
struct Work {
    /// That a check waits.
    woken: Wake,
    /// That messages were kept.
    kept: Kept,
    /// That a console is to be opened.
    asked: Asked,
}

/// An open store with what is done to it.
struct Engine<P: Platform> {
    platform: P,
    relay: String,
    store: Mutex<Store<P::Files>>,
    accounts: Mutex<Accounts<P::Files>>,
    checks: Checks,
    journals: Journals,
    search_lag: SearchLag,
    consoles: Desk,
    emit: Emit,
}

impl<P: Platform> Engine<P> {
    async fn open(platform: P, relay: String, emit: Emit) -> Result<(Self, Work), (Emit, Problem)> {
        let opened = async {
            let place = platform.storage().await?;
            let mut accounts = Accounts::open(&place.files).await?;
            let (mut store, healed) =
                Store::open(place.files, place.index, platform.clock()).await?;
            reconcile::clear(&mut store, &mut accounts).await?;
            Ok((place.storage, accounts, store, healed))
        };
        let (storage, accounts, store, healed) = match opened.await {
            Ok(opened) => opened,
            Err(problem) => return Err((emit, problem)),
        };
        let (checks, woken) = Checks::new();
        let (search_lag, kept) = SearchLag::new();
        let (consoles, asked) = Desk::new();
        let (store, accounts) = (Mutex::new(store), Mutex::new(accounts));
        let engine = Self {
            platform,
            relay,
            store,
            accounts,
            checks,
            journals: Journals::default(),
            search_lag,
            consoles,
            emit,
        };
        let mailboxes = engine.mailboxes().await;
        engine.emit(EngineEvent::Ready {
            storage,
            healed,
            mailboxes,
        });
        let work = Work { woken, kept, asked };
        Ok((engine, work))
    }

    fn emit(&self, event: EngineEvent) {
        (self.emit)(event);
    }

    /// Tells the page of a failure that nobody waits for.
    fn complain(&self, result: Result<(), Problem>) {
        if let Err(problem) = result {
            self.emit(EngineEvent::StoreFailed { problem });
        }
    }

    /// All mailboxes, as the page shows them.
    async fn mailboxes(&self) -> Vec<Mailbox> {
        let listed = self.store.lock().await.mailboxes().await;
        let states = match listed {
            Ok(states) => states,
            Err(problem) => {
                self.complain(Err(problem));
                return Vec::new();
            }
        };
        let accounts = self.accounts.lock().await;
        let now = seconds_of(self.platform.clock().now());
        let shown = |state: MailboxState| {
            Some(Mailbox {
                id: state.id,
                settings: accounts.settings(state.id)?.clone(),
                has_password: accounts.password(state.id).is_some(),
                messages: state.messages,
                unread: state.unread,
                last_check: state.last_check,
                next_check: accounts.remembered(state.id).pause_at(now),
            })
        };
        states.into_iter().filter_map(shown).collect()
    }

    /// Tells the page of new settings or counts.
    async fn announce_mailboxes(&self) {
        let mailboxes = self.mailboxes().await;
        self.emit(EngineEvent::Mailboxes { mailboxes });
    }

    /// Tells the page of damage that was mended while the store was in use.
    async fn announce_healed(&self) {
        let healed = self.store.lock().await.take_healed();
        if !healed.is_empty() {
            self.emit(EngineEvent::Healed { healed });
            self.announce_messages().await;
        }
    }

    /// Tells the page that messages changed, and with them the counts.
    async fn announce_messages(&self) {
        self.emit(EngineEvent::MessagesChanged);
        self.announce_mailboxes().await;
    }
}
