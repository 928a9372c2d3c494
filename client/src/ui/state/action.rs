//! What goes into the state and what comes out of it.

use std::rc::Rc;

use restante_shared::page::{PageConfig, SignInCredentials};

use super::{ConnectionWish, Edit, Field, SignInWish};
use crate::api::command::{EngineCommand, Secret};
use crate::api::event::{EngineEvent, MailboxId, MessageId};
use crate::ui::route::Route;

/// What happened.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// The page has begun.
    Begin {
        /// The relay's address.
        relay: String,
    },
    /// The engine reports.
    Engine(EngineEvent),
    /// The engine's code could not be loaded, or it broke down.
    EngineLost,
    /// The bridge told about itself.
    Configured(PageConfig),
    /// The browser went back or forward.
    WentTo(Route),
    /// The network came or went.
    Online(bool),
    /// The reader changes the form for a mailbox.
    Edit(Edit),
    /// The reader sends the form.
    SubmitMailbox,
    /// The reader wants the demo mailbox.
    TryDemo,
    /// The reader wants the form for another mailbox.
    AddMailbox,
    /// The reader wants to change the settings of a mailbox.
    EditSettings(MailboxId),
    /// The reader wants to see the connection of a mailbox.
    SeeConnection(MailboxId),
    /// The reader does something on the page of a connection.
    Connection(ConnectionWish),
    /// The reader signs in to the bridge.
    SignIn(SignInWish),
    /// The reader goes back one step.
    Back,
    /// The reader wants new mail.
    CheckMail,
    /// The reader wants what is under way to stop.
    Cancel,
    /// The reader chooses a mailbox, or all.
    Choose(Option<MailboxId>),
    /// The reader opens or closes the mailbox pane.
    Drawer(bool),
    /// The page has become wide enough to show the mailbox pane always.
    Widened,
    /// The reader types into the search box.
    TypeSearch(String),
    /// The reader has paused, or wants the search now.
    Search,
    /// The rows from the first to before the second position are in sight.
    Look(u32, u32),
    /// The reader moves the focus of the list to a row.
    Focus(u32),
    /// The reader opens a message, by the keyboard or not.
    Open {
        /// Which one.
        id: MessageId,
        /// Whether the keyboard's focus goes to it.
        by_key: bool,
    },
    /// The reader opens the message some rows below (or above) the open one.
    Step(i32),
    /// The reader wants the remote images of the open message.
    LoadImages,
    /// The reader marks the open message as read or unread.
    MarkUnread(bool),
    /// The reader wants an attachment.
    SaveAttachment(u32),
    /// The reader wants the source of the open message.
    ViewSource,
    /// The reader wants the source as a file.
    SaveSource,
    /// The reader wants to enter the password of a mailbox.
    AskPassword(MailboxId),
    /// The reader types the password of the mailbox asked for.
    TypePassword(Secret),
    /// The reader decides whether that password is kept on this device.
    RememberPassword(bool),
    /// The reader is done with that password.
    EnterPassword,
    /// The reader wants to remove a mailbox.
    AskRemove(MailboxId),
    /// The reader is sure to remove the mailbox asked about.
    Remove,
    /// The reader closes the dialog.
    CloseDialog,
    /// The reader puts a notice away, by its position.
    PutAway(usize),
}

/// What the page does in the browser because of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Sends a command to the engine.
    Send(EngineCommand),
    /// Adds a step to the browser's history.
    Push(Route),
    /// Changes the present step of the browser's history.
    Replace(Route),
    /// Goes one step back in the browser's history.
    GoBack,
    /// Lets [`Action::Search`] happen when nothing was typed for a moment.
    SearchSoon,
    /// Notes whether there are mailboxes, for the next start.
    ExpectMailboxes(bool),
    /// Gives the reader a file.
    Save {
        /// Its name.
        name: String,
        /// Its media type.
        media_type: String,
        /// Its content.
        octets: Rc<[u8]>,
    },
    /// Puts text on the clipboard, and tells by [`ConnectionWish::Copied`] if that worked.
    Copy(String),
    /// Signs in to the bridge, and tells by [`SignInWish::Answered`] what came of it.
    SignIn(SignInCredentials),
    /// Asks the bridge about itself once more.
    AskBridge,
    /// Moves the keyboard's focus, once the page is drawn.
    Focus(Focus),
}

/// Where the keyboard's focus can be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// A field of the form.
    Field(Field),
    /// The heading of the page.
    Heading,
    /// The message; only `if_lost`, if what had the focus is hidden now.
    Message {
        /// Whether to leave a focus that can be seen where it is.
        if_lost: bool,
    },
    /// The button that begins or cancels adding a mailbox, if what had the focus is gone.
    Attempt {
        /// Whether it is the demo mailbox.
        demo: bool,
    },
    /// The list's active row.
    Row,
    /// The mailbox pane.
    Mailboxes,
    /// The button that opens the mailbox pane.
    Menu,
    /// The tab that is shown of a connection.
    Tab,
    /// The console's line, or what opens it.
    Console,
    /// The password or token for the bridge.
    SignIn,
}
