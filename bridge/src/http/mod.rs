//! The bridge's HTTP: routing of requests, and the header fields of every response.

mod credentials;
mod rejection;
mod request;
mod router;
mod sign_in;
mod upgrade;
mod upgraded;

pub(crate) use router::answer;
