//! The first format of accounts, which must stay readable.

use restante_shared::relay::Host;
use serde::{Deserialize, Serialize};

use crate::api::settings::{Encryption, Login, MailboxSettings, Secret};
use crate::engine::mailboxes::server_profile::ServerProfile;

/// An account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::engine) struct Account {
    settings: Settings,
    password: Option<Secret>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Settings {
    address: String,
    user: String,
    host: Host,
    port: u16,
    encryption: Encryption,
    ca_pem: Option<String>,
    demo: bool,
}

impl From<Account> for super::Account {
    fn from(account: Account) -> Self {
        let settings = account.settings;
        Self {
            settings: MailboxSettings {
                address: settings.address,
                user: settings.user,
                host: settings.host,
                port: settings.port,
                encryption: settings.encryption,
                ca_pem: settings.ca_pem,
                demo: settings.demo,
                login: Login::default(),
            },
            password: account.password,
            profile: ServerProfile::default(),
        }
    }
}

#[cfg(test)]
impl Account {
    /// Creates an account in the first format.
    pub(in crate::engine) fn of(settings: MailboxSettings, password: Option<Secret>) -> Self {
        Self {
            settings: Settings {
                address: settings.address,
                user: settings.user,
                host: settings.host,
                port: settings.port,
                encryption: settings.encryption,
                ca_pem: settings.ca_pem,
                demo: settings.demo,
            },
            password,
        }
    }
}
