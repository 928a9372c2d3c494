//! The state as a whole, and the dispatch of actions.

use std::rc::Rc;

use restante_shared::page::{DemoMaildrop, SignIn};

use super::{
    Action, CheckStatus, ConnectionView, ConsoleState, Dialog, Effect, EngineReport, ListState,
    MailboxForm, Notice, ReadingPane, demo_settings,
};
use crate::api::command::EngineCommand;
use crate::api::ids::{MailboxId, RequestId};
use crate::api::mail::MessageQuery;
use crate::api::mailbox::{Mailbox, MailboxCommand};
use crate::api::problem::Problem;
use crate::api::storage::Storage;
use crate::ui::route::Route;

/// The state of the page.
#[derive(Debug, Clone)]
pub struct PageState {
    /// The status of the engine.
    pub engine: EngineStatus,
    /// The demo maildrop of this bridge, if it has one.
    pub demo: Option<Rc<DemoMaildrop>>,
    /// The kinds of credentials with which the user can sign in to the bridge.
    pub sign_in: SignIn,
    /// All mailboxes; empty until the engine has reported them.
    pub mailboxes: Vec<Mailbox>,
    /// The current location in the page.
    pub route: Route,
    /// The form for a new mailbox, or for the settings of an existing one.
    pub form: MailboxForm,
    /// The message list.
    pub list: ListState,
    /// The text of the search box. The list follows after a pause in typing.
    pub search: String,
    /// The open message.
    pub reading: ReadingPane,
    /// The mail checks.
    pub checks: CheckStatus,
    /// The connection page.
    pub connection: ConnectionView,
    /// The console, open or not.
    pub console: ConsoleState,
    /// The open dialog.
    pub dialog: Option<Dialog>,
    /// The notices that the user has not dismissed, oldest first.
    pub notices: Vec<Notice>,
    /// True if this device has a network, as far as the browser knows.
    pub online: bool,
    /// True if the mailbox pane is open on a page that is too narrow to show it always.
    pub drawer: bool,
    /// True if there were mailboxes at the last visit. The first-run page is not drawn then.
    pub(super) expects_mailboxes: bool,
    pub(super) last_request: RequestId,
}

/// The status of the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineStatus {
    /// It is being loaded, or is opening its store.
    Loading,
    /// Its code could not be loaded.
    Absent,
    /// It crashed.
    Stopped,
    /// Another tab holds the store.
    Occupied,
    /// The store cannot be opened.
    Unusable(Problem),
    /// It works.
    Ready(Storage),
}

impl PageState {
    /// Returns the state before any action.
    #[must_use]
    pub fn new(route: Route, expects_mailboxes: bool, online: bool) -> Self {
        Self {
            engine: EngineStatus::Loading,
            demo: None,
            sign_in: SignIn::default(),
            mailboxes: Vec::new(),
            route,
            form: MailboxForm::default(),
            list: ListState::default(),
            search: String::new(),
            reading: ReadingPane::default(),
            checks: CheckStatus::default(),
            connection: ConnectionView::default(),
            console: ConsoleState::default(),
            dialog: None,
            notices: Vec::new(),
            online,
            drawer: false,
            expects_mailboxes,
            last_request: 0,
        }
    }

    /// Returns a mailbox by its identity.
    #[must_use]
    pub fn mailbox(&self, id: MailboxId) -> Option<&Mailbox> {
        self.mailboxes.iter().find(|mailbox| mailbox.id == id)
    }

    /// Returns the mailbox in the page's address.
    #[must_use]
    pub fn chosen(&self) -> Option<&Mailbox> {
        self.route.mailbox.and_then(|id| self.mailbox(id))
    }

    /// True if the bridge has a demo mailbox that is not on this device yet.
    #[must_use]
    pub fn offers_demo(&self) -> bool {
        self.demo.is_some() && !self.mailboxes.iter().any(|m| m.settings.demo)
    }

    /// Applies an action. Returns the effects to perform, in order.
    #[must_use = "an action is incomplete without its effects"]
    pub fn apply(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::User(action) => self.on_user_action(action),
            Action::Engine(EngineReport::Event(event)) => self.on_engine_event(event),
            Action::Engine(EngineReport::Lost) => self.on_engine_lost(),
            Action::Browser(event) => self.on_browser_event(event),
            Action::Bridge(event) => self.on_bridge_event(event),
        }
    }

    /// Returns the number of a new request.
    pub(super) fn next_request(&mut self) -> RequestId {
        self.last_request += 1;
        self.last_request
    }

    /// Lists the chosen mailbox from the top.
    pub(super) fn list_again(&mut self) -> Vec<Effect> {
        if !matches!(self.engine, EngineStatus::Ready(_)) {
            return Vec::new();
        }
        let query = MessageQuery {
            mailbox: self.route.mailbox,
            search: self.search.clone(),
        };
        send(self.list.list(query, &mut self.last_request))
    }

    /// Updates the settings of the demo mailbox, whose bridge has a new certification authority at
    /// every start.
    pub(super) fn refresh_demo(&self) -> Vec<Effect> {
        let Some(fresh) = self.demo.as_deref().and_then(demo_settings) else {
            return Vec::new();
        };
        let outdated = self
            .mailboxes
            .iter()
            .filter(|mailbox| mailbox.settings.demo && mailbox.settings != fresh);
        let updates = outdated.map(|mailbox| {
            EngineCommand::Mailbox(MailboxCommand::UpdateSettings {
                mailbox: mailbox.id,
                settings: fresh.clone(),
            })
        });
        send(updates)
    }
}

/// Returns the effects that send commands to the engine.
pub(super) fn send(commands: impl IntoIterator<Item = EngineCommand>) -> Vec<Effect> {
    commands.into_iter().map(Effect::Send).collect()
}
