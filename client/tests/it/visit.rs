//! One check through a bridge, as the engine runs it.

use std::cell::RefCell;
use std::future::{Future, pending};

use restante_client::api::check::{CheckOutcome, Progress};
use restante_client::api::ids::MailboxId;
use restante_client::api::problem::Problem;
use restante_client::api::settings::{Encryption, Login, MailboxSettings, Secret};
use restante_client::clock::{Clock, SystemClock};
use restante_client::engine::check::{check, prove};
use restante_client::engine::diagnostics::journal::Journal;
use restante_client::engine::mailboxes::live_profile::LiveProfile;
use restante_client::engine::mailboxes::server_profile::ServerProfile;
use restante_client::engine::server::context::{Dialler, SessionContext};
use restante_client::engine::sink::Delivery;
use restante_client::transport::relay;
use restante_shared::pop3::quirk::Quirk;
use restante_shared::relay::Target;

use crate::bridge;
use crate::dovecot::PASSWORD;
use crate::kept::Kept;

/// Returns the settings of a mailbox on a scripted server without encryption.
pub(crate) fn unencrypted(port: u16) -> MailboxSettings {
    MailboxSettings {
        address: "reader@example.org".to_owned(),
        user: "reader".to_owned(),
        host: "localhost".parse().unwrap(),
        port,
        encryption: Encryption::None,
        ca_pem: None,
        demo: false,
        login: Login::default(),
    }
}

/// Checks a mailbox through a bridge that allows its port.
pub(crate) async fn visit(settings: &MailboxSettings, kept: &mut Kept) -> CheckOutcome {
    let relay = bridge::start([settings.port]).await;
    visit_through(&relay, settings, kept, |_| {}, pending()).await
}

/// Checks a mailbox, and expects a problem.
pub(crate) async fn problem_of(settings: &MailboxSettings) -> Problem {
    match visit(settings, &mut Kept::default()).await {
        CheckOutcome::Failed {
            problem,
            new_messages: 0,
        } => problem,
        other => panic!("{other:?}"),
    }
}

/// Checks a mailbox through this bridge.
pub(crate) async fn visit_through(
    relay: &str,
    settings: &MailboxSettings,
    kept: &mut impl Delivery,
    on_progress: impl FnMut(Progress),
    cancelled: impl Future<Output = ()>,
) -> CheckOutcome {
    let mut profile = LiveProfile::in_memory(ServerProfile::default(), &SystemClock);
    let password = Secret::new(PASSWORD.to_owned());
    let journal = RefCell::default();
    let context = context(relay, settings, &password, &SystemClock, &journal);
    let mailbox = MailboxId(1);
    check(context, &mut profile, mailbox, kept, on_progress, cancelled).await
}

/// Proves settings through a bridge that allows their port.
pub(crate) async fn proof_of(settings: &MailboxSettings, password: &str) -> Result<(), Problem> {
    let mut visitor = Visitor::new(settings.clone(), SystemClock);
    visitor.secret = Secret::new(password.to_owned());
    visitor.prove().await
}

/// Returns the surroundings of sessions through a bridge.
fn context<'a, C>(
    relay: &'a str,
    settings: &'a MailboxSettings,
    password: &'a Secret,
    clock: &'a C,
    journal: &'a RefCell<Journal>,
) -> SessionContext<'a, C> {
    let target = Target::new(settings.host.as_str(), settings.port).unwrap();
    SessionContext {
        settings,
        password,
        clock,
        dialler: Dialler::new(async move || relay::open(relay, &target).await),
        journal,
    }
}

/// A user who checks a mailbox several times. The store and the server's profile last from check to
/// check.
pub(crate) struct Visitor<C> {
    pub(crate) settings: MailboxSettings,
    pub(crate) secret: Secret,
    pub(crate) profile: ServerProfile,
    /// The transcripts of its sessions.
    pub(crate) journal: RefCell<Journal>,
    pub(crate) kept: Kept,
    /// The reports of all checks.
    pub(crate) progress: Vec<Progress>,
    clock: C,
}

impl<C: Clock> Visitor<C> {
    pub(crate) fn new(settings: MailboxSettings, clock: C) -> Self {
        Self {
            settings,
            secret: Secret::new(PASSWORD.to_owned()),
            profile: ServerProfile::default(),
            journal: RefCell::default(),
            kept: Kept::default(),
            progress: Vec::new(),
            clock,
        }
    }

    /// Returns true if this quirk of the server is remembered.
    pub(crate) fn met(&self, quirk: Quirk) -> bool {
        self.profile.quirks.contains(&quirk)
    }

    /// Checks the mailbox through a bridge of its own.
    pub(crate) async fn check(&mut self) -> CheckOutcome {
        let relay = bridge::start([self.settings.port]).await;
        let mut profile = LiveProfile::in_memory(self.profile.clone(), &self.clock);
        let Self {
            settings,
            secret,
            clock,
            journal,
            ..
        } = self;
        let context = context(&relay, settings, secret, clock, journal);
        let outcome = check(
            context,
            &mut profile,
            MailboxId(1),
            &mut self.kept,
            |progress| self.progress.push(progress),
            pending(),
        )
        .await;
        self.profile = profile.into_profile();
        outcome
    }

    /// Logs in and quits, through a bridge of its own.
    pub(crate) async fn prove(&mut self) -> Result<(), Problem> {
        let relay = bridge::start([self.settings.port]).await;
        let mut profile = LiveProfile::in_memory(self.profile.clone(), &self.clock);
        let Self {
            settings,
            secret,
            clock,
            journal,
            ..
        } = self;
        let context = context(&relay, settings, secret, clock, journal);
        let on_progress = |progress| self.progress.push(progress);
        let proven = prove(context, &mut profile, on_progress).await;
        self.profile = profile.into_profile();
        proven?.leave().await;
        Ok(())
    }

    /// Checks the mailbox, and expects a problem before the first message.
    pub(crate) async fn problem(&mut self) -> Problem {
        match self.check().await {
            CheckOutcome::Failed {
                problem,
                new_messages: 0,
            } => problem,
            other => panic!("{other:?}"),
        }
    }
}
