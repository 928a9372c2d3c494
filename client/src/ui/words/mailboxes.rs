//! The words for adding, removing and unlocking mailboxes, and for the page without mail.

use crate::api::mailbox::Mailbox;
use crate::ui::figures::things;
use crate::ui::state::Page;

/// Returns the name of a mailbox: its address, unless its settings were lost.
#[must_use]
pub fn mailbox_name(mailbox: &Mailbox) -> String {
    match mailbox.settings.address.as_str() {
        "" => format!("Mailbox {} (its settings were lost)", mailbox.id.0),
        address => address.to_owned(),
    }
}

/// The title of the dialog that removes a mailbox.
pub const REMOVE_TITLE: &str = "Remove this mailbox?";

/// Returns the title and the lead of the page with the form for a mailbox.
#[must_use]
pub fn mailbox_page(page: Page) -> (&'static str, &'static str) {
    match page {
        Page::Settings => (
            "Mailbox settings",
            "How this mailbox is reached. When you save, mail is checked once to show whether it works. The mail that is here stays here.",
        ),
        Page::AddMailbox => (
            "Add a mailbox",
            "It joins the mailboxes that are here already. Nothing changes on its server.",
        ),
        Page::FirstRun
        | Page::NoEngine
        | Page::Occupied
        | Page::Unusable
        | Page::Connection
        | Page::Mail => (
            "Mail, kept till you call for it.",
            "Restante fetches your mail over POP3 and keeps it in this browser, where you can read and search it without a network. Encryption ends in this tab: the server that brought you this page passes your mail on, but cannot read it.",
        ),
    }
}

/// Returns the note that the form has to wait for a connection.
#[must_use]
pub fn offline_form(page: Page) -> &'static str {
    match page {
        Page::Settings => {
            "This device is offline. What you save is tried once it has a connection."
        }
        _ => "This device is offline. A mailbox can be added once it has a connection.",
    }
}

/// Returns the consequence of removing a mailbox.
#[must_use]
pub fn removal(messages: u32) -> String {
    let here = match messages {
        0 => "It holds no messages on this device.".to_owned(),
        n => format!(
            "{} and the password are deleted from this device.",
            things(n.into(), "message")
        ),
    };
    format!("{here} Nothing changes on the mail server: what is there stays there.")
}

/// Returns the request for a password.
#[must_use]
pub fn password_request(refused: bool) -> &'static str {
    match refused {
        true => "The mail server refused the last password. Enter the right one to check mail.",
        false => "Its password is not kept on this device. Enter it to check mail.",
    }
}
