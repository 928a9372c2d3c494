//! The commands about mail checks.

use crate::api::check::CheckCommand;
use crate::engine::Engine;
use crate::engine::jobs::queue::Job;
use crate::engine::platform::Platform;

impl<P: Platform> Engine<P> {
    pub(super) async fn handle_check(&self, command: CheckCommand) {
        match command {
            CheckCommand::Start {
                mailbox: Some(mailbox),
            } => self.checks.push(Job::Check(mailbox)),
            CheckCommand::Start { mailbox: None } => {
                for mailbox in self.mailboxes().await {
                    self.checks.push(Job::Check(mailbox.id));
                }
            }
        }
    }
}
