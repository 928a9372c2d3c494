//! Failures of a phase of a session.

use crate::api::problem::Problem;
use crate::engine::server::fault::Fault;

/// A failure in a phase that both talks to the server and stores mail.
#[derive(Debug)]
pub(in crate::engine) enum PhaseError {
    /// The session is lost. Another one may succeed.
    SessionLost(Fault),
    /// The check cannot go on, because storage failed or a limit was exceeded.
    Fatal(Problem),
}

impl From<Fault> for PhaseError {
    fn from(fault: Fault) -> Self {
        Self::SessionLost(fault)
    }
}

impl From<Problem> for PhaseError {
    fn from(problem: Problem) -> Self {
        Self::Fatal(problem)
    }
}
