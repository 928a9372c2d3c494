//! From dialling to the TRANSACTION state: CAPA, STLS, CAPA, a login, CAPA.
//!
//! | file | holds |
//! |---|---|
//! | `log_in` | the order of these steps |
//! | `connect` | the steps before the login |
//! | `ladder` | the login methods to try, and the consequence of each refusal |
//! | `attempt` | one attempt with one method |
//! | `login_secret` | name and password in every form that a method needs |
//! | `nfkc` | normalised text, which SCRAM hashes |

pub(in crate::engine) mod attempt;
pub(in crate::engine) mod connect;
pub(in crate::engine) mod ladder;
pub mod log_in;
pub(in crate::engine) mod login_secret;
pub(in crate::engine) mod nfkc;
