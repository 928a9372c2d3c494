//! The content of the files of the accounts, in each of its formats.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::first::AccountV1;
use crate::api::ids::MailboxId;
use crate::api::settings::{MailboxSettings, Secret};
use crate::engine::mailboxes::server_profile::ServerProfile;

/// The content of the files. A variant never changes; new formats are added after it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum StoredAccounts {
    /// Passwords in clear text.
    V1(BTreeMap<MailboxId, AccountV1>),
    /// Passwords in clear text.
    V2(BTreeMap<MailboxId, AccountV2>),
    V3(BTreeMap<MailboxId, Account>),
}

/// An account of the second format.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct AccountV2 {
    pub(super) settings: MailboxSettings,
    pub(super) password: Option<Secret>,
    pub(super) profile: ServerProfile,
}

/// An account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) settings: MailboxSettings,
    /// The remembered password, sealed for these settings.
    pub(super) sealed: Option<Vec<u8>>,
    /// The profile of the server.
    pub(super) profile: ServerProfile,
}

impl StoredAccounts {
    /// Returns the accounts, and the passwords that an earlier format holds in clear text.
    pub(super) fn split(self) -> (BTreeMap<MailboxId, Account>, BTreeMap<MailboxId, Secret>) {
        let second: BTreeMap<MailboxId, AccountV2> = match self {
            Self::V1(accounts) => accounts
                .into_iter()
                .map(|(mailbox, account)| (mailbox, account.into()))
                .collect(),
            Self::V2(accounts) => accounts,
            Self::V3(accounts) => return (accounts, BTreeMap::new()),
        };
        let mut clear = BTreeMap::new();
        let accounts = second.into_iter().map(|(mailbox, account)| {
            if let Some(password) = account.password {
                clear.insert(mailbox, password);
            }
            let account = Account {
                settings: account.settings,
                sealed: None,
                profile: account.profile,
            };
            (mailbox, account)
        });
        (accounts.collect(), clear)
    }
}
