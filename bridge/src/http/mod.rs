//! The bridge's HTTP: routing of requests, and the header fields of every response.

mod credentials;
mod headers;
mod rejection;
mod request;
mod response;
mod router;
mod sign_in;
mod upgrade;
mod upgraded;

pub(crate) use headers::SecurityHeaders;
pub(crate) use response::HttpResponse;
pub(crate) use router::answer;
