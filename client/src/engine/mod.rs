//! The mail engine: checks mail, keeps it, finds it and makes it safe to show.
//!
//! [`run`] is its whole life: it opens the store, then answers [`command`]s by [`event`]s and checks
//! mail, side by side on one thread. It reaches the world through a [`platform::Platform`] only, so
//! that all of it runs under plain `cargo test`.

mod accounts;
mod answers;
pub mod check;
mod checks;
pub mod command;
pub mod delivery;
pub mod event;
pub mod index;
pub mod mime;
pub mod platform;
mod runs;
pub mod spool;
pub mod store;
#[cfg(target_arch = "wasm32")]
pub mod worker;

use futures::channel::mpsc;
use futures::lock::Mutex;
use futures::{StreamExt as _, future};

use accounts::Accounts;
use checks::{Checks, Wake};
use command::{EngineCommand, MailboxSettings};
use event::{EngineEvent, Mailbox, Problem};
use index::MailboxState;
use platform::Platform;
use spool::Files;
use store::Store;

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
    let (engine, woken) = match Engine::open(platform, relay, Box::new(emit)).await {
        Ok(opened) => opened,
        Err((emit, problem)) => return emit(EngineEvent::Unusable { problem }),
    };
    // Whichever ends first ends the engine: that is the commands, when the page is gone.
    let answers = Box::pin(engine.answer_commands(commands));
    let runs = Box::pin(engine.run_checks(woken));
    future::select(answers, runs).await;
}

/// Sends an event to the page.
type Emit = Box<dyn Fn(EngineEvent)>;

/// An open store with what is done to it.
struct Engine<P: Platform> {
    platform: P,
    relay: String,
    store: Mutex<Store<P::Files>>,
    accounts: Mutex<Accounts<P::Files>>,
    checks: Checks,
    emit: Emit,
}

impl<P: Platform> Engine<P> {
    async fn open(platform: P, relay: String, emit: Emit) -> Result<(Self, Wake), (Emit, Problem)> {
        let opened = async {
            let place = platform.storage().await?;
            let mut accounts = Accounts::open(&place.files).await?;
            let (mut store, healed) =
                Store::open(place.files, place.index, platform.clock()).await?;
            clear_left_overs(&mut store, &mut accounts).await?;
            Ok((place.storage, accounts, store, healed))
        };
        let (storage, accounts, store, healed) = match opened.await {
            Ok(opened) => opened,
            Err(problem) => return Err((emit, problem)),
        };
        let (checks, woken) = Checks::new();
        let (store, accounts) = (Mutex::new(store), Mutex::new(accounts));
        let engine = Self {
            platform,
            relay,
            store,
            accounts,
            checks,
            emit,
        };
        let mailboxes = engine.mailboxes().await;
        engine.emit(EngineEvent::Ready {
            storage,
            healed,
            mailboxes,
        });
        Ok((engine, woken))
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
        let shown = |state: MailboxState| {
            Some(Mailbox {
                id: state.id,
                settings: accounts.settings(state.id)?.clone(),
                has_password: accounts.password(state.id).is_some(),
                messages: state.messages,
                unread: state.unread,
                last_check: state.last_check,
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

/// Makes store and accounts agree after a crash between the two, or the loss of the accounts.
async fn clear_left_overs<F: Files + Clone>(
    store: &mut Store<F>,
    accounts: &mut Accounts<F>,
) -> Result<(), Problem> {
    let states = store.mailboxes().await?;
    accounts.retain(|mailbox| states.iter().any(|state| state.id == mailbox))?;
    for state in states {
        if accounts.settings(state.id).is_some() {
            continue;
        }
        if state.messages == 0 {
            store.remove_mailbox(state.id).await?;
        } else {
            accounts.set_settings(state.id, MailboxSettings::lost(state.id))?;
        }
    }
    Ok(())
}
