//! A throw-away authority and the certificate of the mail server, by OpenSSL.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The files, all PEM.
pub(crate) struct Certificates {
    /// The authority, which every client is configured to trust.
    pub(crate) authority: PathBuf,
    /// The server's certificate, for `localhost`.
    pub(crate) server: PathBuf,
    /// The server's key.
    pub(crate) key: PathBuf,
}

/// Makes the certificates in a folder.
pub(crate) fn make(folder: &Path) -> Result<Certificates> {
    let made = Certificates {
        authority: folder.join("ca.pem"),
        server: folder.join("server.pem"),
        key: folder.join("server.key"),
    };
    let authority_key = folder.join("ca.key");
    openssl(
        &["-x509", "-subj", "/CN=Restante benchmark authority"],
        &[("-keyout", &authority_key), ("-out", &made.authority)],
    )?;
    openssl(
        &[
            "-x509",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ],
        &[
            ("-CA", &made.authority),
            ("-CAkey", &authority_key),
            ("-keyout", &made.key),
            ("-out", &made.server),
        ],
    )?;
    Ok(made)
}

fn openssl(options: &[&str], files: &[(&str, &Path)]) -> Result<()> {
    let mut command = Command::new("openssl");
    command
        .args([
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ])
        .args(["-nodes", "-days", "2"])
        .args(options);
    for (option, file) in files {
        command.arg(option).arg(file);
    }
    let output = command.stdin(Stdio::null()).output().context("openssl")?;
    if !output.status.success() {
        bail!(
            "openssl: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}
