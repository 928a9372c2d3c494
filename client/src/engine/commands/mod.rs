//! The handlers of the page's commands.

mod answers;
