//! Reaching a mail server and logging in to it: what a check, the console and everything else that
//! opens a POP3 session use.
//!
//! | file | holds |
//! |---|---|
//! | `context` | everything that a session needs |
//! | `stream` | streams, plain or under TLS, and time limits for each step |
//! | `deadline` | time limits for replies |
//! | `connection` | a POP3 session over a stream |
//! | `capabilities` | the capabilities that a server advertises |
//! | `login` | from dialling to the TRANSACTION state |
//! | `refusal` | the meaning of a refusal |
//! | `fault` | the errors that end a session |
//! | `problem` | protocol errors as the page reports them |

pub(in crate::engine) mod capabilities;
pub(in crate::engine) mod connection;
pub mod context;
pub(in crate::engine) mod deadline;
pub(in crate::engine) mod fault;
pub mod login;
pub(in crate::engine) mod problem;
pub(in crate::engine) mod refusal;
pub(in crate::engine) mod stream;
