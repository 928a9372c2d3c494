//! Q12, Q13 and RFC 3206: the meaning of a refusal, from its code or its text.

use restante_client::api::problem::{Problem, ProblemKind};
use restante_client::api::settings::Encryption;
use restante_client::clock::Clock as _;
use restante_shared::pop3::quirk::Quirk;

use super::{GREETING, capa, login};
use crate::scripted::Script;
use crate::shown;

/// Returns the problem that this answer to `PASS` leads to, and whether only its text identified a
/// lock.
async fn refused(answer: &str) -> (Problem, bool) {
    let script = Script::start([format!(
        "{GREETING}{}
        C: USER reader
        S: +OK
        C: PASS correct horse
        S: -ERR {answer}",
        capa(&["USER", "UIDL", "RESP-CODES", "AUTH-RESP-CODE"])
    )])
    .await;
    let mut visitor = script.visitor(Encryption::None);
    let problem = visitor.problem().await;
    let in_words = visitor.met(Quirk::LockWithoutCode);
    script.played().await;
    (problem, in_words)
}

#[tokio::test]
async fn q12_locks_are_recognised_by_text_and_by_code() {
    for (answer, kind, in_words) in [
        (
            "[IN-USE] Do you have another POP session running?",
            ProblemKind::MaildropInUse,
            false,
        ),
        ("[SYS/TEMP] Temporary", ProblemKind::TryLater, false),
        ("maildrop already locked", ProblemKind::MaildropInUse, true),
        (
            "Unable to lock your mailbox",
            ProblemKind::MaildropInUse,
            true,
        ),
        ("Service unavailable", ProblemKind::TryLater, true),
        ("please wait a while", ProblemKind::TryLater, true),
        (
            "[AUTH] Authentication failed.",
            ProblemKind::WrongCredentials,
            false,
        ),
        ("invalid password", ProblemKind::WrongCredentials, false),
    ] {
        let (problem, lock_in_text) = refused(answer).await;
        assert_eq!((problem.kind, lock_in_text), (kind, in_words), "{answer}");
    }
}

#[tokio::test]
async fn rfc3206_each_code_leads_to_its_problem() {
    for (answer, kind) in [
        ("[AUTH] no", ProblemKind::WrongCredentials),
        ("[sys/temp] no", ProblemKind::TryLater),
        ("[SYS/PERM] no", ProblemKind::AdministratorNeeded),
        // Unknown detail levels are ignored.
        ("[SYS/TEMP/DISK] no", ProblemKind::TryLater),
    ] {
        let (problem, _) = refused(answer).await;
        assert_eq!(problem.kind, kind, "{answer}");
        assert_eq!(shown::detail(&problem).as_deref(), Some("no"), "{answer}");
    }
}

#[tokio::test]
async fn q13_a_delay_between_logins_is_reported_with_its_end() {
    for (answer, pause) in [
        (
            "[LOGIN-DELAY] minimum time between logins is 720 seconds",
            720,
        ),
        ("[LOGIN-DELAY] too soon", 300),
        ("Too many logins, please wait 12 minutes", 720),
    ] {
        let (problem, _) = refused(answer).await;
        assert_eq!(problem.kind, ProblemKind::TryLater, "{answer}");
        let now = restante_client::clock::SystemClock.now().as_secs();
        let at = problem.retry_at.unwrap();
        let left = at - i64::try_from(now).unwrap();
        assert!((pause - 30..=pause).contains(&left), "{answer}: {left} s");
    }
    let (problem, _) = refused("duplicate login!").await;
    assert_eq!(problem.kind, ProblemKind::MaildropInUse);
}

#[tokio::test]
async fn rfc3206_codes_mean_the_same_on_any_command() {
    for (answer, kind) in [
        ("[SYS/TEMP] disk", ProblemKind::TryLater),
        ("[SYS/PERM] gone", ProblemKind::AdministratorNeeded),
    ] {
        let uidl = format!("{}C: UIDL\nC: LIST\nS: -ERR {answer}\n", login());
        let greeting = format!("S: -ERR {answer}\n");
        for text in [greeting, uidl] {
            let script = Script::start([text]).await;
            let problem = script.visitor(Encryption::None).problem().await;
            assert_eq!(problem.kind, kind, "{answer}");
            script.played().await;
        }
    }
}
