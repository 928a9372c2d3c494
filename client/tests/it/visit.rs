//! One check through a bridge, as the engine does it.

use std::cell::RefCell;
use std::future::{Future, pending};

use restante_client::clock::SystemClock;
use restante_client::engine::check::{Maildrop, check, prove};
use restante_client::engine::command::{Encryption, MailboxSettings, Secret};
use restante_client::engine::delivery::Delivery;
use restante_client::engine::event::{CheckOutcome, MailboxId, Problem, Progress};
use restante_client::transport::relay;
use restante_shared::relay::Target;

use crate::bridge;
use crate::dovecot::PASSWORD;
use crate::kept::Kept;

/// How a mailbox reaches a scripted server: without any encryption.
pub(crate) fn unencrypted(port: u16) -> MailboxSettings {
    MailboxSettings {
        address: "reader@example.org".to_owned(),
        user: "reader".to_owned(),
        host: "localhost".parse().unwrap(),
        port,
        encryption: Encryption::None,
        ca_pem: None,
        demo: false,
    }
}

/// Checks a mailbox through a bridge that allows it.
pub(crate) async fn visit(settings: &MailboxSettings, kept: &mut Kept) -> CheckOutcome {
    let relay = bridge::start([settings.port]).await;
    visit_through(&relay, settings, kept, |_| {}, pending()).await
}

/// Checks a mailbox and expects a problem.
pub(crate) async fn problem_of(settings: &MailboxSettings) -> Problem {
    match visit(settings, &mut Kept::default()).await {
        CheckOutcome::Failed {
            problem,
            new_messages: 0,
        } => problem,
        other => panic!("{other:?}"),
    }
}

/// Checks a mailbox through a certain bridge.
pub(crate) async fn visit_through(
    relay: &str,
    settings: &MailboxSettings,
    kept: &mut impl Delivery,
    on_progress: impl FnMut(Progress),
    cancelled: impl Future<Output = ()>,
) -> CheckOutcome {
    let target = Target::new(settings.host.as_str(), settings.port).unwrap();
    check(
        maildrop(settings, &Secret::new(PASSWORD.to_owned())),
        relay::open(relay, &target),
        MailboxId(1),
        kept,
        on_progress,
        cancelled,
    )
    .await
}

/// Proves settings through a bridge that allows them.
pub(crate) async fn proof_of(settings: &MailboxSettings, password: &str) -> Result<(), Problem> {
    let relay = bridge::start([settings.port]).await;
    let target = Target::new(settings.host.as_str(), settings.port).unwrap();
    let password = Secret::new(password.to_owned());
    let stages = RefCell::new(Vec::new());
    let on_progress = |progress: Progress| stages.borrow_mut().push(progress.stage);
    prove(
        maildrop(settings, &password),
        relay::open(&relay, &target),
        on_progress,
    )
    .await
}

fn maildrop<'a>(settings: &'a MailboxSettings, password: &'a Secret) -> Maildrop<'a, SystemClock> {
    Maildrop {
        settings,
        password,
        clock: &SystemClock,
    }
}
