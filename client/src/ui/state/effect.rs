//! The outputs of the state: side effects for the page to perform.

use std::rc::Rc;

use restante_shared::page::SignInCredentials;

use super::Field;
use crate::api::command::EngineCommand;
use crate::api::ids::MailboxId;
use crate::ui::route::Route;

/// An output of the state: a side effect for the page to perform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Sends a command to the engine.
    Send(EngineCommand),
    /// Adds a step to the browser's history.
    Push(Route),
    /// Replaces the current step of the browser's history.
    Replace(Route),
    /// Goes one step back in the browser's history.
    GoBack,
    /// Triggers [`UserAction::Search`](super::UserAction::Search) after a short pause in typing.
    SearchSoon,
    /// Records if there are mailboxes, for the next start.
    ExpectMailboxes(bool),
    /// Records that the results of a server about senders are trusted for a mailbox.
    TrustServer(MailboxId, String),
    /// Offers a file for download.
    Save {
        /// Its name.
        name: String,
        /// Its content.
        bytes: Rc<[u8]>,
    },
    /// Copies text to the clipboard and reports success with
    /// [`BrowserEvent::Copied`](super::BrowserEvent::Copied).
    Copy(String),
    /// Signs in to the bridge and reports the result with
    /// [`BridgeEvent::SignedIn`](super::BridgeEvent::SignedIn).
    SignIn(SignInCredentials),
    /// Requests the bridge's configuration again.
    AskBridge,
    /// Moves the keyboard focus once the page is rendered.
    Focus(Focus),
}

/// A target for the keyboard focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// A field of the form.
    Field(Field),
    /// The heading of the page.
    Heading,
    /// The message.
    Message {
        /// True to move the focus only if the focused element is hidden now.
        if_lost: bool,
    },
    /// The button that begins or cancels adding a mailbox, if the focused element is gone.
    Attempt {
        /// True for the demo mailbox.
        demo: bool,
    },
    /// The list's active row.
    Row,
    /// The mailbox pane.
    Mailboxes,
    /// The button that opens the mailbox pane.
    Menu,
    /// The selected tab of the connection page.
    Tab,
    /// The console's input line, or the button that opens the console.
    Console,
    /// The password or token for the bridge.
    SignIn,
}
