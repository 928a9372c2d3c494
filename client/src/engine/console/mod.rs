//! The console: the user sends commands to a server, one line at a time, on a session that is
//! logged in.
//!
//! | file | holds |
//! |---|---|
//! | `handle` | the handle by which the rest of the engine opens and closes the console |
//! | `run` | the life of a console, from the login to the journal |
//! | `session` | the session: sends a line, shows its reply, and keeps the connection alive |
//! | `typed_line` | parses a typed line, and rejects some |
//! | `deletion_marks` | the messages that are marked to be deleted |
//! | `message_lines` | the lines of a message, limited in number and length |
//! | `top_lines` | the check that `TOP` returns as many lines as requested |
//! | `ending` | the end of a console |
//!
//! Nothing is deleted unless the user has confirmed a `QUIT`. However else a console ends, its marks
//! are removed by `RSET`, or are lost with the connection.

mod deletion_marks;
mod ending;
mod handle;
mod message_lines;
mod run;
mod session;
mod top_lines;
mod typed_line;

pub(super) use handle::{ConsoleHandle, ConsoleLine, ConsoleRequests};
