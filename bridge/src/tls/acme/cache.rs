//! The folder that outlives the bridge: the account with the authority, and the certificate.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use instant_acme::AccountCredentials;
use ring::digest::{SHA256, digest};
use tracing::warn;

use super::AcmeSettings;
use crate::tls::certificate::Certificate;

/// Two files of one folder. Their names depend on authority and names, so that a change of the
/// settings orders anew, and a change back finds what was there.
pub(super) struct Cache {
    folder: PathBuf,
    account: PathBuf,
    certificate: PathBuf,
}

impl Cache {
    /// Knows the files, and touches nothing.
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

    /// Makes the folder where it is missing, for the bridge's user alone, and tries to write: an
    /// order that cannot be kept is one too many.
    pub(super) fn prepare(&self) -> io::Result<()> {
        make_private(&self.folder)?;
        let probe = self.folder.join("probe");
        write(&probe, b"").and_then(|()| fs::remove_file(&probe))
    }

    /// The certificate of an earlier run, if it can be read.
    pub(super) fn certificate(&self) -> Option<Certificate> {
        let pem = read(&self.certificate)?;
        Certificate::from_pem(&pem, &pem)
            .inspect_err(|error| self.useless(&self.certificate, error))
            .ok()
    }

    /// Keeps key and chain, in one file: they are never of different orders.
    pub(super) fn keep_certificate(&self, pem: &str) -> io::Result<()> {
        write(&self.certificate, pem.as_bytes())
    }

    /// The account of an earlier run, if it can be read.
    pub(super) fn account(&self) -> Option<AccountCredentials> {
        serde_json::from_slice(&read(&self.account)?)
            .inspect_err(|error| self.useless(&self.account, error))
            .ok()
    }

    /// Keeps the account's key.
    pub(super) fn keep_account(&self, account: &AccountCredentials) -> io::Result<()> {
        write(&self.account, &serde_json::to_vec(account)?)
    }

    /// Lets the next order make a new account.
    pub(super) fn forget_account(&self) {
        let _ = fs::remove_file(&self.account);
    }

    fn useless(&self, file: &Path, error: &impl std::fmt::Display) {
        let file = file.display();
        warn!(%file, %error, "what was kept cannot be used, and is made anew");
    }
}

/// Eight octets of a digest, as a part of a file's name.
fn mark(text: &str) -> String {
    let digest = digest(&SHA256, text.as_bytes());
    digest
        .as_ref()
        .iter()
        .take(8)
        .map(|octet| format!("{octet:02x}"))
        .collect()
}

fn read(path: &Path) -> Option<Vec<u8>> {
    match fs::read(path) {
        Ok(octets) => Some(octets),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            let file = path.display();
            warn!(%file, %error, "what was kept cannot be read, and is made anew");
            None
        }
    }
}

/// Writes beside the file and renames, so that it is whole or the one before.
fn write(path: &Path, octets: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    // What an earlier run may have left, or somebody else has put there, has permissions of its own.
    let _ = fs::remove_file(&beside);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(octets)?;
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
        warn!(%folder, "other users can look into the folder with private keys: chmod 700 mends it");
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}
