//! What a refusal means: by its response code, or else by its words.
//!
//! Response codes count where the server announced them. Where it did not, those that are about the
//! maildrop or the time count as well: no server without them begins its texts with these words in
//! brackets, and a locked maildrop must never ask for a password. `[AUTH]` unannounced means
//! nothing.

use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::reply::{ResponseCode, StatusText};

use super::capabilities::Capabilities;
use crate::api::problem::{Problem, ProblemKind};
use crate::api::settings::Encryption;
use crate::clock::Clock;
use crate::engine::check::Maildrop;
use crate::engine::mailboxes::server_profile::seconds_of;

/// The pause that is kept, in seconds, where a server says `[LOGIN-DELAY]` and no more: the
/// shortest that large hosts ask for.
const USUAL_LOGIN_DELAY: u32 = 300;

/// A refused login.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::engine) struct Refusal {
    /// What it is to a reader.
    pub(in crate::engine) problem: Problem,
    /// What may be tried next.
    pub(in crate::engine) meaning: Meaning,
}

/// What a refusal leaves to be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Meaning {
    /// Nothing now.
    Final,
    /// Another spelling of the password at the most: the credentials are wrong.
    Credentials,
    /// Another method: it says nothing.
    Unsaid,
}

impl Refusal {
    /// Reads what followed a login, and remembers what holds for the next.
    pub(in crate::engine) fn read<C: Clock>(
        text: &StatusText,
        maildrop: &Maildrop<'_, C>,
        capabilities: &Capabilities,
    ) -> Self {
        let unencrypted = maildrop.settings.encryption == Encryption::None;
        let announced = capabilities.response_codes();
        let said = text.code.as_ref().and_then(kind_of);
        let in_words = kind_in_words(&without_names(&text.text, maildrop.settings.user.as_str()));
        let (kind, meaning) = if unencrypted && asks_for_tls(&text.text) {
            (ProblemKind::EncryptionRequired, Meaning::Final)
        } else if let Some(kind) = said {
            (kind, Meaning::Final)
        } else if text.code == Some(ResponseCode::Auth) && announced {
            (ProblemKind::WrongCredentials, Meaning::Credentials)
        } else if let Some(kind) = in_words {
            maildrop
                .remembered
                .borrow_mut()
                .quirks
                .insert(Quirk::LockWithoutCode);
            (kind, Meaning::Final)
        } else if is_out_of_order(&text.text) {
            (ProblemKind::TryLater, Meaning::Unsaid)
        } else {
            (ProblemKind::WrongCredentials, Meaning::Unsaid)
        };
        let mut problem = problem(kind, text);
        if kind == ProblemKind::TryLater {
            let told = pause_in_words(&text.text);
            let too_soon = text.code == Some(ResponseCode::LoginDelay);
            let announced = || capabilities.login_delay().unwrap_or(USUAL_LOGIN_DELAY);
            let pause = told.or(too_soon.then(announced));
            let now = seconds_of(maildrop.clock.now());
            let mut remembered = maildrop.remembered.borrow_mut();
            problem.retry_at = pause.map(|seconds| remembered.pause(now, seconds));
        }
        Self { problem, meaning }
    }
}

/// What a refused greeting means.
pub(in crate::engine) fn turned_away(text: &StatusText) -> Problem {
    let kind = text.code.as_ref().and_then(kind_of);
    let kind = kind.or_else(|| kind_in_words(&text.text));
    problem(kind.unwrap_or(ProblemKind::ServerRefused), text)
}

/// What any other refusal means.
pub(in crate::engine) fn refused(text: &StatusText) -> Problem {
    let kind = text.code.as_ref().and_then(kind_of);
    problem(kind.unwrap_or(ProblemKind::ServerRefused), text)
}

fn kind_of(code: &ResponseCode) -> Option<ProblemKind> {
    match code {
        ResponseCode::InUse => Some(ProblemKind::MaildropInUse),
        ResponseCode::LoginDelay | ResponseCode::SysTemp => Some(ProblemKind::TryLater),
        ResponseCode::SysPerm => Some(ProblemKind::AdministratorNeeded),
        _ => None,
    }
}

/// Finds what some servers have no code for: locks and delays, such as [RFC 1939 §7]'s own example
/// "maildrop already locked".
fn kind_in_words(text: &str) -> Option<ProblemKind> {
    let text = text.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let maildrop = ["maildrop", "mailbox", "mail drop", "spool"];
    let held = ["lock", "in use", "busy"];
    let doubled = ["duplicate login", "already logged in", "already open"];
    let later = [
        "wait",
        "later",
        "temporar",
        "unavailable",
        "too many",
        "too often",
        "too soon",
        "too frequent",
    ];
    let shut = ["locked", "disabled", "suspended", "deactivated"];
    if has(&doubled) || (has(&maildrop) && has(&held)) {
        Some(ProblemKind::MaildropInUse)
    } else if has(&later) {
        Some(ProblemKind::TryLater)
    } else if text.contains("account") && has(&shut) {
        Some(ProblemKind::AdministratorNeeded)
    } else {
        None
    }
}

/// Whether something behind the server did not work: nginx and Perdition, which pass logins on, say so
/// of a server that they do not reach. It may be one method only that they cannot pass on.
fn is_out_of_order(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let has = |word| text.contains(word);
    (has("internal") && has("error")) || has("not connect")
}

/// Leaves out whose login it is: `walter@mailbox.example` does not say that anybody has to wait.
fn without_names(text: &str, user: &str) -> String {
    let is_mark = |c: char| !c.is_alphanumeric();
    let is_name = |word: &&str| {
        let bare = word.trim_matches(is_mark);
        bare.contains('@') || bare.eq_ignore_ascii_case(user)
    };
    let words = text.split_whitespace().filter(|word| !is_name(word));
    words.collect::<Vec<_>>().join(" ")
}

/// Finds the first number that a unit of time follows, as seconds: "try again in 5 minutes".
fn pause_in_words(text: &str) -> Option<u32> {
    let text = text.to_ascii_lowercase();
    let mut words = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .peekable();
    while let Some(word) = words.next() {
        let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
        let Ok(number) = digits.parse::<u32>() else {
            continue;
        };
        let unit = match word.strip_prefix(digits) {
            Some("") | None => words.peek().copied().unwrap_or_default(),
            Some(glued) => glued,
        };
        let seconds = match unit {
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3600,
            _ => continue,
        };
        return Some(number.saturating_mul(seconds));
    }
    None
}

/// Whether a refusal in words is about the missing encryption and not about the password.
fn asks_for_tls(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["tls", "ssl", "encrypt", "non-secure", "plaintext auth"]
        .iter()
        .any(|word| text.contains(word))
}

/// Whether a refused `AUTH` is about its mechanism, so that name and password were not judged. Some
/// servers say `[AUTH]` to that as well.
pub(in crate::engine) fn is_about_the_method(text: &StatusText) -> bool {
    let words = text.text.to_ascii_lowercase();
    let has = |found: &[&str]| found.iter().any(|word| words.contains(word));
    let unknown = has(&[
        "unknown command",
        "invalid command",
        "unrecogni",
        "unsupported",
        "not supported",
        "not implemented",
    ]);
    let names_it = has(&["mechanism"]);
    // Who speaks of both has judged, and hosts count that.
    let judged = has(&["password", "credential", "incorrect"]);
    match &text.code {
        None => unknown || (names_it && !judged),
        Some(ResponseCode::Auth) => unknown && names_it,
        Some(_) => false,
    }
}

fn problem(kind: ProblemKind, text: &StatusText) -> Problem {
    Problem {
        detail: (!text.text.is_empty()).then(|| text.text.clone()),
        ..Problem::new(kind)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::api::ids::MailboxId;
    use crate::api::settings::{MailboxSettings, Secret};
    use crate::clock::SystemClock;
    use crate::engine::mailboxes::server_profile::Remembered;
    use crate::engine::server::connection::Reply;
    use restante_shared::pop3::capability::Capability;
    use restante_shared::pop3::session::Event;

    /// How a refusal is read from a server with these capabilities, and what is remembered of it.
    fn read(line: &str, capabilities: &[&str]) -> (Refusal, Remembered) {
        let remembered = RefCell::default();
        let maildrop = Maildrop {
            settings: &MailboxSettings::lost(MailboxId(1)),
            password: &Secret::new(String::new()),
            clock: &SystemClock,
            remembered: &remembered,
            journal: &RefCell::default(),
        };
        let capability = |line: &&str| Event::Capability(Capability::parse(line.as_bytes()));
        let items = capabilities.iter().map(capability).collect();
        let capabilities = Capabilities::read(Reply::Accepted(items));
        let text = StatusText::parse(line.as_bytes());
        let refusal = Refusal::read(&text, &maildrop, &capabilities);
        (refusal, remembered.into_inner())
    }

    fn kind(line: &str) -> ProblemKind {
        read(line, &[]).0.problem.kind
    }

    #[test]
    fn a_lock_or_a_delay_told_in_words_is_no_wrong_password() {
        for (kind, lines) in [
            (
                ProblemKind::MaildropInUse,
                &[
                    "maildrop already locked",
                    "Mailbox is in use",
                    "can't lock your mailbox",
                    "duplicate login!",
                ][..],
            ),
            (
                ProblemKind::TryLater,
                &[
                    "wait a moment",
                    "Service unavailable",
                    "Please try again later",
                    "too many logins",
                    "temporary failure",
                    "account temporarily locked",
                ],
            ),
            (
                ProblemKind::AdministratorNeeded,
                &["account locked out", "Your account is disabled"],
            ),
        ] {
            for line in lines {
                let (refusal, remembered) = read(line, &[]);
                assert_eq!(refusal.problem.kind, kind, "{line}");
                assert_eq!(refusal.meaning, Meaning::Final, "{line}");
                assert!(
                    remembered.quirks.contains(&Quirk::LockWithoutCode),
                    "{line}"
                );
            }
        }
    }

    #[test]
    fn a_server_behind_the_server_that_is_down_is_no_wrong_password() {
        for line in [
            "internal server error",
            "failed: Could not connect to server",
        ] {
            let (refusal, remembered) = read(line, &[]);
            assert_eq!(refusal.problem.kind, ProblemKind::TryLater, "{line}");
            assert_eq!(refusal.problem.retry_at, None, "{line}");
            assert_eq!(refusal.meaning, Meaning::Unsaid, "{line}");
            assert!(remembered.quirks.is_empty(), "{line}");
        }
    }

    #[test]
    fn a_user_whose_name_sounds_like_a_lock_is_asked_for_a_password() {
        for line in [
            "authentication failed for block@mailbox.example",
            "Login failed for user <walter.waiting@example.com>.",
            "login failed, user=\"later@busy.example\"",
        ] {
            assert_eq!(kind(line), ProblemKind::WrongCredentials, "{line}");
        }
        assert_eq!(without_names("no, WAITER: no", "waiter"), "no, no");
        let line = "maildrop of block@mailbox.example is locked";
        assert_eq!(kind(line), ProblemKind::MaildropInUse);
    }

    #[test]
    fn a_lock_told_by_its_code_is_one_though_the_code_was_not_announced() {
        for (line, expected) in [
            ("[IN-USE] Another session?", ProblemKind::MaildropInUse),
            ("[SYS/TEMP] Try again", ProblemKind::TryLater),
            ("[LOGIN-DELAY] not yet", ProblemKind::TryLater),
            ("[SYS/PERM] gone", ProblemKind::AdministratorNeeded),
        ] {
            let (refusal, remembered) = read(line, &[]);
            assert_eq!(refusal.problem.kind, expected, "{line}");
            assert_eq!(refusal.meaning, Meaning::Final, "{line}");
            assert!(remembered.quirks.is_empty(), "{line}");
        }
    }

    #[test]
    fn only_an_announced_code_blames_the_credentials_for_certain() {
        let meaning = |line, capabilities: &[&str]| read(line, capabilities).0.meaning;
        for announced in ["RESP-CODES", "AUTH-RESP-CODE"] {
            let certain = meaning("[AUTH] Authentication failed.", &[announced]);
            assert_eq!(certain, Meaning::Credentials);
        }
        assert_eq!(meaning("[AUTH] no", &[]), Meaning::Unsaid);
        for line in ["invalid password", "", "Invalid login, please try again"] {
            assert_eq!(meaning(line, &["RESP-CODES"]), Meaning::Unsaid, "{line}");
            assert_eq!(kind(line), ProblemKind::WrongCredentials, "{line}");
        }
    }

    #[test]
    fn the_time_to_try_again_is_told_and_kept() {
        for (line, capabilities, pause) in [
            ("[LOGIN-DELAY] not yet", &["LOGIN-DELAY 900"][..], Some(900)),
            ("[LOGIN-DELAY] not yet", &[], Some(300)),
            (
                "[LOGIN-DELAY] wait 60 seconds",
                &["LOGIN-DELAY 900"],
                Some(60),
            ),
            ("please wait 12 min.", &[], Some(720)),
            ("[SYS/TEMP] in 2h", &[], Some(7200)),
            ("[SYS/TEMP] error 42", &["LOGIN-DELAY 900"], None),
            ("[LOGIN-DELAY] wait 4000000000 hours", &[], Some(86_400)),
        ] {
            let (Refusal { problem, .. }, remembered) = read(line, capabilities);
            assert_eq!(problem.kind, ProblemKind::TryLater, "{line}");
            assert_eq!(problem.retry_at, remembered.next_login, "{line}");
            let now = i64::try_from(SystemClock.now().as_secs()).unwrap();
            match (problem.retry_at, pause) {
                (Some(at), Some(pause)) => assert!((-5..=0).contains(&(now + pause - at).min(0))),
                (at, pause) => assert_eq!(at, pause, "{line}"),
            }
        }
    }

    #[test]
    fn numbers_without_a_unit_of_time_are_no_pause() {
        for (text, seconds) in [
            ("5 minutes", Some(300)),
            ("wait 720s", Some(720)),
            ("1 hour", Some(3600)),
            ("error 451 4.7.1, 10 messages", None),
            ("99999999999 seconds", None),
            ("", None),
        ] {
            assert_eq!(pause_in_words(text), seconds, "{text}");
        }
    }

    #[test]
    fn a_refused_mechanism_is_no_refused_password() {
        let about = |line: &str| is_about_the_method(&StatusText::parse(line.as_bytes()));
        assert!(about("Unsupported authentication mechanism."));
        assert!(about("Unknown command: AUTH"));
        assert!(about("[AUTH] Unsupported authentication mechanism."));
        assert!(!about("[AUTH] Unknown user"));
        assert!(!about("Authentication failed"));
        assert!(!about("[AUTH] mechanism says no"));
        assert!(!about("wrong password for mechanism PLAIN"));
    }

    #[test]
    fn what_the_server_says_is_passed_on() {
        let problem = refused(&StatusText::parse(b"[SYS/PERM] no such drop"));
        assert_eq!(problem.detail.as_deref(), Some("no such drop"));
        assert_eq!(refused(&StatusText::default()).detail, None);
    }
}
