//! The connection page: its sessions, the server's report card and the console.

use super::{Effect, Focus, PageState};
use crate::api::command::EngineCommand;
use crate::api::ids::{MailboxId, RequestId};
use crate::api::problem::Problem;
use crate::api::report::{ConnectionReport, ReportCommand, ServerReport, SessionRecord};
use crate::ui::route::Screen;
use crate::ui::transcript::{self, TranscriptLog};

/// The content of the connection page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionView {
    /// The selected tab.
    pub tab: Tab,
    /// True after the first report has loaded.
    pub is_known: bool,
    /// The report on the server; absent before the first login.
    pub server: Option<ServerReport>,
    /// The last sessions, newest first.
    pub sessions: Vec<SessionView>,
    /// The position of the session that is shown.
    pub shown: usize,
    /// True if the session shown was just copied.
    pub copied: bool,
    /// The reason why the report could not be loaded.
    pub problem: Option<Problem>,
    mailbox: Option<MailboxId>,
    asked: Option<RequestId>,
}

/// A tab of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tab {
    /// The last sessions.
    #[default]
    Sessions,
    /// The server's report card.
    Server,
    /// The console.
    Console,
}

impl Tab {
    /// All tabs, in their order.
    pub const ALL: [Self; 3] = [Self::Sessions, Self::Server, Self::Console];

    /// Returns the tab `by` places to the right. The first follows the last.
    fn next(self, by: isize) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        let next = at.wrapping_add_signed(by).wrapping_add(Self::ALL.len());
        let next = Self::ALL.get(next % Self::ALL.len());
        next.copied().unwrap_or_default()
    }
}

/// A session, prepared for drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// The record of the session.
    pub record: SessionRecord,
    /// The transcript, as it is drawn.
    pub log: TranscriptLog,
}

/// An action of the user on the connection page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionAction {
    /// Selects a tab.
    Show(Tab),
    /// Selects the tab this number of places to the right (or left), with the keyboard.
    Turn(isize),
    /// Shows the session at this position.
    Session(usize),
    /// Copies the session shown. The value is its start time in ISO 8601.
    Copy(String),
    /// Downloads the session shown. The value is its start time in ISO 8601.
    Save(String),
}

impl ConnectionView {
    /// Shows a mailbox. For another mailbox than before, the first tab is selected.
    pub(super) fn enter(&mut self, mailbox: MailboxId) {
        if self.mailbox != Some(mailbox) {
            *self = Self {
                mailbox: Some(mailbox),
                ..Self::default()
            };
        }
        self.copied = false;
    }

    /// Stores the report, if it is the requested one. The same session stays selected, except that
    /// the newest is replaced by a newer one.
    pub(super) fn receive(&mut self, request: RequestId, report: &ConnectionReport) {
        if self.asked != Some(request) {
            return;
        }
        let newest = |sessions: &[SessionView]| sessions.first().map(|s| s.record.began);
        let shown = self.sessions.get(self.shown).map(|s| s.record.began);
        let follows = shown == newest(&self.sessions);
        self.asked = None;
        self.is_known = true;
        self.problem = None;
        self.server.clone_from(&report.server);
        self.sessions = report
            .sessions
            .iter()
            .map(|record| SessionView {
                log: TranscriptLog::of(&record.lines),
                record: record.clone(),
            })
            .collect();
        let same = |session: &SessionView| Some(session.record.began) == shown;
        let still = self.sessions.iter().position(same);
        self.shown = still.filter(|_| !follows).unwrap_or(0);
        self.copied = false;
    }

    /// Records that the report could not be loaded. Returns true if it is the requested one.
    pub(super) fn fail(&mut self, request: RequestId, problem: &Problem) -> bool {
        let expected = self.asked == Some(request);
        if expected {
            self.asked = None;
            self.problem = Some(problem.clone());
        }
        expected
    }

    /// Returns the session shown.
    #[must_use]
    pub fn session(&self) -> Option<&SessionView> {
        self.sessions.get(self.shown)
    }
}

impl PageState {
    /// Requests the report on a connection, if the user is viewing it.
    pub(super) fn load_report(&mut self, mailbox: MailboxId) -> Vec<Effect> {
        let seen = self.route.screen == Screen::Connection && self.route.mailbox == Some(mailbox);
        if !seen {
            return Vec::new();
        }
        let request = self.next_request();
        self.connection.asked = Some(request);
        vec![Effect::Send(EngineCommand::Report(ReportCommand::Load {
            request,
            mailbox,
        }))]
    }

    pub(super) fn on_connection_action(&mut self, action: ConnectionAction) -> Vec<Effect> {
        let connection = &mut self.connection;
        match action {
            ConnectionAction::Show(tab) => {
                connection.tab = tab;
                Vec::new()
            }
            ConnectionAction::Turn(by) => {
                connection.tab = connection.tab.next(by);
                vec![Effect::Focus(Focus::Tab)]
            }
            ConnectionAction::Session(position) => {
                connection.shown = position;
                connection.copied = false;
                Vec::new()
            }
            ConnectionAction::Copy(began) => {
                let file = self.session_file(&began);
                file.map(|(_, text)| Effect::Copy(text))
                    .into_iter()
                    .collect()
            }
            ConnectionAction::Save(began) => {
                let file = self.session_file(&began);
                let save = file.map(|(name, text)| Effect::Save {
                    name,
                    bytes: text.into_bytes().into(),
                });
                save.into_iter().collect()
            }
        }
    }

    /// Returns the session shown as a file: its name and its text.
    fn session_file(&self, began: &str) -> Option<(String, String)> {
        let session = self.connection.session()?;
        let settings = &self.chosen()?.settings;
        let host = settings.host.as_str();
        let server = format!("{host}:{}", settings.port);
        let text = transcript::file(&session.record, &server, began);
        Some((transcript::file_name(host, began), text))
    }
}
