//! The accounts in memory and on disk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::copies::Copies;
use super::first;
use crate::api::ids::MailboxId;
use crate::api::problem::{Detail, Problem, ProblemKind};
use crate::api::settings::{MailboxSettings, Secret};
use crate::engine::mailboxes::server_profile::ServerProfile;
use crate::engine::store::spool::Files;

/// The files of the two copies.
const NAMES: [&str; 2] = ["accounts.a", "accounts.b"];

/// The content of the files. A variant never changes; new formats are added after it.
#[derive(Debug, Serialize, Deserialize)]
enum StoredAccounts {
    V1(BTreeMap<MailboxId, first::AccountV1>),
    V2(BTreeMap<MailboxId, Account>),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) settings: MailboxSettings,
    /// The remembered password.
    pub(super) password: Option<Secret>,
    /// The profile of the server.
    pub(super) profile: ServerProfile,
}

/// All accounts that this engine knows.
#[derive(Debug)]
pub(in crate::engine) struct Accounts<F: Files> {
    copies: Copies<F::File>,
    accounts: BTreeMap<MailboxId, Account>,
    /// Passwords that may not be stored.
    fleeting: BTreeMap<MailboxId, Secret>,
}

impl<F: Files> Accounts<F> {
    /// Reads the accounts.
    ///
    /// # Errors
    /// If storage fails, or contains the accounts of a newer version.
    pub(in crate::engine) async fn open(files: &F) -> Result<Self, Problem> {
        let (copies, octets) = Copies::open(files, NAMES).await?;
        let accounts = match octets.map(|octets| postcard::from_bytes(&octets)) {
            None => BTreeMap::new(),
            Some(Ok(StoredAccounts::V1(accounts))) => accounts
                .into_iter()
                .map(|(mailbox, account)| (mailbox, account.into()))
                .collect(),
            Some(Ok(StoredAccounts::V2(accounts))) => accounts,
            Some(Err(_)) => {
                return Err(Problem::with_detail(
                    ProblemKind::StorageFailed,
                    Detail::NewerAccounts,
                ));
            }
        };
        Ok(Self {
            copies,
            accounts,
            fleeting: BTreeMap::new(),
        })
    }

    /// Returns the mailboxes that have an account.
    pub(in crate::engine) fn mailboxes(&self) -> Vec<MailboxId> {
        self.accounts.keys().copied().collect()
    }

    /// Returns the settings of a mailbox.
    pub(in crate::engine) fn settings(&self, mailbox: MailboxId) -> Option<&MailboxSettings> {
        self.accounts.get(&mailbox).map(|account| &account.settings)
    }

    /// Returns the password of a mailbox, if it is known.
    pub(in crate::engine) fn password(&self, mailbox: MailboxId) -> Option<&Secret> {
        let kept = self
            .accounts
            .get(&mailbox)
            .and_then(|account| account.password.as_ref());
        self.fleeting.get(&mailbox).or(kept)
    }

    /// Returns the stored profile of a mailbox's server.
    pub(in crate::engine) fn profile(&self, mailbox: MailboxId) -> ServerProfile {
        let account = self.accounts.get(&mailbox);
        account.map_or_else(ServerProfile::default, |account| account.profile.clone())
    }

    /// Stores the profile of a mailbox's server. Writes nothing if it is unchanged.
    pub(in crate::engine) fn set_profile(
        &mut self,
        mailbox: MailboxId,
        profile: ServerProfile,
    ) -> Result<(), Problem> {
        match self.accounts.get_mut(&mailbox) {
            Some(account) if account.profile != profile => {
                account.profile = profile;
                self.write()
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Returns true if a mailbox with this user name on this server exists. Only one demo can
    /// exist.
    pub(in crate::engine) fn has_twin_of(&self, settings: &MailboxSettings) -> bool {
        let mut others = self.accounts.values().map(|account| &account.settings);
        others.any(|other| {
            (settings.demo && other.demo)
                || (&settings.user, &settings.host, settings.port)
                    == (&other.user, &other.host, other.port)
        })
    }

    /// Adds an account, or changes its settings. If they cannot be stored, nothing changes.
    pub(in crate::engine) fn set_settings(
        &mut self,
        mailbox: MailboxId,
        settings: MailboxSettings,
    ) -> Result<(), Problem> {
        let before = self.accounts.clone();
        match self.accounts.get_mut(&mailbox) {
            Some(account) => {
                if !is_same_server(&account.settings, &settings) {
                    account.profile = ServerProfile::default();
                }
                account.settings = settings;
            }
            None => {
                let account = Account {
                    settings,
                    password: None,
                    profile: ServerProfile::default(),
                };
                self.accounts.insert(mailbox, account);
            }
        }
        let written = self.write();
        if written.is_err() {
            self.accounts = before;
        }
        written
    }

    /// Sets the password of an account, either until the tab closes or permanently.
    pub(in crate::engine) fn set_password(
        &mut self,
        mailbox: MailboxId,
        password: Secret,
        remember: bool,
    ) -> Result<(), Problem> {
        let Some(account) = self.accounts.get_mut(&mailbox) else {
            return Err(Problem::new(ProblemKind::NotFound));
        };
        let before = account.password.take();
        if remember {
            account.password = Some(password);
            self.fleeting.remove(&mailbox);
        } else {
            self.fleeting.insert(mailbox, password);
        }
        if remember || before.is_some() {
            self.write()
        } else {
            Ok(())
        }
    }

    /// Removes an account with its password.
    pub(in crate::engine) fn remove(&mut self, mailbox: MailboxId) -> Result<(), Problem> {
        self.fleeting.remove(&mailbox);
        match self.accounts.remove(&mailbox) {
            Some(_) => self.write(),
            None => Ok(()),
        }
    }

    fn write(&mut self) -> Result<(), Problem> {
        let content = StoredAccounts::V2(self.accounts.clone());
        let octets = postcard::to_allocvec(&content)
            .map_err(|error| Problem::with_detail(ProblemKind::StorageFailed, error.to_string()))?;
        Ok(self.copies.replace(&octets)?)
    }
}

/// Returns true if a server profile learned with one applies to the other.
fn is_same_server(one: &MailboxSettings, other: &MailboxSettings) -> bool {
    let server = |s: &MailboxSettings| {
        (
            s.host.clone(),
            s.port,
            s.encryption,
            s.user.clone(),
            s.login,
        )
    };
    server(one) == server(other)
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::api::settings::{Encryption, Login};
    use crate::engine::store::spool::faults::{Faults, FaultyFiles};
    use crate::engine::store::spool::{File as _, MemoryFiles};

    const ONE: MailboxId = MailboxId(1);
    const TWO: MailboxId = MailboxId(2);

    fn open(files: &MemoryFiles) -> Accounts<MemoryFiles> {
        block_on(Accounts::open(files)).unwrap()
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    fn settings(user: &str) -> MailboxSettings {
        MailboxSettings {
            address: format!("{user}@example.org"),
            user: user.to_owned(),
            host: "pop.example.org".parse().unwrap(),
            port: 995,
            encryption: Encryption::Tls,
            ca_pem: None,
            demo: false,
            login: Login::default(),
        }
    }

    #[test]
    fn only_data_that_may_be_stored_survives_a_restart() {
        let files = MemoryFiles::new();
        let mut accounts = open(&files);
        accounts.set_settings(ONE, settings("one")).unwrap();
        accounts.set_settings(TWO, settings("two")).unwrap();
        accounts
            .set_password(ONE, secret("s\u{fc}\u{df} 1"), true)
            .unwrap();
        accounts.set_password(TWO, secret("two"), false).unwrap();
        assert_eq!(accounts.password(TWO), Some(&secret("two")));
        let accounts = open(&files);
        assert_eq!(accounts.password(ONE), Some(&secret("s\u{fc}\u{df} 1")));
        assert_eq!(accounts.settings(TWO), Some(&settings("two")));
        assert_eq!(accounts.password(TWO), None);
    }

    #[test]
    fn a_forgotten_password_is_removed_from_the_files() {
        let files = MemoryFiles::new();
        let mut accounts = open(&files);
        for mailbox in [ONE, TWO] {
            accounts.set_settings(mailbox, settings("user")).unwrap();
        }
        accounts
            .set_password(ONE, secret("first secret"), true)
            .unwrap();
        accounts
            .set_password(TWO, secret("second secret"), true)
            .unwrap();
        accounts.remove(ONE).unwrap();
        accounts
            .set_password(TWO, secret("third secret"), false)
            .unwrap();
        for name in NAMES {
            let file = block_on(files.open(name)).unwrap();
            let mut octets = vec![0; usize::try_from(file.size().unwrap()).unwrap()];
            file.read_at(0, &mut octets).unwrap();
            assert!(
                !octets.windows(6).any(|window| window == b"secret"),
                "{name}"
            );
        }
    }

    #[test]
    fn new_settings_keep_the_password() {
        let mut accounts = open(&MemoryFiles::new());
        accounts.set_settings(ONE, settings("one")).unwrap();
        accounts.set_password(ONE, secret("one"), true).unwrap();
        accounts.set_settings(ONE, settings("other")).unwrap();
        assert_eq!(accounts.password(ONE), Some(&secret("one")));
    }

    #[test]
    fn the_same_user_on_the_same_server_has_one_account() {
        let mut accounts = open(&MemoryFiles::new());
        accounts.set_settings(ONE, settings("one")).unwrap();
        assert!(accounts.has_twin_of(&settings("one")));
        assert!(!accounts.has_twin_of(&settings("two")));
    }

    #[test]
    fn an_account_that_cannot_be_stored_does_not_exist() {
        let faults = Faults::default();
        let files = FaultyFiles::new(MemoryFiles::new(), faults.clone());
        let mut accounts = block_on(Accounts::open(&files)).unwrap();
        accounts.set_settings(ONE, settings("one")).unwrap();
        faults.fill_after(Some(0));
        assert!(accounts.set_settings(ONE, settings("other")).is_err());
        assert!(accounts.set_settings(TWO, settings("two")).is_err());
        assert_eq!(accounts.settings(ONE), Some(&settings("one")));
        assert!(!accounts.has_twin_of(&settings("two")));
    }

    #[test]
    fn the_profile_of_a_server_lasts_until_the_server_changes() {
        let files = MemoryFiles::new();
        let mut accounts = open(&files);
        accounts.set_settings(ONE, settings("one")).unwrap();
        let learned = ServerProfile {
            latin1: true,
            ..ServerProfile::default()
        };
        accounts.set_profile(ONE, learned.clone()).unwrap();
        let mut accounts = open(&files);
        assert_eq!(accounts.profile(ONE), learned);
        let address = "other@example.org".to_owned();
        accounts
            .set_settings(
                ONE,
                MailboxSettings {
                    address,
                    ..settings("one")
                },
            )
            .unwrap();
        assert_eq!(accounts.profile(ONE), learned);
        let port = 110;
        accounts
            .set_settings(
                ONE,
                MailboxSettings {
                    port,
                    ..settings("one")
                },
            )
            .unwrap();
        assert_eq!(accounts.profile(ONE), ServerProfile::default());
    }

    #[test]
    fn accounts_of_the_first_version_are_read() {
        let files = MemoryFiles::new();
        let account = first::AccountV1::of(settings("one"), Some(secret("kept")));
        let content = StoredAccounts::V1(BTreeMap::from([(ONE, account)]));
        let (mut copies, _) = block_on(Copies::open(&files, NAMES)).unwrap();
        copies
            .replace(&postcard::to_allocvec(&content).unwrap())
            .unwrap();
        let accounts = open(&files);
        assert_eq!(accounts.settings(ONE), Some(&settings("one")));
        assert_eq!(accounts.password(ONE), Some(&secret("kept")));
    }

    #[test]
    fn accounts_of_a_newer_version_are_an_error_and_not_lost() {
        let files = MemoryFiles::new();
        open(&files).set_settings(ONE, settings("one")).unwrap();
        let (mut copies, _) = block_on(Copies::open(&files, NAMES)).unwrap();
        copies.replace(&[9, 1, 2, 3]).unwrap();
        let problem = block_on(Accounts::open(&files)).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::StorageFailed);
    }
}
