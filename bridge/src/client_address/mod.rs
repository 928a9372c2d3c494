//! The address of a client: the peer's, or the one that a trusted proxy reports.

mod proxies;
pub(crate) mod proxy_protocol;
mod range;

pub use proxies::Proxies;
pub use range::{AddressRange, AddressRangeError};
