//! The folder that outlives the bridge: the account at the authority, and the certificate.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use instant_acme::AccountCredentials;
use ring::digest::{SHA256, digest};
use tracing::warn;

use super::AcmeSettings;
use crate::tls::certificate::Certificate;

/// Two files in one folder. Their names depend on the authority and the domains: changed settings order a
/// new certificate, and settings that are changed back find the old one.
pub(super) struct Cache {
    folder: PathBuf,
    account: PathBuf,
    certificate: PathBuf,
}

impl Cache {
    /// Determines the names of the files, without access to the disk.
    pub(super) fn new(settings: &AcmeSettings) -> Self {
        let authority = mark(&settings.directory);
        let names = settings.domains.join("\n");
        let names = mark(&format!("{}\n{names}", settings.directory));
        let file = |name: String| settings.cache.join(name);
        Self {
            account: file(format!("account-{authority}.json")),
            certificate: file(format!("certificate-{names}.pem")),
            folder: settings.cache.clone(),
        }
    }

    /// Creates the folder if it is missing, for the bridge's user only, and tests writing to it. An order that
    /// could not be stored would waste one of the authority's limited orders.
    pub(super) fn prepare(&self) -> io::Result<()> {
        make_private(&self.folder)?;
        let probe = self.folder.join("probe");
        write(&probe, b"").and_then(|()| fs::remove_file(&probe))
    }

    /// Returns the certificate of an earlier run, if it is valid.
    pub(super) fn certificate(&self) -> Option<Certificate> {
        let pem = read(&self.certificate)?;
        Certificate::from_pem(&pem, &pem)
            .inspect_err(|error| self.useless(&self.certificate, error))
            .ok()
    }

    /// Stores key and chain in one file, so that they always match.
    pub(super) fn keep_certificate(&self, pem: &str) -> io::Result<()> {
        write(&self.certificate, pem.as_bytes())
    }

    /// Returns the account of an earlier run, if it is valid.
    pub(super) fn account(&self) -> Option<AccountCredentials> {
        serde_json::from_slice(&read(&self.account)?)
            .inspect_err(|error| self.useless(&self.account, error))
            .ok()
    }

    /// Stores the account's key.
    pub(super) fn keep_account(&self, account: &AccountCredentials) -> io::Result<()> {
        write(&self.account, &serde_json::to_vec(account)?)
    }

    /// Removes the account, so that the next order creates a new one.
    pub(super) fn forget_account(&self) {
        let _ = fs::remove_file(&self.account);
    }

    fn useless(&self, file: &Path, error: &impl std::fmt::Display) {
        let file = file.display();
        warn!(%file, %error, "invalid file in acme_cache: it will be replaced");
    }
}

/// Returns eight bytes of a digest in hexadecimal, for the name of a file.
fn mark(text: &str) -> String {
    let digest = digest(&SHA256, text.as_bytes());
    digest
        .as_ref()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn read(path: &Path) -> Option<Vec<u8>> {
    match fs::read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            let file = path.display();
            warn!(%file, %error, "unreadable file in acme_cache: it will be replaced");
            None
        }
    }
}

/// Replaces a file atomically: writes another one, and renames it.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    // A file that an earlier run or another program has left there has its own permissions.
    let _ = fs::remove_file(&beside);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    if !folder.exists() {
        return fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder);
    }
    if fs::metadata(folder)?.permissions().mode() & 0o077 != 0 {
        let folder = folder.display();
        warn!(%folder, "the folder with private keys is readable by other users: restrict it with chmod 700");
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}
