//! The same proofs with every server that is at hand: what the matrix says is shown here.
//!
//! | file | holds |
//! |---|---|
//! | `host` | the servers, and what they have in common |
//! | `telnet` | a conversation by hand, to compare with |
//! | `retrieval` | encryption, and that what arrives is what lies there |
//! | `logins` | every way to log in |
//! | `refusals` | what is told when a server says no |
//! | `capabilities` | what is announced, and whether it holds |

mod capabilities;
mod host;
mod logins;
mod refusals;
mod retrieval;
mod telnet;
