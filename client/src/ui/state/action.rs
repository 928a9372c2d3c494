//! The inputs of the state (actions) and its outputs (effects).

use std::rc::Rc;

use restante_shared::page::{PageConfig, SignInCredentials};

use super::{ConnectionWish, Edit, Field, SignInWish};
use crate::api::command::EngineCommand;
use crate::api::event::EngineEvent;
use crate::api::ids::{MailboxId, MessageId};
use crate::api::settings::Secret;
use crate::ui::route::Route;

/// An input of the state: a user's action or an external event.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// The page has started.
    Begin {
        /// The relay's address.
        relay: String,
    },
    /// The engine sent an event.
    Engine(EngineEvent),
    /// The engine's code could not be loaded, or it broke down.
    EngineLost,
    /// The bridge sent its configuration.
    Configured(PageConfig),
    /// The browser went back or forward.
    WentTo(Route),
    /// The network connection was gained or lost.
    Online(bool),
    /// The user changes the form for a mailbox.
    Edit(Edit),
    /// The user sends the form.
    SubmitMailbox,
    /// The user wants the demo mailbox.
    TryDemo,
    /// The user wants the form for another mailbox.
    AddMailbox,
    /// The user wants to change the settings of a mailbox.
    EditSettings(MailboxId),
    /// The user wants to see the connection of a mailbox.
    SeeConnection(MailboxId),
    /// The user does something on the page of a connection.
    Connection(ConnectionWish),
    /// The user signs in to the bridge.
    SignIn(SignInWish),
    /// The user goes back one step.
    Back,
    /// The user wants new mail.
    CheckMail,
    /// The user cancels the running operations.
    Cancel,
    /// The user chooses a mailbox, or all.
    Choose(Option<MailboxId>),
    /// The user opens or closes the mailbox pane.
    Drawer(bool),
    /// The page has become wide enough to show the mailbox pane always.
    Widened,
    /// The user types into the search box.
    TypeSearch(String),
    /// The user has paused typing, or starts the search.
    Search,
    /// The rows from the first position up to, but excluding, the second are visible.
    Look(u32, u32),
    /// The user moves the focus of the list to a row.
    Focus(u32),
    /// The user opens a message.
    Open {
        /// The message.
        id: MessageId,
        /// True if the keyboard focus moves to it.
        by_key: bool,
    },
    /// The user opens the message some rows below (or above) the open one.
    Step(i32),
    /// The user wants the remote images of the open message.
    LoadImages,
    /// The user marks the open message as read or unread.
    MarkUnread(bool),
    /// The user wants an attachment.
    SaveAttachment(u32),
    /// The user wants the source of the open message.
    ViewSource,
    /// The user wants the source as a file.
    SaveSource,
    /// The user wants to enter the password of a mailbox.
    AskPassword(MailboxId),
    /// The user types the password of the mailbox asked for.
    TypePassword(Secret),
    /// The user decides whether that password is kept on this device.
    RememberPassword(bool),
    /// The user submits that password.
    EnterPassword,
    /// The user wants to remove a mailbox.
    AskRemove(MailboxId),
    /// The user confirms the removal of the mailbox.
    Remove,
    /// The user closes the dialog.
    CloseDialog,
    /// The user dismisses the notice at this position.
    PutAway(usize),
}

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
    /// Triggers [`Action::Search`] after a short pause in typing.
    SearchSoon,
    /// Records if there are mailboxes, for the next start.
    ExpectMailboxes(bool),
    /// Offers a file for download.
    Save {
        /// Its name.
        name: String,
        /// Its media type.
        media_type: String,
        /// Its content.
        octets: Rc<[u8]>,
    },
    /// Copies text to the clipboard and reports success with [`ConnectionWish::Copied`].
    Copy(String),
    /// Signs in to the bridge and reports the result with [`SignInWish::Answered`].
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
