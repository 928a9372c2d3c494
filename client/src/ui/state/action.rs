//! The inputs of the state, by source.

use restante_shared::page::PageConfig;

use super::{ConnectionAction, ConsoleAction, Edit, SignInAction, SignInFailure};
use crate::api::event::EngineEvent;
use crate::api::ids::{MailboxId, MessageId, PartId};
use crate::api::settings::Secret;
use crate::ui::route::Route;

/// An input of the state.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// The user acted.
    User(UserAction),
    /// The engine reported.
    Engine(EngineReport),
    /// The browser reported.
    Browser(BrowserEvent),
    /// The bridge answered.
    Bridge(BridgeEvent),
}

/// An event from the engine, or the loss of the engine.
#[derive(Debug, PartialEq, Eq)]
pub enum EngineReport {
    /// The engine sent an event.
    Event(EngineEvent),
    /// The engine's code could not be loaded, or it crashed.
    Lost,
}

/// An event of the browser.
#[derive(Debug, PartialEq, Eq)]
pub enum BrowserEvent {
    /// The page has started.
    Started {
        /// The relay's address.
        relay: String,
    },
    /// The browser went back or forward.
    WentTo(Route),
    /// The network connection was gained (true) or lost.
    Online(bool),
    /// The page has become wide enough to show the mailbox pane always.
    Widened,
    /// The text of an [`Effect::Copy`](super::Effect::Copy) is in the clipboard.
    Copied,
}

/// An answer of the bridge.
#[derive(Debug, PartialEq, Eq)]
pub enum BridgeEvent {
    /// The configuration of the page.
    Configured(PageConfig),
    /// The result of signing in.
    SignedIn(Result<(), SignInFailure>),
}

/// An action of the user.
#[derive(Debug, PartialEq, Eq)]
pub enum UserAction {
    /// Changes the form for a mailbox.
    Edit(Edit),
    /// Submits the form.
    SubmitMailbox,
    /// Adds the demo mailbox.
    TryDemo,
    /// Opens the form for another mailbox.
    AddMailbox,
    /// Opens the settings of a mailbox.
    EditSettings(MailboxId),
    /// Opens the connection page of a mailbox.
    SeeConnection(MailboxId),
    /// Acts on the connection page.
    Connection(ConnectionAction),
    /// Acts in the console.
    Console(ConsoleAction),
    /// Opens the dialog for signing in to the bridge.
    AskSignIn,
    /// Acts in that dialog.
    SignIn(SignInAction),
    /// Goes back one step.
    Back,
    /// Checks mail.
    CheckMail,
    /// Cancels the running operations.
    Cancel,
    /// Chooses a mailbox, or all.
    Choose(Option<MailboxId>),
    /// Opens or closes the mailbox pane.
    Drawer(bool),
    /// Types into the search box.
    TypeSearch(String),
    /// Starts the search, or pauses while typing.
    Search,
    /// Scrolls the list: the rows from the first position up to, but excluding, the second are
    /// visible.
    Look(u32, u32),
    /// Moves the focus of the list to a row.
    Focus(u32),
    /// Opens a message.
    Open {
        /// The message.
        id: MessageId,
        /// True if the keyboard focus moves to it.
        by_key: bool,
    },
    /// Opens the message some rows below (or above) the open one.
    Step(i32),
    /// Loads the remote images of the open message.
    LoadImages,
    /// Trusts the results of a server about the senders of a mailbox's messages.
    TrustServer(MailboxId, String),
    /// Marks the open message as unread (true) or read.
    MarkUnread(bool),
    /// Downloads an attachment.
    SaveAttachment(PartId),
    /// Opens an attached message.
    OpenAttached(PartId),
    /// Opens the source of the open message.
    ViewSource,
    /// Downloads that source.
    SaveSource,
    /// Opens the dialog for the password of a mailbox.
    AskPassword(MailboxId),
    /// Types the password.
    TypePassword(Secret),
    /// Decides if that password is kept on this device.
    RememberPassword(bool),
    /// Submits that password.
    EnterPassword,
    /// Opens the dialog for removing a mailbox.
    AskRemove(MailboxId),
    /// Confirms the removal.
    Remove,
    /// Closes the dialog.
    CloseDialog,
    /// Dismisses the notice at this position.
    Dismiss(usize),
}
