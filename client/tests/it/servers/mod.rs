//! The same proofs with every available server. They fill the cells of the matrix.
//!
//! | file | holds |
//! |---|---|
//! | `host` | the servers, and their common interface |
//! | `telnet` | a POP3 dialogue by hand, for comparison |
//! | `retrieval` | encryption, and the retrieval of unchanged messages |
//! | `logins` | every login method |
//! | `refusals` | the problems that a refusal leads to |
//! | `capabilities` | the announced capabilities, and whether they hold |

mod capabilities;
mod host;
mod logins;
mod refusals;
mod retrieval;
mod telnet;
