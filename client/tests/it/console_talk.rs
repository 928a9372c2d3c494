//! A user at the console: types lines, and reads the results.

use restante_client::api::command::EngineCommand;
use restante_client::api::console::{ConsoleChange, ConsoleCommand, ConsoleEvent};
use restante_client::api::event::EngineEvent;
use restante_client::api::ids::MailboxId;
use restante_client::api::problem::Problem;
use restante_client::ui::words;

use crate::reader::Reader;
use crate::shown;

/// The result of a typed line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The answer has arrived, and this number of messages is marked.
    Ready(u32),
    /// The line was not sent.
    Rejected(String),
    /// The engine asks for confirmation.
    Confirm(String),
    /// The session has ended.
    Closed(Option<Problem>),
}

/// An open console.
pub(crate) struct Talk<'a> {
    pub(crate) reader: &'a mut Reader,
    mailbox: MailboxId,
    /// The lines so far that [`ask`](Self::ask) has not returned.
    pub(crate) lines: Vec<String>,
}

impl<'a> Talk<'a> {
    /// Opens a console, which must succeed.
    pub(crate) async fn open(reader: &'a mut Reader, mailbox: MailboxId) -> Self {
        let (talk, outcome) = Self::try_open(reader, mailbox).await;
        assert_eq!(outcome, Outcome::Ready(0));
        talk
    }

    /// Opens a console, which may fail.
    pub(crate) async fn try_open(reader: &'a mut Reader, mailbox: MailboxId) -> (Self, Outcome) {
        reader.ask(EngineCommand::Console(ConsoleCommand::Open { mailbox }));
        let mut talk = Self {
            reader,
            mailbox,
            lines: Vec::new(),
        };
        let outcome = talk.outcome().await;
        (talk, outcome)
    }

    /// Types a line, and returns the lines of its answer.
    pub(crate) async fn ask(&mut self, line: &str) -> Vec<String> {
        let before = self.lines.len();
        let outcome = self.say(line).await;
        assert!(matches!(outcome, Outcome::Ready(_)), "{outcome:?}");
        self.lines.split_off(before)
    }

    /// Types a line.
    pub(crate) async fn say(&mut self, line: &str) -> Outcome {
        self.send(line, false, false);
        self.outcome().await
    }

    /// Confirms a line that the engine asked about.
    pub(crate) async fn agree(&mut self, line: &str) -> Outcome {
        self.send(line, false, true);
        self.outcome().await
    }

    /// Marks message 1, as the first marked message.
    pub(crate) async fn mark_first(&mut self) {
        let outcome = self.say("DELE 1").await;
        assert!(matches!(outcome, Outcome::Confirm(_)), "{outcome:?}");
        assert_eq!(self.agree("DELE 1").await, Outcome::Ready(1));
    }

    pub(crate) fn send(&self, line: &str, several_lines: bool, confirmed: bool) {
        self.reader
            .ask(EngineCommand::Console(ConsoleCommand::Send {
                line: line.to_owned(),
                several_lines,
                confirmed,
            }));
    }

    /// Closes the console. Sends no command.
    pub(crate) async fn close(mut self) -> Outcome {
        self.reader
            .ask(EngineCommand::Console(ConsoleCommand::Close));
        self.outcome().await
    }

    /// Waits for the next lines.
    pub(crate) async fn more_lines(&mut self) {
        let mailbox = self.mailbox;
        let lines = self.reader.until(|event| match event {
            EngineEvent::Console(ConsoleEvent {
                mailbox: of,
                change: ConsoleChange::Lines { lines },
            }) if of == mailbox => Some(lines),
            _ => None,
        });
        self.lines.extend(shown::texts(&lines.await));
    }

    /// Waits until the console is ready for input, asks for confirmation, or has closed.
    pub(crate) async fn outcome(&mut self) -> Outcome {
        let mailbox = self.mailbox;
        loop {
            let change = self.reader.until(|event| match event {
                EngineEvent::Console(ConsoleEvent {
                    mailbox: of,
                    change,
                }) if of == mailbox => Some(change),
                _ => None,
            });
            match change.await {
                ConsoleChange::Lines { lines } => {
                    self.lines.extend(shown::texts(&lines));
                }
                ConsoleChange::Ready { marked } => return Outcome::Ready(marked),
                ConsoleChange::Rejected { reason } => {
                    return Outcome::Rejected(words::rejected_line(&reason));
                }
                ConsoleChange::Confirm { consequence, .. } => {
                    return Outcome::Confirm(words::consequence(consequence));
                }
                ConsoleChange::Closed { problem } => return Outcome::Closed(problem),
            }
        }
    }
}
