//! The mailboxes: their connection settings, and the profiles of their servers.
//!
//! | file | holds |
//! |---|---|
//! | `accounts` | settings, passwords and profiles on disk |
//! | `server_profile` | facts learned about a server |
//! | `ask_capa` | the occasions on which to ask it for capabilities |
//! | `lesson` | one such fact, as a session reports it |
//! | `live_profile` | the profile during a session: learns, and saves at once |
//! | `stored_capabilities` | capabilities as they are stored |
//! | `undeliverable` | messages that the server fails to deliver, and when to try them again |
//! | `reconcile` | accounts and store brought into agreement at the start |

pub(in crate::engine) mod accounts;
pub mod ask_capa;
pub mod lesson;
pub mod live_profile;
pub(in crate::engine) mod reconcile;
pub mod server_profile;
mod stored_capabilities;
pub mod undeliverable;
