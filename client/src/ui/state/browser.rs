//! The browser's events.

use super::{BrowserEvent, Effect, PageState};
use crate::api::command::EngineCommand;
use crate::ui::route::Screen;

impl PageState {
    pub(super) fn on_browser_event(&mut self, event: BrowserEvent) -> Vec<Effect> {
        match event {
            BrowserEvent::Started { relay } => self.start(relay),
            BrowserEvent::WentTo(route) => self.go_to(route),
            BrowserEvent::Online(online) => {
                self.online = online;
                Vec::new()
            }
            BrowserEvent::Widened => {
                self.drawer = false;
                Vec::new()
            }
            BrowserEvent::Copied => {
                self.connection.copied = true;
                Vec::new()
            }
        }
    }

    fn start(&self, relay: String) -> Vec<Effect> {
        let mut effects = vec![Effect::Send(EngineCommand::Start { relay })];
        if self.route.screen != Screen::List {
            // Add a step for the list, so that Back leads to it and not out of the page.
            effects.push(Effect::Replace(self.route.list()));
            effects.push(Effect::Push(self.route));
        }
        effects
    }
}
