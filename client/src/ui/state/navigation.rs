//! Navigation: the route, the browser's history, and the data that each screen needs.

use super::page_state::send;
use super::{Effect, Focus, MailboxForm, Page, PageState};
use crate::api::ids::{MailboxId, MessageId, PartId};
use crate::ui::route::{Route, Screen};

impl PageState {
    /// Goes to a screen that takes one step of history, whatever screen was shown before.
    pub(super) fn visit(&mut self, mailbox: Option<MailboxId>, screen: Screen) -> Vec<Effect> {
        self.drawer = false;
        let next = Route { mailbox, screen };
        let step = match self.route.screen {
            Screen::Connection | Screen::Settings => Effect::Replace(next),
            Screen::List | Screen::Message(..) | Screen::AddMailbox => Effect::Push(next),
        };
        self.route = next;
        let mut effects = vec![step];
        effects.extend(self.enter());
        effects.push(Effect::Focus(Focus::Heading));
        effects
    }

    /// Prepares the data of the current screen.
    pub(super) fn enter(&mut self) -> Vec<Effect> {
        match (self.route.screen, self.chosen()) {
            (Screen::Settings, Some(mailbox)) => {
                self.form = MailboxForm::of(mailbox);
                Vec::new()
            }
            (Screen::AddMailbox, _) if self.form.editing.is_some() => {
                self.form = MailboxForm::default();
                Vec::new()
            }
            (Screen::Connection, Some(mailbox)) => {
                let mailbox = mailbox.id;
                self.connection.enter(mailbox);
                self.load_report(mailbox)
            }
            _ => Vec::new(),
        }
    }

    /// Follows the browser's Back and Forward.
    pub(super) fn go_to(&mut self, route: Route) -> Vec<Effect> {
        let before = std::mem::replace(&mut self.route, route);
        self.dialog = None;
        self.drawer = false;
        let mut effects = Vec::new();
        let lists = matches!(route.screen, Screen::List | Screen::Message(..));
        if lists && self.list.query.mailbox != route.mailbox {
            self.search.clear();
            effects.extend(self.list_again());
        }
        effects.extend(self.enter());
        match route.screen {
            Screen::Message(id, part) if self.reading.open_part() != Some((id, part)) => {
                let open = self.reading.open((id, part), false, &mut self.last_request);
                effects.push(Effect::Send(open));
                self.reading.focus = Some(Focus::Message { if_lost: false });
            }
            // The focused element of the form is gone.
            Screen::Message(..) => effects.push(Effect::Focus(Focus::Message { if_lost: true })),
            Screen::List => {
                self.reading.close();
                match before.screen {
                    Screen::Message(..) => effects.push(Effect::Focus(Focus::Row)),
                    Screen::AddMailbox | Screen::Settings | Screen::Connection => {
                        effects.push(Effect::Focus(Focus::Heading));
                    }
                    Screen::List => {}
                }
            }
            Screen::AddMailbox | Screen::Settings | Screen::Connection => {
                effects.push(Effect::Focus(Focus::Heading));
            }
        }
        effects
    }

    /// Goes back one step, except from the list, which is the first step of the page.
    pub(super) fn back(&self) -> Vec<Effect> {
        match self.route.screen {
            Screen::List => Vec::new(),
            Screen::Message(..) | Screen::AddMailbox | Screen::Settings | Screen::Connection => {
                vec![Effect::GoBack]
            }
        }
    }

    /// Lists the messages of a mailbox, or of all.
    pub(super) fn choose(&mut self, mailbox: Option<MailboxId>) -> Vec<Effect> {
        self.drawer = false;
        let mut effects = self.leave_connection();
        self.route.mailbox = mailbox;
        effects.push(Effect::Replace(self.route));
        effects.extend(self.list_again());
        effects
    }

    /// Lists the messages that match the search box, unless they are listed already.
    pub(super) fn search(&mut self) -> Vec<Effect> {
        if self.search == self.list.query.search {
            return Vec::new();
        }
        let mut effects = self.leave_connection();
        effects.extend(self.list_again());
        effects
    }

    /// Replaces the connection page with the list.
    fn leave_connection(&mut self) -> Vec<Effect> {
        if self.route.screen != Screen::Connection {
            return Vec::new();
        }
        self.route = Route {
            mailbox: self.list.query.mailbox,
            screen: Screen::List,
        };
        vec![Effect::Replace(self.route)]
    }

    /// Opens a message.
    pub(super) fn open(&mut self, id: MessageId, by_key: bool) -> Vec<Effect> {
        if self.page() != Page::Mail {
            return Vec::new();
        }
        if let Some(index) = self.list.position(id) {
            self.list.activate(index);
        }
        let next = Route {
            screen: Screen::Message(id, PartId::default()),
            ..self.route
        };
        let open = self
            .reading
            .open((id, PartId::default()), false, &mut self.last_request);
        self.reading.focus = Some(Focus::Message { if_lost: !by_key });
        // All messages share one step of history, so that Back always leads to the list.
        let step = match self.route.screen {
            Screen::Message(..) => Effect::Replace(next),
            Screen::List | Screen::AddMailbox | Screen::Settings | Screen::Connection => {
                Effect::Push(next)
            }
        };
        self.route = next;
        vec![step, Effect::Send(open)]
    }

    /// Opens a message that is attached to the open one, in a step of history of its own.
    pub(super) fn open_attached(&mut self, part: PartId) -> Vec<Effect> {
        let Some(id) = self.reading.id else {
            return Vec::new();
        };
        self.route.screen = Screen::Message(id, part);
        let open = self.reading.open((id, part), false, &mut self.last_request);
        self.reading.focus = Some(Focus::Message { if_lost: false });
        vec![Effect::Push(self.route), Effect::Send(open)]
    }

    /// Opens the message `by` rows below the active one.
    pub(super) fn step(&mut self, by: i32) -> Vec<Effect> {
        let index = self.list.active.saturating_add_signed(by);
        let row = self.list.row(index).map(|row| row.id);
        row.map_or_else(Vec::new, |id| self.open(id, true))
    }

    /// Requests the rows that became visible.
    pub(super) fn look(&mut self, from: u32, to: u32) -> Vec<Effect> {
        send(self.list.look(from..to, &mut self.last_request))
    }
}
