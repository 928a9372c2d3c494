//! Names of parts of the page, for screen readers.

/// The attachments of a message.
pub const ATTACHMENTS: &str = "Attachments";
/// The messages attached to a message.
pub const ATTACHED_MESSAGES: &str = "Attached messages";
/// The event to which a message invites.
pub const EVENT: &str = "Event";
/// The body of a message.
pub const MESSAGE_BODY: &str = "Message body";
/// A message.
pub const MESSAGE: &str = "Message";
/// The list of messages.
pub const MESSAGES: &str = "Messages";
/// The pane that shows a message.
pub const READER: &str = "Reader";
/// The source of a message.
pub const SOURCE: &str = "Source";
/// The list of mailboxes.
pub const MAILBOXES: &str = "Mailboxes";
/// The form for a mailbox.
pub const MAILBOX: &str = "Mailbox";
/// The button that checks mail.
pub const CHECK_MAIL: &str = "Check mail";
/// The button that adds a mailbox.
pub const ADD_MAILBOX: &str = "Add mailbox";
/// The search box.
pub const SEARCH_MAIL: &str = "Search mail";
/// The tabs of the page "Connection".
pub const CONNECTION_PARTS: &str = "Parts of the connection";
/// The list of sessions.
pub const LAST_SESSIONS: &str = "Last sessions";
/// The transcript of a session.
pub const TRANSCRIPT: &str = "Transcript";
/// The transcript of the console.
pub const CONSOLE: &str = "Console";
