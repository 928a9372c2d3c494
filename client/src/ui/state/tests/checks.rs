//! Mail checks, and the passwords that they need.

use super::*;
use crate::api::check::CheckEvent;
use crate::api::mailbox::MailboxCommand;

#[test]
fn the_notice_of_a_failed_check_stays_until_a_check_succeeds() {
    let mut state = ready(vec![mailbox(1)]);
    let fail = |kind| {
        EngineEvent::Check(CheckEvent::Finished {
            mailbox: MailboxId(1),
            outcome: CheckOutcome::Failed {
                new_messages: 0,
                problem: Problem::new(kind),
            },
        })
    };
    hear(&mut state, fail(ProblemKind::TimedOut));
    hear(&mut state, fail(ProblemKind::ConnectionLost));
    assert_eq!(state.notices.len(), 1, "the last one only");
    let done = EngineEvent::Check(CheckEvent::Finished {
        mailbox: MailboxId(1),
        outcome: CheckOutcome::Done {
            new_messages: 0,
            skipped: 0,
        },
    });
    hear(&mut state, done);
    assert!(state.notices.is_empty());
}

#[test]
fn a_needed_password_is_requested_and_sent_for_its_mailbox() {
    let mut state = ready(vec![mailbox(1), mailbox(2)]);
    let needed = EngineEvent::Check(CheckEvent::Finished {
        mailbox: MailboxId(2),
        outcome: CheckOutcome::PasswordNeeded,
    });
    hear(&mut state, needed);
    let password = Secret::new("hunter2".to_owned());
    assert_eq!(
        act(&mut state, UserAction::EnterPassword),
        [],
        "nothing typed yet"
    );
    assert_eq!(
        act(&mut state, UserAction::TypePassword(password.clone())),
        []
    );
    assert_eq!(act(&mut state, UserAction::RememberPassword(false)), []);
    let effects = act(&mut state, UserAction::EnterPassword);
    assert_eq!(
        effects,
        [Effect::Send(EngineCommand::Mailbox(
            MailboxCommand::SetPassword {
                mailbox: MailboxId(2),
                password,
                remember: false,
            }
        ))]
    );
    assert_eq!(state.dialog, None);
}

#[test]
fn only_one_check_runs_at_a_time() {
    let mut state = ready(vec![mailbox(1)]);
    assert_eq!(act(&mut state, UserAction::CheckMail).len(), 1);
    assert_eq!(act(&mut state, UserAction::CheckMail), []);
    let progress = Progress {
        mailbox: Some(MailboxId(1)),
        stage: Stage::Listing,
        messages_done: 0,
        messages_total: 0,
        octets_done: 0,
        octets_total: 0,
        octets_per_second: 0,
    };
    hear(
        &mut state,
        EngineEvent::Check(CheckEvent::Progress { progress }),
    );
    assert_eq!(state.checks.progress().unwrap().stage, Stage::Listing);
}

#[test]
fn a_maildrop_in_use_does_not_open_the_password_dialog() {
    let mut state = ready(vec![mailbox(1)]);
    let locked = EngineEvent::Check(CheckEvent::Finished {
        mailbox: MailboxId(1),
        outcome: CheckOutcome::Failed {
            new_messages: 0,
            problem: Problem::new(ProblemKind::MaildropInUse),
        },
    });
    hear(&mut state, locked);
    assert_eq!(state.dialog, None);
    assert_eq!(state.notices.len(), 1);
}

#[test]
fn a_postponed_check_reports_its_time() {
    let mut state = ready(vec![mailbox(1), mailbox(2)]);
    for (mailbox, until) in [(1, 900), (2, 600)] {
        let outcome = CheckOutcome::Postponed { until };
        let mailbox = MailboxId(mailbox);
        hear(
            &mut state,
            EngineEvent::Check(CheckEvent::Finished { mailbox, outcome }),
        );
    }
    assert_eq!(state.checks.postponed(), Some(600));
    assert_eq!(state.notices, [], "nothing is wrong");
}
