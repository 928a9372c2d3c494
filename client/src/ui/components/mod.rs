//! The parts that pages are made of, one a file.

pub(crate) mod attachments;
pub(crate) mod body;
pub(crate) mod dialogs;
pub(crate) mod header;
pub(crate) mod icons;
pub(crate) mod list_pane;
pub(crate) mod mailbox_form;
pub(crate) mod mailbox_pane;
pub(crate) mod mark;
pub(crate) mod message_list;
pub(crate) mod message_row;
pub(crate) mod modal;
pub(crate) mod notices;
pub(crate) mod password_dialog;
pub(crate) mod pigeonholes;
pub(crate) mod problem;
pub(crate) mod progress;
pub(crate) mod reader;
pub(crate) mod source_dialog;
pub(crate) mod status_line;
pub(crate) mod text_field;
