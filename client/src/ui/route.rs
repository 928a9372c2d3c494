//! Routes: the part of the page's address after `#`, so that the browser's Back button works.

use crate::api::ids::{MailboxId, MessageId, PartId};

/// A location in the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Route {
    /// The mailbox whose messages are listed; all mailboxes if absent.
    pub mailbox: Option<MailboxId>,
    /// The screen shown.
    pub screen: Screen,
}

/// The screen that a narrow page shows alone. A wide page shows the list beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Screen {
    /// The message list.
    #[default]
    List,
    /// One message, or a message attached to it.
    Message(MessageId, PartId),
    /// The form for another mailbox.
    AddMailbox,
    /// The settings of the mailbox.
    Settings,
    /// The connection of the mailbox.
    Connection,
}

impl Route {
    /// Parses a route. Unknown parts are ignored; the default is the list of all mail.
    #[must_use]
    pub fn from_hash(hash: &str) -> Self {
        let mut route = Self::default();
        for part in hash.trim_start_matches('#').split('&') {
            match part.split_once('=') {
                Some(("mailbox", id)) => route.mailbox = id.parse().ok().map(MailboxId),
                Some(("message", id)) => {
                    if let Ok(id) = id.parse() {
                        route.screen = Screen::Message(MessageId(id), PartId::default());
                    }
                }
                Some(("part", id)) => {
                    if let Screen::Message(_, part) = &mut route.screen {
                        *part = PartId(id.parse().unwrap_or_default());
                    }
                }
                Some(_) => {}
                None => match part {
                    "add" => route.screen = Screen::AddMailbox,
                    "settings" => route.screen = Screen::Settings,
                    "connection" => route.screen = Screen::Connection,
                    _ => {}
                },
            }
        }
        route
    }

    /// Formats the route, with its `#`.
    #[must_use]
    pub fn to_hash(self) -> String {
        let mut parts = Vec::new();
        if let Some(MailboxId(id)) = self.mailbox {
            parts.push(format!("mailbox={id}"));
        }
        match self.screen {
            Screen::List => {}
            Screen::Message(MessageId(id), PartId(part)) => {
                parts.push(format!("message={id}"));
                if part > 0 {
                    parts.push(format!("part={part}"));
                }
            }
            Screen::AddMailbox => parts.push("add".to_owned()),
            Screen::Settings => parts.push("settings".to_owned()),
            Screen::Connection => parts.push("connection".to_owned()),
        }
        format!("#{}", parts.join("&"))
    }

    /// Returns the list that this route belongs to.
    #[must_use]
    pub fn list(self) -> Self {
        Self {
            screen: Screen::List,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_parses_back_from_its_hash() {
        for mailbox in [None, Some(MailboxId(7))] {
            for screen in [
                Screen::List,
                Screen::Message(MessageId(12), PartId(0)),
                Screen::Message(MessageId(12), PartId(3)),
                Screen::AddMailbox,
                Screen::Settings,
                Screen::Connection,
            ] {
                let route = Route { mailbox, screen };
                assert_eq!(Route::from_hash(&route.to_hash()), route);
            }
        }
    }

    #[test]
    fn an_unknown_hash_leads_to_the_list() {
        for hash in ["", "#", "#message=x", "#=&&", "#other=1"] {
            assert_eq!(Route::from_hash(hash), Route::default(), "{hash:?}");
        }
    }
}
