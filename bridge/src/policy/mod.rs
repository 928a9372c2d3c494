//! The targets that the bridge may dial. A target that no rule allows is refused.
//!
//! A target is judged twice: its host and port before the name is resolved, and its addresses
//! afterwards. Exactly the socket addresses that passed are dialled. One forbidden address refuses the
//! whole answer, because a hostile name server mixes public and private addresses to aim a relay at an
//! internal network.

mod address;
mod blocks;
mod explain;
mod hosts;
mod judge;
mod parse;
mod refusal;
mod rule;
mod table;

pub use address::Class;
pub use judge::{Admission, Approval, MAX_ADDRESSES, Policy};
pub use parse::RuleError;
pub(crate) use parse::parse_target;
pub use refusal::{PolicyRefusal, Reason};
pub use rule::{POP3_PORTS, Rule};
pub use table::AllowEntry;
