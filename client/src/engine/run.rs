//! The life of an engine: it opens the store, then runs its tasks until the page is closed.

use futures::channel::mpsc;
use futures::lock::Mutex;
use futures::{StreamExt as _, future};

use super::console::{ConsoleHandle, ConsoleRequests};
use super::diagnostics::journal::Journals;
use super::jobs::queue::{Checks, Wake};
use super::jobs::search_lag::{SearchLag, StoredSignal};
use super::mailboxes::accounts::Accounts;
use super::mailboxes::reconcile;
use super::mailboxes::server_profile::seconds_of;
use super::platform::Platform;
use super::store::Store;
use super::store::index::MailboxState;
use crate::api::command::EngineCommand;
use crate::api::event::EngineEvent;
use crate::api::mail::MailEvent;
use crate::api::mailbox::{Mailbox, MailboxEvent};
use crate::api::problem::Problem;
use crate::clock::Clock as _;

/// Runs an engine until `commands` ends, because the page is closed.
pub async fn run<P: Platform>(
    platform: P,
    mut commands: mpsc::UnboundedReceiver<EngineCommand>,
    emit: impl Fn(EngineEvent) + 'static,
) {
    emit(EngineEvent::Listening);
    let relay = loop {
        match commands.next().await {
            Some(EngineCommand::Start { relay }) => break relay,
            // `Start` is the first command of a page. Ignore earlier ones: no store is open yet.
            Some(_) => {}
            None => return,
        }
    };
    platform.hold_store(|| emit(EngineEvent::Occupied)).await;
    let (engine, work) = match Engine::open(platform, relay, Box::new(emit)).await {
        Ok(opened) => opened,
        Err((emit, problem)) => return emit(EngineEvent::Unusable { problem }),
    };
    // The engine ends with the first of its tasks: the commands, when the page is closed.
    let commands = Box::pin(engine.handle_commands(commands));
    let checks = Box::pin(engine.run_checks(work.woken));
    let indexing = Box::pin(engine.make_searchable(work.kept));
    let mut consoles = Box::pin(engine.run_consoles(work.console_requests));
    let others = future::select(indexing, &mut consoles);
    future::select(commands, future::select(checks, others)).await;
    // A console undoes its deletions before it closes.
    engine.consoles.shut_down();
    consoles.await;
}

/// Sends an event to the page.
type Emit = Box<dyn Fn(EngineEvent)>;

/// The receivers that wake the tasks of an engine.
struct Work {
    /// Wakes the checks.
    woken: Wake,
    /// Wakes the indexing of stored messages.
    kept: StoredSignal,
    /// Opens consoles.
    console_requests: ConsoleRequests,
}

/// An engine with an open store. Its tasks share it.
pub(super) struct Engine<P: Platform> {
    pub(super) platform: P,
    pub(super) relay: String,
    pub(super) store: Mutex<Store<P::Files>>,
    pub(super) accounts: Mutex<Accounts<P::Files, P::Vault>>,
    pub(super) checks: Checks,
    pub(super) journals: Journals,
    pub(super) search_lag: SearchLag,
    pub(super) consoles: ConsoleHandle,
    pub(super) emit: Emit,
}

impl<P: Platform> Engine<P> {
    async fn open(platform: P, relay: String, emit: Emit) -> Result<(Self, Work), (Emit, Problem)> {
        let opened = async {
            let place = platform.storage().await?;
            let mut accounts = Accounts::open(&place.files, platform.vault().await).await?;
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
        let (consoles, console_requests) = ConsoleHandle::new();
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
        let work = Work {
            woken,
            kept,
            console_requests,
        };
        Ok((engine, work))
    }

    pub(super) fn emit(&self, event: EngineEvent) {
        (self.emit)(event);
    }

    /// Reports a failure of a command that has no `request`.
    pub(super) fn complain(&self, result: Result<(), Problem>) {
        if let Err(problem) = result {
            self.emit(EngineEvent::StoreFailed { problem });
        }
    }

    /// Returns all mailboxes, as the page shows them.
    pub(super) async fn mailboxes(&self) -> Vec<Mailbox> {
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
                next_check: accounts.profile(state.id).pause_at(now),
            })
        };
        states.into_iter().filter_map(shown).collect()
    }

    /// Reports new settings or counts to the page.
    pub(super) async fn announce_mailboxes(&self) {
        let mailboxes = self.mailboxes().await;
        self.emit(EngineEvent::Mailbox(MailboxEvent::Changed { mailboxes }));
    }

    /// Reports damage that was repaired while the store was in use.
    pub(super) async fn announce_healed(&self) {
        let healed = self.store.lock().await.take_healed();
        if !healed.is_empty() {
            self.emit(EngineEvent::Healed { healed });
            self.announce_messages().await;
        }
    }

    /// Reports that messages changed, and with them the counts.
    pub(super) async fn announce_messages(&self) {
        self.emit(EngineEvent::Mail(MailEvent::Changed));
        self.announce_mailboxes().await;
    }
}
