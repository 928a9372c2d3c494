//! The words for lists of messages, and for messages.

use crate::api::mail::{DateSource, Doubt, DoubtKind, HiddenContent};
use crate::ui::figures::count;

/// The label of an event that was cancelled.
pub const EVENT_CANCELLED: &str = "Cancelled";

/// The addition to the time of an event that takes place several times.
pub const EVENT_REPEATS: &str = ", and again later";

/// Returns the text in place of an empty message, depending on whether it has attachments.
#[must_use]
pub fn no_text(hidden: Option<HiddenContent>, has_attachments: bool) -> &'static str {
    match hidden {
        Some(HiddenContent::Encrypted) => {
            "This message is encrypted. Restante cannot decrypt it yet."
        }
        Some(HiddenContent::Piece) => {
            "This is one piece of a message that was sent in several. Restante cannot join them yet."
        }
        None if has_attachments => "This message has no text, only attachments.",
        None => "This message has no text.",
    }
}

/// The words before the address of a link that does not show where it leads.
pub const LINK_LEADS: &str = "This link leads to ";

/// The label of the button that trusts the results of a server.
pub const TRUST_SERVER: &str = "Trust this server";

/// Returns the words for a reason to doubt the sender. `is_own` is true if the reason is a result of
/// the user's own server.
#[must_use]
pub fn doubt(doubt: &Doubt, is_own: bool) -> String {
    let detail = &doubt.detail;
    match doubt.kind {
        DoubtKind::SeveralSenders => {
            "This message names its sender twice, so neither is certain.".to_owned()
        }
        DoubtKind::ForeignAddress => {
            format!("The sender's name shows {detail}, but the message has another address.")
        }
        DoubtKind::FailedResults if is_own => {
            format!("{detail} could not confirm that the sender is genuine.")
        }
        DoubtKind::FailedResults => format!(
            "According to {detail}, the sender may not be genuine. If {detail} is your mail server, trust its results."
        ),
        DoubtKind::RepliesElsewhere => format!("Replies go to {detail}."),
    }
}

/// The line above the subject of a message that is attached to another one.
pub const ATTACHED_MESSAGE: &str = "Attached message";

/// The note after the beginning of a text that is too long to show.
pub const REST_IN_SOURCE: &str =
    "The rest of this text is too long to show. View the source to read it.";

/// The same note in a document of HTML.
pub const LEFT_OUT_HTML: &str = "<p style=\"padding:8px;color:#555;background:#eee\">\
     The rest of this text is too long to show. View the source to read it.</p>";

/// Returns the label that folds the recipients after the first ones.
#[must_use]
pub fn and_more(number: usize) -> String {
    format!("and {} more", count(number as u64))
}

/// The text in place of a message while none is open.
pub const CHOOSE_MESSAGE: &str = "Choose a message to read it here.";

/// Returns the note on a date that is not the sender's.
#[must_use]
pub fn date_source(source: DateSource) -> Option<&'static str> {
    match source {
        DateSource::Sent => None,
        DateSource::Received => Some("(when a mail server received it: it has no readable date)"),
        DateSource::Arrived => Some("(when it arrived here: it has no readable date)"),
    }
}

/// Returns the title and the text for an empty search result, depending on whether all mail was
/// searched.
#[must_use]
pub fn nothing_found(searched_all: bool) -> (&'static str, &'static str) {
    match searched_all {
        false => (
            "Nothing found so far",
            "Some mail has only just arrived and is not searched yet.",
        ),
        true => (
            "Nothing found",
            "No message here has all of these words. Fewer or shorter words find more.",
        ),
    }
}

/// Returns the note that the ends of some texts are not searched.
#[must_use]
pub fn ends_not_searched(messages: u32) -> String {
    match messages {
        1 => "The end of 1 very long message is not searched.".to_owned(),
        _ => format!("The ends of {messages} very long messages are not searched."),
    }
}

/// Returns the title and the text for an empty mailbox, depending on whether a check runs.
#[must_use]
pub fn no_mail(checking: bool) -> (&'static str, &'static str) {
    match checking {
        true => ("Fetching your mail", "Messages show here as they arrive."),
        false => (
            "No mail yet",
            "When the mail server has something for you, Check mail brings it here.",
        ),
    }
}
