//! Whose connection it is: the peer's address, or what a trusted proxy says of it.

mod proxies;
pub(crate) mod proxy_protocol;
mod range;

pub use proxies::Proxies;
pub use range::{AddressRange, AddressRangeError};
