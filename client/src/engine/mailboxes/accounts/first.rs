//! The first format of accounts, which must stay readable.

use restante_shared::relay::Host;
use serde::{Deserialize, Serialize};

use crate::api::settings::{Encryption, Login, MailboxSettings, Secret};
use crate::engine::mailboxes::server_profile::ServerProfile;

/// An account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::engine) struct AccountV1 {
    settings: SettingsV1,
    password: Option<Secret>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SettingsV1 {
    address: String,
    user: String,
    host: Host,
    port: u16,
    encryption: Encryption,
    ca_pem: Option<String>,
    demo: bool,
}

impl From<AccountV1> for super::stored::AccountV2 {
    fn from(account: AccountV1) -> Self {
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
impl AccountV1 {
    /// Creates an account in the first format.
    pub(in crate::engine) fn of(settings: MailboxSettings, password: Option<Secret>) -> Self {
        Self {
            settings: SettingsV1 {
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
