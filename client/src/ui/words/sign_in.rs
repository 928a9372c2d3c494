//! The words for signing in to the bridge.

use crate::ui::figures::things;
use crate::ui::state::SignInFailure;

/// The link to a site's own page for signing in, such as a single sign-on.
pub const SIGN_IN_ELSEWHERE: &str = "Sign in on this site\u{2019}s own page";

/// Returns the request of the bridge, and its purpose.
#[must_use]
pub fn sign_in_purpose(by_token: bool) -> &'static str {
    if by_token {
        "This server requires an access token. Its operator can give you one."
    } else {
        "This server requires an account of its own. Do not enter the password of a mailbox here."
    }
}

/// Returns the reason why signing in failed, and the next step.
#[must_use]
pub fn sign_in_failure(failure: SignInFailure, by_token: bool) -> String {
    match failure {
        SignInFailure::Wrong if by_token => {
            "The server did not accept this token. Check that it is complete.".to_owned()
        }
        SignInFailure::Wrong => {
            "The bridge refused the user name or the password. Check both.".to_owned()
        }
        SignInFailure::Later(seconds) => format!(
            "Too many failed attempts. Try again in {}.",
            match seconds {
                0..=90 => things(seconds.into(), "second"),
                _ => things(seconds.div_ceil(60).into(), "minute"),
            }
        ),
        SignInFailure::Unreachable => {
            "The bridge did not answer. Check this device\u{2019}s connection, and try again."
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_shown_in_the_unit_that_fits() {
        let told = |seconds| sign_in_failure(SignInFailure::Later(seconds), true);
        assert!(told(1).ends_with("in 1 second."));
        assert!(told(41).ends_with("in 41 seconds."));
        assert!(told(901).ends_with("in 16 minutes."));
    }
}
