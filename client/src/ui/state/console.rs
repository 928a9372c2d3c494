//! The console: a live session with a maildrop, one line at a time.

use super::{Dialog, Effect, Focus, PageState};
use crate::api::command::EngineCommand;
use crate::api::console::{ConsoleChange, ConsoleCommand, ConsoleEvent, RejectedLine};
use crate::api::ids::MailboxId;
use crate::api::problem::Problem;
use crate::ui::transcript::TranscriptLog;

/// The maximum number of lines that can be recalled.
const REMEMBERED: usize = 100;

/// The console.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsoleState {
    /// The mailbox of the session, or of the last one.
    pub mailbox: Option<MailboxId>,
    /// The phase of the session.
    pub phase: ConsolePhase,
    /// The transcript.
    pub log: TranscriptLog,
    /// The number of messages marked to be deleted.
    pub marked: u32,
    /// The line as typed.
    pub line: String,
    /// True if its reply is multi-line. Used only for commands that the engine does not know.
    pub several_lines: bool,
    /// The reason why the last line was not sent.
    pub rejected: Option<RejectedLine>,
    /// The reason why the session ended or did not begin.
    pub problem: Option<Problem>,
    sent: Vec<String>,
    /// The position in `sent` of the recalled line.
    recalled: usize,
}

/// A phase of the console's session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ConsolePhase {
    /// There is no session.
    #[default]
    Closed,
    /// The engine is connecting and logging in.
    Opening,
    /// A line can be sent.
    Ready,
    /// A reply is pending.
    Waiting,
}

/// An action of the user in the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsoleAction {
    /// Opens a console.
    Open,
    /// Closes the console.
    Close,
    /// Types into the input line.
    Type(String),
    /// Decides if the reply to the line is multi-line.
    SeveralLines(bool),
    /// Sends the line.
    Send,
    /// Recalls a line that was sent.
    Recall {
        /// True for the line before the one shown, false for the line after it.
        earlier: bool,
    },
    /// Confirms the line that the engine asked about.
    Confirm,
}

impl ConsoleState {
    /// True if there is a session with this mailbox's server, or one is being opened.
    #[must_use]
    pub fn is_open(&self, mailbox: MailboxId) -> bool {
        self.phase != ConsolePhase::Closed && self.mailbox == Some(mailbox)
    }

    /// Sends the line.
    fn send(&mut self) -> Option<Effect> {
        let line = self.line.trim().to_owned();
        if self.phase != ConsolePhase::Ready || line.is_empty() {
            return None;
        }
        self.line.clear();
        let several_lines = std::mem::take(&mut self.several_lines);
        self.sent.retain(|sent| *sent != line);
        if self.sent.len() == REMEMBERED {
            self.sent.remove(0);
        }
        self.sent.push(line.clone());
        self.recalled = self.sent.len();
        Some(self.submit(line, several_lines, false))
    }

    fn submit(&mut self, line: String, several_lines: bool, confirmed: bool) -> Effect {
        self.phase = ConsolePhase::Waiting;
        self.rejected = None;
        Effect::Send(EngineCommand::Console(ConsoleCommand::Send {
            line,
            several_lines,
            confirmed,
        }))
    }

    /// Recalls a line that was sent.
    fn recall(&mut self, earlier: bool) {
        let at = if earlier {
            self.recalled.saturating_sub(1)
        } else {
            (self.recalled + 1).min(self.sent.len())
        };
        if at != self.recalled {
            self.recalled = at;
            self.line = self.sent.get(at).cloned().unwrap_or_default();
        }
    }
}

impl PageState {
    pub(super) fn on_console_action(&mut self, action: ConsoleAction) -> Vec<Effect> {
        match action {
            ConsoleAction::Open => self.open_console(),
            ConsoleAction::Close => {
                vec![Effect::Send(EngineCommand::Console(ConsoleCommand::Close))]
            }
            ConsoleAction::Type(text) => {
                self.console.line = text;
                Vec::new()
            }
            ConsoleAction::SeveralLines(several) => {
                self.console.several_lines = several;
                Vec::new()
            }
            ConsoleAction::Send => self.console.send().into_iter().collect(),
            ConsoleAction::Recall { earlier } => {
                self.console.recall(earlier);
                Vec::new()
            }
            ConsoleAction::Confirm => self.confirm(),
        }
    }

    /// Opens a console for the mailbox that the user is viewing.
    fn open_console(&mut self) -> Vec<Effect> {
        let Some(mailbox) = self.route.mailbox else {
            return Vec::new();
        };
        if self.console.phase != ConsolePhase::Closed {
            return Vec::new();
        }
        self.console = ConsoleState {
            mailbox: Some(mailbox),
            phase: ConsolePhase::Opening,
            sent: std::mem::take(&mut self.console.sent),
            ..ConsoleState::default()
        };
        self.console.recalled = self.console.sent.len();
        vec![
            Effect::Send(EngineCommand::Console(ConsoleCommand::Open { mailbox })),
            Effect::Focus(Focus::Console),
        ]
    }

    pub(super) fn on_console_event(&mut self, event: ConsoleEvent) -> Vec<Effect> {
        let ConsoleEvent { mailbox, change } = event;
        let console = &mut self.console;
        if !console.is_open(mailbox) {
            return Vec::new();
        }
        match change {
            ConsoleChange::Ready { marked } => {
                let opened = console.phase == ConsolePhase::Opening;
                console.phase = ConsolePhase::Ready;
                console.marked = marked;
                let focus = opened.then_some(Effect::Focus(Focus::Console));
                focus.into_iter().collect()
            }
            ConsoleChange::Lines { lines } => {
                console.log.push(&lines);
                Vec::new()
            }
            ConsoleChange::Rejected { reason } => {
                console.phase = ConsolePhase::Ready;
                console.rejected = Some(reason);
                // It was not sent, so it does not belong in the history. It may contain a password.
                let line = console.sent.pop().unwrap_or_default();
                console.recalled = console.sent.len();
                if console.line.is_empty() {
                    console.line = line;
                }
                Vec::new()
            }
            ConsoleChange::Confirm {
                line,
                several_lines,
                consequence,
            } => {
                console.phase = ConsolePhase::Ready;
                self.dialog = Some(Dialog::Confirm {
                    line,
                    several_lines,
                    consequence,
                });
                Vec::new()
            }
            ConsoleChange::Closed { problem } => {
                console.phase = ConsolePhase::Closed;
                console.marked = 0;
                console.problem = problem;
                if matches!(self.dialog, Some(Dialog::Confirm { .. })) {
                    self.dialog = None;
                }
                let mut effects = self.load_report(mailbox);
                effects.push(Effect::Focus(Focus::Console));
                effects
            }
        }
    }

    /// Sends the line that the user confirmed.
    fn confirm(&mut self) -> Vec<Effect> {
        let Some(Dialog::Confirm {
            line,
            several_lines,
            ..
        }) = self
            .dialog
            .take_if(|dialog| matches!(dialog, Dialog::Confirm { .. }))
        else {
            return Vec::new();
        };
        vec![
            self.console.submit(line, several_lines, true),
            Effect::Focus(Focus::Console),
        ]
    }
}
