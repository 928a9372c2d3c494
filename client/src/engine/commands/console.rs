//! The commands about the console.

use crate::api::console::ConsoleCommand;
use crate::engine::Engine;
use crate::engine::console::ConsoleLine;
use crate::engine::platform::Platform;

impl<P: Platform> Engine<P> {
    pub(super) fn handle_console(&self, command: ConsoleCommand) {
        match command {
            ConsoleCommand::Open { mailbox } => self.open_console(mailbox),
            ConsoleCommand::Send {
                line,
                several_lines,
                confirmed,
            } => self.consoles.send(ConsoleLine {
                text: line,
                several_lines,
                confirmed,
            }),
            ConsoleCommand::Close => self.consoles.close(),
        }
    }
}
