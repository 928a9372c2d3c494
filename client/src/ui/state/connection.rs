//! The page of a connection: its sessions, the server's report card, and the console.

use super::{Effect, Focus, State};
use crate::api::command::EngineCommand;
use crate::api::console::ConsoleCommand;
use crate::api::ids::{MailboxId, RequestId};
use crate::api::problem::Problem;
use crate::api::report::{ConnectionReport, ReportCommand, ServerReport, SessionRecord};
use crate::ui::route::Screen;
use crate::ui::transcript::{self, TranscriptLog};

/// What the page of a connection shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// Which part of it.
    pub tab: Tab,
    /// Whether anything is known of the connection yet; false while that is on its way.
    pub is_known: bool,
    /// The report on the server; absent before the first login.
    pub server: Option<ServerReport>,
    /// The last sessions, newest first.
    pub sessions: Vec<Session>,
    /// The position of the session that is shown.
    pub shown: usize,
    /// Whether the session shown was just copied.
    pub copied: bool,
    /// Why nothing is known.
    pub problem: Option<Problem>,
    mailbox: Option<MailboxId>,
    asked: Option<RequestId>,
}

/// A part of the page.
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
    /// All parts, in their order.
    pub const ALL: [Self; 3] = [Self::Sessions, Self::Server, Self::Console];

    /// The part `by` places to the right, the first after the last.
    fn next(self, by: isize) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        let next = at.wrapping_add_signed(by).wrapping_add(Self::ALL.len());
        let next = Self::ALL.get(next % Self::ALL.len());
        next.copied().unwrap_or_default()
    }
}

/// A session, with what is drawn of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What is known.
    pub record: SessionRecord,
    /// What was said, as it is drawn.
    pub log: TranscriptLog,
}

/// What the reader wants on the page of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionWish {
    /// To see a part of it.
    Show(Tab),
    /// To see the part so many places to the right, by the keyboard.
    Turn(isize),
    /// To see a session, by its position.
    Session(usize),
    /// To copy the session shown; its beginning as machines write it.
    Copy(String),
    /// To have the session shown as a file.
    Save(String),
    /// Nothing: the session was copied.
    Copied,
    /// A console.
    Open,
    /// No console any more.
    Close,
    /// To type into the console's line.
    Type(String),
    /// To say whether the answer to that line has several lines.
    SeveralLines(bool),
    /// To send the line.
    Send,
    /// The line before, or after, the one in the console's line.
    Recall {
        /// Whether it is the one before.
        earlier: bool,
    },
    /// To send the line that the engine asked about.
    Agree,
}

impl Connection {
    /// Shows another mailbox, from its first part.
    pub(super) fn enter(&mut self, mailbox: MailboxId) {
        if self.mailbox != Some(mailbox) {
            *self = Self {
                mailbox: Some(mailbox),
                ..Self::default()
            };
        }
        self.copied = false;
    }

    /// Takes the report in, if it is the one asked for. The session shown stays the same one.
    pub(super) fn receive(&mut self, request: RequestId, report: &ConnectionReport) {
        if self.asked != Some(request) {
            return;
        }
        let newest = |sessions: &[Session]| sessions.first().map(|s| s.record.began);
        let shown = self.sessions.get(self.shown).map(|s| s.record.began);
        let follows = shown == newest(&self.sessions);
        self.asked = None;
        self.is_known = true;
        self.problem = None;
        self.server.clone_from(&report.server);
        self.sessions = report
            .sessions
            .iter()
            .map(|record| Session {
                log: TranscriptLog::of(&record.lines),
                record: record.clone(),
            })
            .collect();
        let same = |session: &Session| Some(session.record.began) == shown;
        let still = self.sessions.iter().position(same);
        self.shown = still.filter(|_| !follows).unwrap_or(0);
        self.copied = false;
    }

    /// Takes note that the report could not be given; true if it was asked for.
    pub(super) fn fail(&mut self, request: RequestId, problem: &Problem) -> bool {
        let expected = self.asked == Some(request);
        if expected {
            self.asked = None;
            self.problem = Some(problem.clone());
        }
        expected
    }

    /// The session shown.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        self.sessions.get(self.shown)
    }
}

impl State {
    /// Asks for what is known of a connection, if the reader looks at it.
    pub(super) fn load_connection(&mut self, mailbox: MailboxId) -> Vec<Effect> {
        let seen = self.route.screen == Screen::Connection && self.route.mailbox == Some(mailbox);
        if !seen {
            return Vec::new();
        }
        self.last_request += 1;
        let request = self.last_request;
        self.connection.asked = Some(request);
        vec![Effect::Send(EngineCommand::Report(ReportCommand::Load {
            request,
            mailbox,
        }))]
    }

    pub(super) fn obey_connection(&mut self, wish: ConnectionWish) -> Vec<Effect> {
        let connection = &mut self.connection;
        match wish {
            ConnectionWish::Show(tab) => {
                connection.tab = tab;
                Vec::new()
            }
            ConnectionWish::Turn(by) => {
                connection.tab = connection.tab.next(by);
                vec![Effect::Focus(Focus::Tab)]
            }
            ConnectionWish::Session(position) => {
                connection.shown = position;
                connection.copied = false;
                Vec::new()
            }
            ConnectionWish::Copy(began) => {
                let file = self.session_file(&began);
                file.map(|(_, text)| Effect::Copy(text))
                    .into_iter()
                    .collect()
            }
            ConnectionWish::Copied => {
                connection.copied = true;
                Vec::new()
            }
            ConnectionWish::Save(began) => {
                let file = self.session_file(&began);
                let save = file.map(|(name, text)| Effect::Save {
                    name,
                    media_type: "text/plain".to_owned(),
                    octets: text.into_bytes().into(),
                });
                save.into_iter().collect()
            }
            ConnectionWish::Open => self.open_console(),
            ConnectionWish::Close => {
                vec![Effect::Send(EngineCommand::Console(ConsoleCommand::Close))]
            }
            ConnectionWish::Type(text) => {
                self.console.line = text;
                Vec::new()
            }
            ConnectionWish::SeveralLines(several) => {
                self.console.several_lines = several;
                Vec::new()
            }
            ConnectionWish::Send => self.console.send().into_iter().collect(),
            ConnectionWish::Recall { earlier } => {
                self.console.recall(earlier);
                Vec::new()
            }
            ConnectionWish::Agree => self.agree(),
        }
    }

    /// The session shown as a file: its name and its text.
    fn session_file(&self, began: &str) -> Option<(String, String)> {
        let session = self.connection.session()?;
        let settings = &self.chosen()?.settings;
        let host = settings.host.as_str();
        let server = format!("{host}:{}", settings.port);
        let text = transcript::file(&session.record, &server, began);
        Some((transcript::file_name(host, began), text))
    }
}
