//! The bridge's answers.

use std::rc::Rc;

use super::{BridgeEvent, Effect, PageState};

impl PageState {
    pub(super) fn on_bridge_event(&mut self, event: BridgeEvent) -> Vec<Effect> {
        match event {
            BridgeEvent::Configured(config) => {
                self.demo = config.demo.map(Rc::new);
                self.sign_in = config.sign_in;
                self.refresh_demo()
            }
            BridgeEvent::SignedIn(result) => self.on_signed_in(result),
        }
    }
}
