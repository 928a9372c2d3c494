//! Login methods of POP3: their order, and the order in which a client tries them.
//!
//! | file | holds |
//! |---|---|
//! | `method` | the methods and their order |
//! | `ladder` | the methods to try, from the strongest down |
//! | `apop` | the arguments of `APOP` |
//! | `auth` | the arguments of `AUTH` for a [SASL exchange](crate::sasl::Exchange) |

mod apop;
mod auth;
mod ladder;
mod method;

pub use apop::apop;
pub use auth::auth;
pub use ladder::{AdvertisedLogin, LoginOffer, MAX_REFUSALS, MethodCandidates, ladder};
pub use method::{Login, Method};
