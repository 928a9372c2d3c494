//! Reaching a mail server and logging in to it: what a check, the console and everything else that
//! opens a POP3 session use.
//!
//! | file | holds |
//! |---|---|
//! | `stream` | the bytes' way: plain, or TLS over a relay |
//! | `deadline` | how long a server may take |
//! | `connection` | a POP3 session over a stream |
//! | `capabilities` | the server's capabilities, as they change with TLS and login |
//! | `login` | from dialling to the TRANSACTION state |
//! | `refusal` | the meaning of a refusal |
//! | `fault` | everything that can end a session |
//! | `problem` | protocol errors as the page reports them |

pub(in crate::engine) mod capabilities;
pub(in crate::engine) mod connection;
pub(in crate::engine) mod deadline;
pub(in crate::engine) mod fault;
pub(in crate::engine) mod login;
pub(in crate::engine) mod problem;
pub(in crate::engine) mod refusal;
pub(in crate::engine) mod stream;
