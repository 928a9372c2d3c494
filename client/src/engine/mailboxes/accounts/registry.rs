//! The accounts in memory and on disk.

use std::collections::BTreeMap;

use super::copies::Copies;
use super::stored::{Account, StoredAccounts};
use crate::api::ids::MailboxId;
use crate::api::problem::{Detail, Problem, ProblemKind};
use crate::api::settings::{MailboxSettings, Secret};
use crate::engine::mailboxes::server_profile::ServerProfile;
use crate::engine::platform::Vault;
use crate::engine::store::spool::Files;

/// The files of the two copies.
pub(super) const NAMES: [&str; 2] = ["accounts.a", "accounts.b"];

/// All accounts that this engine knows.
#[derive(Debug)]
pub(in crate::engine) struct Accounts<F: Files, V> {
    copies: Copies<F::File>,
    vault: V,
    accounts: BTreeMap<MailboxId, Account>,
    /// The passwords that are known: typed since the start, or stored and unsealed.
    passwords: BTreeMap<MailboxId, Secret>,
}

impl<F: Files, V: Vault> Accounts<F, V> {
    /// Reads the accounts. Seals passwords that an earlier version stored in clear text, and
    /// overwrites them.
    ///
    /// # Errors
    /// If storage fails, or contains the accounts of a newer version.
    pub(in crate::engine) async fn open(files: &F, vault: V) -> Result<Self, Problem> {
        let (copies, octets) = Copies::open(files, NAMES).await?;
        let stored = octets.map(|octets| postcard::from_bytes::<StoredAccounts>(&octets));
        let is_stored = stored.is_some();
        let stored = stored
            .transpose()
            .map_err(|_| Problem::with_detail(ProblemKind::StorageFailed, Detail::NewerAccounts))?;
        let (accounts, clear) = stored.map(StoredAccounts::split).unwrap_or_default();
        let mut opened = Self {
            copies,
            vault,
            accounts,
            passwords: BTreeMap::new(),
        };
        opened.unseal_all().await;
        let had_clear = !clear.is_empty();
        for (mailbox, password) in clear {
            opened.seal(mailbox, &password).await;
            opened.passwords.insert(mailbox, password);
        }
        // A copy that differs may still hold a password that the other no longer has.
        if had_clear || is_stored && opened.copies.differ() {
            // If storage is full now, the next start tries again.
            let _ = opened.write();
        }
        Ok(opened)
    }

    async fn unseal_all(&mut self) {
        for (mailbox, account) in &self.accounts {
            if let Some(sealed) = &account.sealed
                && let Some(octets) = self
                    .vault
                    .unseal(sealed, &purpose(*mailbox, &account.settings))
                    .await
                && let Ok(password) = String::from_utf8(octets)
            {
                self.passwords.insert(*mailbox, Secret::new(password));
            }
        }
    }

    /// Seals a password for the settings of its account. Without a key, it is not stored.
    async fn seal(&mut self, mailbox: MailboxId, password: &Secret) {
        if let Some(account) = self.accounts.get_mut(&mailbox) {
            let purpose = purpose(mailbox, &account.settings);
            let password = password.reveal().as_bytes();
            account.sealed = self.vault.seal(password, &purpose).await;
        }
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
        self.passwords.get(&mailbox)
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
    ///
    /// A password is sent only to the server that it was given for: it is forgotten if any setting
    /// changes that decides where it goes. The demo's is published, and its port changes at every
    /// start of the bridge.
    pub(in crate::engine) async fn set_settings(
        &mut self,
        mailbox: MailboxId,
        settings: MailboxSettings,
    ) -> Result<(), Problem> {
        let before = self.accounts.get(&mailbox).cloned();
        let known = self.passwords.get(&mailbox).cloned();
        match self.accounts.get_mut(&mailbox) {
            Some(account) => {
                let is_demo = account.settings.demo && settings.demo;
                let keeps = is_demo || has_same_recipient(&account.settings, &settings);
                if !is_same_server(&account.settings, &settings) {
                    account.profile = ServerProfile::default();
                }
                account.settings = settings;
                let was_sealed = account.sealed.take().is_some();
                match &known {
                    Some(password) if keeps && was_sealed => self.seal(mailbox, password).await,
                    Some(_) if keeps => {}
                    Some(_) | None => {
                        self.passwords.remove(&mailbox);
                    }
                }
            }
            None => {
                let account = Account {
                    settings,
                    sealed: None,
                    profile: ServerProfile::default(),
                };
                self.accounts.insert(mailbox, account);
            }
        }
        let written = self.write();
        if written.is_err() {
            match before {
                Some(account) => self.accounts.insert(mailbox, account),
                None => self.accounts.remove(&mailbox),
            };
            if let Some(password) = known {
                self.passwords.insert(mailbox, password);
            }
        }
        written
    }

    /// Sets the password of an account, either until the tab closes or permanently. Without a key
    /// to seal it, it is kept until the tab closes.
    pub(in crate::engine) async fn set_password(
        &mut self,
        mailbox: MailboxId,
        password: Secret,
        remember: bool,
    ) -> Result<(), Problem> {
        let Some(account) = self.accounts.get_mut(&mailbox) else {
            return Err(Problem::new(ProblemKind::NotFound));
        };
        let was_stored = account.sealed.take().is_some();
        if remember {
            self.seal(mailbox, &password).await;
        }
        self.passwords.insert(mailbox, password);
        if remember || was_stored {
            self.write()
        } else {
            Ok(())
        }
    }

    /// Removes an account with its password.
    pub(in crate::engine) fn remove(&mut self, mailbox: MailboxId) -> Result<(), Problem> {
        self.passwords.remove(&mailbox);
        match self.accounts.remove(&mailbox) {
            Some(_) => self.write(),
            None => Ok(()),
        }
    }

    fn write(&mut self) -> Result<(), Problem> {
        let content = StoredAccounts::V3(self.accounts.clone());
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

/// Returns true if a password given for one may be sent with the other.
fn has_same_recipient(one: &MailboxSettings, other: &MailboxSettings) -> bool {
    is_same_server(one, other) && one.ca_pem == other.ca_pem
}

/// Returns the purpose of a sealed password: its mailbox, and all settings that decide where it is
/// sent. A password that was sealed for one purpose cannot be unsealed for another, so that a
/// changed file does not send it elsewhere.
fn purpose(mailbox: MailboxId, settings: &MailboxSettings) -> Vec<u8> {
    let purpose = (
        "restante password",
        mailbox,
        &settings.host,
        settings.port,
        settings.encryption,
        &settings.user,
        &settings.ca_pem,
        settings.login,
    );
    // Serialising these types into memory cannot fail.
    postcard::to_allocvec(&purpose).unwrap_or_default()
}
