//! Quirks of real servers. Each test names a line of the project's list of quirks that concerns the
//! codec.

mod framing;
mod replies;

use std::collections::BTreeSet;

use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::session::Session;

use crate::play::{play, session_after};

const OPEN: &str = "
    S: +OK
    #> accepted the greeting
    #> completed the greeting
    C: USER a
    S: +OK
    #> accepted USER
    #> completed USER
    C: PASS b
    S: +OK
    #> accepted PASS
    #> completed PASS
";

/// Plays a transcript that continues after the login, and checks the recorded quirks.
fn logged_in(rest: &str, quirks: &[Quirk]) {
    let text = format!("{OPEN}{rest}");
    play(&text);
    let recorded = session_after(&text).take_quirks();
    assert_eq!(recorded, BTreeSet::from_iter(quirks.iter().copied()));
}

fn opened(rest: &str) -> Session {
    session_after(&format!("{OPEN}{rest}"))
}
