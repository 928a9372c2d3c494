//! The meaning of a refusal: from its response code, or else from its words.
//!
//! All response codes count if the server announced them. The codes about the maildrop and the time
//! count even if it did not: no server without response codes starts its texts with these words in
//! brackets, and a locked maildrop must never lead to a question for the password. `[AUTH]` without
//! an announcement means nothing.

use restante_shared::pop3::quirk::Quirk;
use restante_shared::pop3::reply::{ResponseCode, StatusText};

use super::capabilities::Capabilities;
use crate::api::problem::{Detail, Problem, ProblemKind};
use crate::api::settings::{Encryption, MailboxSettings};
use crate::engine::mailboxes::lesson::Lesson;
use crate::engine::mailboxes::server_profile::next_login;

/// The pause in seconds after `[LOGIN-DELAY]` without a time: the shortest that large hosts request.
const USUAL_LOGIN_DELAY: u32 = 300;

/// A refused login.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::engine) struct LoginRefusal {
    /// The problem to report to the user.
    pub(in crate::engine) problem: Problem,
    /// The attempts that still make sense.
    pub(in crate::engine) verdict: Verdict,
}

/// The attempts that a refusal leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Verdict {
    /// None at this time.
    Final,
    /// At most another character set of the password, because the credentials are wrong.
    Credentials,
    /// Another method, because the server gave no reason.
    Unknown,
}

impl LoginRefusal {
    /// Reads the reply to a login at a time in seconds since 1970. Returns the lessons of it as well.
    pub(in crate::engine) fn read(
        text: &StatusText,
        settings: &MailboxSettings,
        capabilities: &Capabilities,
        now: i64,
    ) -> (Self, Vec<Lesson>) {
        let mut lessons = Vec::new();
        let unencrypted = settings.encryption == Encryption::None;
        let announced = capabilities.response_codes();
        let by_code = text.code.as_ref().and_then(kind_of);
        let in_words = kind_in_words(&without_names(&text.text, settings.user.as_str()));
        let (kind, verdict) = if unencrypted && asks_for_tls(&text.text) {
            (ProblemKind::EncryptionRequired, Verdict::Final)
        } else if let Some(kind) = by_code {
            (kind, Verdict::Final)
        } else if text.code == Some(ResponseCode::Auth) && announced {
            (ProblemKind::WrongCredentials, Verdict::Credentials)
        } else if let Some(kind) = in_words {
            lessons.push(Lesson::Quirk(Quirk::LockWithoutCode));
            (kind, Verdict::Final)
        } else if is_out_of_order(&text.text) {
            (ProblemKind::TryLater, Verdict::Unknown)
        } else {
            (ProblemKind::WrongCredentials, Verdict::Unknown)
        };
        let mut problem = problem(kind, text);
        if kind == ProblemKind::TryLater {
            let too_soon = text.code == Some(ResponseCode::LoginDelay);
            let announced = || capabilities.login_delay().unwrap_or(USUAL_LOGIN_DELAY);
            let pause = pause_in_words(&text.text).or(too_soon.then(announced));
            problem.retry_at = pause.map(|seconds| next_login(now, seconds));
            lessons.extend(problem.retry_at.map(|at| Lesson::NextLogin(Some(at))));
        }
        (Self { problem, verdict }, lessons)
    }
}

/// Returns the problem for a refused greeting.
pub(in crate::engine) fn greeting_refused(text: &StatusText) -> Problem {
    let kind = text.code.as_ref().and_then(kind_of);
    let kind = kind.or_else(|| kind_in_words(&text.text));
    problem(kind.unwrap_or(ProblemKind::ServerRefused), text)
}

/// Returns the problem for any other refusal.
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

/// Finds locks and delays that a server reports in words only, such as "maildrop already locked", the
/// example of [RFC 1939 §7].
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

/// Returns true if a proxy reports that the server after it failed: nginx and Perdition, which forward
/// logins, say so if they cannot reach it. They may be unable to forward one method only.
fn is_out_of_order(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let has = |word| text.contains(word);
    (has("internal") && has("error")) || has("not connect")
}

/// Removes user names: `walter@mailbox.example` does not mean that the user has to wait.
fn without_names(text: &str, user: &str) -> String {
    let is_mark = |c: char| !c.is_alphanumeric();
    let is_name = |word: &&str| {
        let bare = word.trim_matches(is_mark);
        bare.contains('@') || bare.eq_ignore_ascii_case(user)
    };
    let words = text.split_whitespace().filter(|word| !is_name(word));
    words.collect::<Vec<_>>().join(" ")
}

/// Finds the first number that is followed by a unit of time, such as "try again in 5 minutes".
/// Returns it in seconds.
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
            Some(unit) => unit,
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

/// Returns true if a refusal in words is about the missing encryption and not about the password.
fn asks_for_tls(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["tls", "ssl", "encrypt", "non-secure", "plaintext auth"]
        .iter()
        .any(|word| text.contains(word))
}

/// Returns true if a refused `AUTH` is about its mechanism, so that name and password were not judged.
/// Some servers say `[AUTH]` to that as well.
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
    // A text that mentions both is a judgement, and hosts count those.
    let judged = has(&["password", "credential", "incorrect"]);
    match &text.code {
        None => unknown || (names_it && !judged),
        Some(ResponseCode::Auth) => unknown && names_it,
        Some(_) => false,
    }
}

fn problem(kind: ProblemKind, text: &StatusText) -> Problem {
    Problem {
        detail: (!text.text.is_empty()).then(|| Detail::Text(text.text.clone())),
        ..Problem::new(kind)
    }
}

#[cfg(test)]
mod tests {
    use restante_shared::pop3::capability::Capability;
    use restante_shared::pop3::session::Event;

    use super::*;
    use crate::engine::server::connection::Reply;

    const NOW: i64 = 1_000_000;

    /// Reads a refusal of a server with these capabilities.
    fn read(line: &str, capabilities: &[&str]) -> (LoginRefusal, Vec<Lesson>) {
        let capability = |line: &&str| Event::Capability(Capability::parse(line.as_bytes()));
        let items = capabilities.iter().map(capability).collect();
        let capabilities = Capabilities::read(Reply::Accepted(items));
        let text = StatusText::parse(line.as_bytes());
        let settings = MailboxSettings::lost();
        LoginRefusal::read(&text, &settings, &capabilities, NOW)
    }

    fn kind(line: &str) -> ProblemKind {
        read(line, &[]).0.problem.kind
    }

    #[test]
    fn a_lock_or_a_delay_in_words_is_not_a_wrong_password() {
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
                let (refusal, lessons) = read(line, &[]);
                assert_eq!(refusal.problem.kind, kind, "{line}");
                assert_eq!(refusal.verdict, Verdict::Final, "{line}");
                let quirk = Lesson::Quirk(Quirk::LockWithoutCode);
                assert!(lessons.contains(&quirk), "{line}");
            }
        }
    }

    #[test]
    fn a_failed_server_after_a_proxy_is_not_a_wrong_password() {
        for line in [
            "internal server error",
            "failed: Could not connect to server",
        ] {
            let (refusal, lessons) = read(line, &[]);
            assert_eq!(refusal.problem.kind, ProblemKind::TryLater, "{line}");
            assert_eq!(refusal.problem.retry_at, None, "{line}");
            assert_eq!(refusal.verdict, Verdict::Unknown, "{line}");
            assert!(
                !lessons.contains(&Lesson::Quirk(Quirk::LockWithoutCode)),
                "{line}"
            );
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
    fn a_code_about_the_maildrop_counts_even_if_not_announced() {
        for (line, expected) in [
            ("[IN-USE] Another session?", ProblemKind::MaildropInUse),
            ("[SYS/TEMP] Try again", ProblemKind::TryLater),
            ("[LOGIN-DELAY] not yet", ProblemKind::TryLater),
            ("[SYS/PERM] gone", ProblemKind::AdministratorNeeded),
        ] {
            let (refusal, lessons) = read(line, &[]);
            assert_eq!(refusal.problem.kind, expected, "{line}");
            assert_eq!(refusal.verdict, Verdict::Final, "{line}");
            assert!(
                !lessons.contains(&Lesson::Quirk(Quirk::LockWithoutCode)),
                "{line}"
            );
        }
    }

    #[test]
    fn only_an_announced_code_blames_the_credentials_for_certain() {
        let meaning = |line, capabilities: &[&str]| read(line, capabilities).0.verdict;
        for announced in ["RESP-CODES", "AUTH-RESP-CODE"] {
            let certain = meaning("[AUTH] Authentication failed.", &[announced]);
            assert_eq!(certain, Verdict::Credentials);
        }
        assert_eq!(meaning("[AUTH] no", &[]), Verdict::Unknown);
        for line in ["invalid password", "", "Invalid login, please try again"] {
            assert_eq!(meaning(line, &["RESP-CODES"]), Verdict::Unknown, "{line}");
            assert_eq!(kind(line), ProblemKind::WrongCredentials, "{line}");
        }
    }

    #[test]
    fn the_time_to_try_again_is_reported_and_learned() {
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
            let (LoginRefusal { problem, .. }, lessons) = read(line, capabilities);
            assert_eq!(problem.kind, ProblemKind::TryLater, "{line}");
            assert_eq!(problem.retry_at, pause.map(|pause| NOW + pause), "{line}");
            let next = Lesson::NextLogin(problem.retry_at);
            assert_eq!(lessons.contains(&next), pause.is_some(), "{line}");
        }
    }

    #[test]
    fn numbers_without_a_unit_of_time_are_not_a_pause() {
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
    fn a_refused_mechanism_is_not_a_refused_password() {
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
    fn the_text_of_the_server_is_passed_on() {
        let problem = refused(&StatusText::parse(b"[SYS/PERM] no such drop"));
        assert_eq!(problem.detail, Some("no such drop".into()));
        assert_eq!(refused(&StatusText::default()).detail, None);
    }
}
