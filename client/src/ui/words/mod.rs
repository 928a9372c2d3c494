//! The words of the page: every sentence that the user reads, for each value that the engine reports
//! and for each state of the page.

mod capabilities;
mod checks;
mod connection;
mod console;
pub mod labels;
mod login;
mod mail;
mod mailboxes;
mod problems;
mod quirks;
mod report;
mod security;
mod sessions;
mod settings;
mod sign_in;
mod stopped;
mod storage;
mod time;
mod transcript;

pub use checks::{CHECKING_MAIL, OPENING_MAIL, outcome, progress, stage};
pub use connection::{NO_REPORT, NO_SESSIONS};
pub use console::{
    COMMAND_EXAMPLE, COMMANDS, INTRODUCTION, INTRODUCTION_TITLE, SESSION_OVER, SEVERAL_LINES_HINT,
    confirmation, consequence, console_state, rejected_line,
};
pub use mail::{
    ATTACHED_MESSAGE, CHOOSE_MESSAGE, EVENT_CANCELLED, EVENT_REPEATS, LEFT_OUT_HTML, LINK_LEADS,
    REST_IN_SOURCE, TRUST_SERVER, and_more, date_source, doubt, ends_not_searched, no_mail,
    no_text, nothing_found,
};
pub use mailboxes::{
    REMOVE_TITLE, mailbox_name, mailbox_page, offline_form, password_request, removal,
};
pub use problems::{Advice, advice, detail, is_for_settings};
pub use report::{Fact, FactSection, server_report};
pub use security::session_security;
pub use sessions::session_outcome;
pub use settings::{CA_HINT, REMEMBER_HINT, encryption_hint, field_error, login_hint, port_hint};
pub use sign_in::{SIGN_IN_ELSEWHERE, sign_in_failure, sign_in_purpose};
pub use stopped::{StoppedWords, stopped};
pub use storage::{NOT_SAVED, OFFLINE, healing};
pub use transcript::transcript_line;
