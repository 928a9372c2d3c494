//! The page to draw, and its title.

use super::{EngineStatus, PageState};
use crate::ui::route::Screen;

/// The page to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The engine could not be loaded, or crashed.
    NoEngine,
    /// Another tab holds the store.
    Occupied,
    /// The store cannot be opened.
    Unusable,
    /// There is no mailbox yet.
    FirstRun,
    /// The form for another mailbox.
    AddMailbox,
    /// The settings of a mailbox.
    Settings,
    /// The connection to a mailbox's server.
    Connection,
    /// The mail.
    Mail,
}

impl PageState {
    /// Returns the page to draw.
    #[must_use]
    pub fn page(&self) -> Page {
        match &self.engine {
            EngineStatus::Absent | EngineStatus::Stopped => Page::NoEngine,
            EngineStatus::Occupied => Page::Occupied,
            EngineStatus::Unusable(_) => Page::Unusable,
            EngineStatus::Loading if !self.expects_mailboxes => Page::FirstRun,
            EngineStatus::Ready(_) if self.mailboxes.is_empty() => Page::FirstRun,
            EngineStatus::Loading | EngineStatus::Ready(_) => match self.route.screen {
                Screen::AddMailbox => Page::AddMailbox,
                Screen::Settings if self.form.editing.is_some() => Page::Settings,
                Screen::Connection if self.chosen().is_some() => Page::Connection,
                Screen::List | Screen::Message(..) | Screen::Settings | Screen::Connection => {
                    Page::Mail
                }
            },
        }
    }

    /// Returns the title of the browser's tab. It has no subjects, because browsers keep titles in
    /// their history and send the history to synchronisation services.
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
}
