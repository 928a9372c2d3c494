//! Failures to list the maildrop.

use crate::api::problem::Problem;
use crate::engine::server::fault::Fault;

/// A failure to list the maildrop.
#[derive(Debug)]
pub(in crate::engine) enum ListingError {
    /// The session was lost while messages were read to identify them.
    Naming(NamingLoss),
    /// Anything else.
    Failed(Problem),
}

impl ListingError {
    pub(in crate::engine) fn into_problem(self) -> Problem {
        match self {
            Self::Naming(loss) => loss.fault.into(),
            Self::Failed(problem) => problem,
        }
    }
}

impl From<Problem> for ListingError {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

/// The loss of a session while messages were read to name them.
#[derive(Debug)]
pub(in crate::engine) struct NamingLoss {
    /// The fault that ended the session.
    pub(in crate::engine) fault: Fault,
    /// True if commands were pipelined.
    pub(in crate::engine) pipelined: bool,
    /// True if it was the first `TOP` of a server that may not support it.
    pub(in crate::engine) is_first_header: bool,
    /// The number and size of the message that was read, in place of a name.
    pub(in crate::engine) place: Option<String>,
}
