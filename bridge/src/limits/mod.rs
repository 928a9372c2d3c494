//! Limits on the use of the bridge, in total and per client.
//!
//! A client is counted by its address, or by its /64 of IPv6. The memory for clients is bounded and
//! expires. Refusals are counted and logged, in a way that a flood of them does not flood the log.

mod household;
mod limit_log;
mod rate_limiter;
mod relay_limiter;
mod shares;
mod throttled_log;
mod values;

pub(crate) use household::{ClientNetwork, networks_of};
pub(crate) use limit_log::{Limit, LimitLog};
pub use relay_limiter::RelayLimitReached;
pub(crate) use relay_limiter::{RelayLimiter, RelayPermit};
pub(crate) use shares::Shares;
pub(crate) use throttled_log::{ThrottledLog, ThrottledLogs, shortened};
pub use values::Limits;
