//! The page's state, without a browser: actions go in, the state changes, effects come out.

mod action;
mod checks;
mod connection;
mod console;
mod form;
mod from_engine;
mod from_reader;
mod list;
mod reading;
mod sign_in;
mod submission;

use std::rc::Rc;

use restante_shared::page::{DemoMaildrop, SignIn};

use super::route::{Route, Screen};
use crate::api::command::EngineCommand;
use crate::api::console::Consequence;
use crate::api::ids::{MailboxId, RequestId};
use crate::api::mail::MessageQuery;
use crate::api::mailbox::{Mailbox, MailboxCommand};
use crate::api::problem::Problem;
use crate::api::settings::Secret;
use crate::api::storage::{Healing, Storage};

pub use action::{Action, Effect, Focus};
pub use checks::Checks;
pub use connection::{Connection, ConnectionWish, Session, Tab};
pub use console::{Console, Phase};
pub use form::{Attempt, Edit, Failure, Field, FieldError, Form, demo_settings};
pub use list::List;
pub use reading::Reading;
pub use sign_in::{SignInFailure, SignInWish, SigningIn};

/// All that the page knows.
#[derive(Debug, Clone)]
pub struct State {
    /// Whether the engine can be spoken to.
    pub engine: Engine,
    /// The demo maildrop of this bridge, if it has one.
    pub demo: Option<Rc<DemoMaildrop>>,
    /// What the bridge can be signed in to with.
    pub sign_in: SignIn,
    /// Every mailbox; none while the engine has not told.
    pub mailboxes: Vec<Mailbox>,
    /// Where the reader is.
    pub route: Route,
    /// The form for a mailbox: a new one, or one whose settings are changed.
    pub form: Form,
    /// The message list.
    pub list: Rc<List>,
    /// What the search box has; the list may still have to follow.
    pub search: String,
    /// The message that is open.
    pub reading: Reading,
    /// The checks of mail.
    pub checks: Checks,
    /// What is known of the connection to a mailbox's server.
    pub connection: Connection,
    /// The console, open or not.
    pub console: Console,
    /// The dialog in front, if any.
    pub dialog: Option<Dialog>,
    /// What the reader has not put away yet, oldest first.
    pub notices: Vec<Notice>,
    /// Whether this device has a network, as far as the browser knows.
    pub online: bool,
    /// Whether the mailbox pane is open where the page is too narrow to show it always.
    pub drawer: bool,
    /// Whether there were mailboxes the last time, which saves them the first-run page.
    expects_mailboxes: bool,
    last_request: RequestId,
}

/// Whether the engine can be spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// It is being loaded or is opening its store.
    Loading,
    /// Its code could not be loaded.
    Absent,
    /// It broke down.
    Stopped,
    /// Another tab holds the store.
    Occupied,
    /// The store cannot be opened.
    Unusable(Problem),
    /// It works.
    Ready(Storage),
}

/// The page to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The engine could not be loaded, or broke down.
    NoEngine,
    /// Another tab holds the store.
    Occupied,
    /// The store cannot be opened.
    Unusable,
    /// There is no mailbox yet.
    FirstRun,
    /// Another mailbox is being added.
    AddMailbox,
    /// The settings of a mailbox are being changed.
    Settings,
    /// What is known of the connection to a mailbox's server.
    Connection,
    /// The mail.
    Mail,
}

/// A dialog in front of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialog {
    /// The password of a mailbox is needed.
    Password {
        /// Which one.
        mailbox: MailboxId,
        /// Whether the last one was refused.
        refused: bool,
        /// The password as typed.
        password: Secret,
        /// Whether to keep it on this device.
        remember: bool,
    },
    /// The bridge wants to know who it serves.
    SignIn(SigningIn),
    /// A mailbox is about to be removed.
    Remove(MailboxId),
    /// A line of the console is about to be sent that does more than ask.
    Confirm {
        /// The line.
        line: String,
        /// Whether its answer has several lines.
        several_lines: bool,
        /// What it will do, as a sentence.
        consequence: Consequence,
    },
    /// The source of the open message.
    Source {
        /// The request for it.
        request: RequestId,
        /// Its octets, once they are here.
        octets: Option<Rc<[u8]>>,
    },
}

/// Something to tell the reader until it is put away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A check failed.
    Check {
        /// Of which mailbox.
        mailbox: MailboxId,
        /// Why.
        problem: Problem,
    },
    /// Something else failed.
    Failed(Problem),
    /// What was healed at the start.
    Healed(Vec<Healing>),
}

impl Dialog {
    /// The dialog that asks for a password.
    fn password(mailbox: MailboxId, refused: bool) -> Self {
        Self::Password {
            mailbox,
            refused,
            password: Secret::new(String::new()),
            remember: true,
        }
    }
}

impl State {
    /// The state before anything has happened.
    #[must_use]
    pub fn new(route: Route, expects_mailboxes: bool, online: bool) -> Self {
        Self {
            engine: Engine::Loading,
            demo: None,
            sign_in: SignIn::default(),
            mailboxes: Vec::new(),
            route,
            form: Form::default(),
            list: Rc::default(),
            search: String::new(),
            reading: Reading::default(),
            checks: Checks::default(),
            connection: Connection::default(),
            console: Console::default(),
            dialog: None,
            notices: Vec::new(),
            online,
            drawer: false,
            expects_mailboxes,
            last_request: 0,
        }
    }

    /// The page to draw.
    #[must_use]
    pub fn page(&self) -> Page {
        match &self.engine {
            Engine::Absent | Engine::Stopped => Page::NoEngine,
            Engine::Occupied => Page::Occupied,
            Engine::Unusable(_) => Page::Unusable,
            Engine::Loading if !self.expects_mailboxes => Page::FirstRun,
            Engine::Ready(_) if self.mailboxes.is_empty() => Page::FirstRun,
            Engine::Loading | Engine::Ready(_) => match self.route.screen {
                Screen::AddMailbox => Page::AddMailbox,
                Screen::Settings if self.form.editing.is_some() => Page::Settings,
                Screen::Connection if self.chosen().is_some() => Page::Connection,
                Screen::List | Screen::Message(_) | Screen::Settings | Screen::Connection => {
                    Page::Mail
                }
            },
        }
    }

    /// The title of the browser's tab. Subjects are not in it: browsers keep titles in their history,
    /// and send that to whoever synchronises it.
    #[must_use]
    pub fn title(&self) -> String {
        let place = match self.page() {
            Page::AddMailbox => Some("Add a mailbox"),
            Page::Settings => Some("Mailbox settings"),
            Page::Connection => Some("Connection"),
            Page::NoEngine | Page::Occupied | Page::Unusable | Page::FirstRun | Page::Mail => None,
        };
        if let Some(place) = place {
            return format!("{place} \u{b7} Restante");
        }
        match self.mailboxes.iter().map(|m| m.unread).sum::<u32>() {
            0 => "Restante".to_owned(),
            unread => format!("({unread}) Restante"),
        }
    }

    /// A mailbox by its identity.
    #[must_use]
    pub fn mailbox(&self, id: MailboxId) -> Option<&Mailbox> {
        self.mailboxes.iter().find(|mailbox| mailbox.id == id)
    }

    /// The mailbox that the page's address names.
    #[must_use]
    pub fn chosen(&self) -> Option<&Mailbox> {
        self.route.mailbox.and_then(|id| self.mailbox(id))
    }

    /// Whether the demo mailbox can be offered: the bridge has one, and it is not here yet.
    #[must_use]
    pub fn offers_demo(&self) -> bool {
        self.demo.is_some() && !self.mailboxes.iter().any(|m| m.settings.demo)
    }

    /// Lets something happen; the effects are to be carried out in order.
    #[must_use = "without its effects an action is half done"]
    pub fn apply(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Begin { relay } => self.begin(relay),
            Action::Engine(event) => self.hear(event),
            Action::EngineLost => {
                self.engine = match self.engine {
                    Engine::Loading | Engine::Absent => Engine::Absent,
                    Engine::Occupied | Engine::Unusable(_) | Engine::Ready(_) | Engine::Stopped => {
                        Engine::Stopped
                    }
                };
                self.dialog = None;
                Vec::new()
            }
            Action::Configured(config) => {
                self.demo = config.demo.map(Rc::new);
                self.sign_in = config.sign_in;
                self.refresh_demo()
            }
            Action::Online(online) => {
                self.online = online;
                Vec::new()
            }
            wish => self.obey(wish),
        }
    }

    fn begin(&mut self, relay: String) -> Vec<Effect> {
        let mut effects = vec![Effect::Send(EngineCommand::Start { relay })];
        if self.route.screen != Screen::List {
            // A step below, so that Back leads to the list and not out of the page.
            effects.push(Effect::Replace(self.route.list()));
            effects.push(Effect::Push(self.route));
        }
        effects
    }

    /// Lists the chosen mailbox from its top.
    fn list_again(&mut self) -> Vec<Effect> {
        let query = MessageQuery {
            mailbox: self.route.mailbox,
            search: self.search.clone(),
        };
        if !matches!(self.engine, Engine::Ready(_)) {
            return Vec::new();
        }
        let commands = Rc::make_mut(&mut self.list).list(query, &mut self.last_request);
        send(commands)
    }

    fn notify(&mut self, notice: Notice) {
        let same = |other: &Notice| match (&notice, other) {
            (Notice::Check { mailbox: a, .. }, Notice::Check { mailbox: b, .. }) => a == b,
            (a, b) => a == b,
        };
        self.notices.retain(|n| !same(n));
        self.notices.push(notice);
    }

    fn put_away(&mut self, mut which: impl FnMut(&Notice) -> bool) {
        self.notices.retain(|notice| !which(notice));
    }

    /// The demo maildrop has a new certification authority at every start of its bridge.
    fn refresh_demo(&self) -> Vec<Effect> {
        let Some(fresh) = self.demo.as_deref().and_then(demo_settings) else {
            return Vec::new();
        };
        self.mailboxes
            .iter()
            .filter(|mailbox| mailbox.settings.demo && mailbox.settings != fresh)
            .map(|mailbox| {
                Effect::Send(EngineCommand::Mailbox(MailboxCommand::UpdateSettings {
                    mailbox: mailbox.id,
                    settings: fresh.clone(),
                }))
            })
            .collect()
    }
}

fn send(commands: Vec<EngineCommand>) -> Vec<Effect> {
    commands.into_iter().map(Effect::Send).collect()
}

#[cfg(test)]
mod tests;
