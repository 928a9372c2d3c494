//! A certificate and its key in two files that somebody else renews.
//!
//! The files are read every few seconds and compared by what they hold. Watching for events of the
//! file system would be sooner, but certbot renames, Kubernetes swaps a symbolic link two folders
//! above, and network file systems say nothing: each would need care of its own, to save some
//! seconds once in two months.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ring::digest::{SHA256, digest};
use time::OffsetDateTime;
use tracing::{error, info, warn};

use super::TlsError;
use super::certificate::{Certificate, Expiry};
use super::shown::Shown;
use crate::files::{self, is_open_to_all};
use crate::metrics::Metrics;
use crate::reload::Wishes;

/// How often a certificate near its end is spoken of.
const REMINDER: time::Duration = time::Duration::DAY;

/// Two files, and what they held at the start.
pub(super) struct Files {
    paths: Arc<Paths>,
    interval: Duration,
    mark: Vec<u8>,
    certificate: Certificate,
}

struct Paths {
    cert: PathBuf,
    key: PathBuf,
}

/// What the files hold at one time.
struct Look {
    /// Differs where the octets differ, or the reason that there are none.
    mark: Vec<u8>,
    octets: Result<(Vec<u8>, Vec<u8>), TlsError>,
}

impl Files {
    /// Reads both files, and shows the certificate.
    pub(super) fn open(
        cert: &Path,
        key: &Path,
        interval: Duration,
        shown: &Shown,
    ) -> Result<Self, TlsError> {
        let paths = Paths {
            cert: cert.to_owned(),
            key: key.to_owned(),
        };
        let Look { mark, octets } = paths.look();
        let certificate = paths.parse(octets)?;
        shown.replace(Arc::clone(&certificate.key));
        Ok(Self {
            paths: Arc::new(paths),
            interval,
            mark,
            certificate,
        })
    }

    fn watch(&self) -> Watch<'_> {
        Watch {
            paths: &self.paths,
            mark: self.mark.clone(),
            settled: true,
            certificate: self.certificate.clone(),
            reminded: None,
        }
    }

    /// Looks at the files for ever, and shows what is new in them.
    pub(super) async fn keep(&self, shown: &Shown, metrics: &Metrics, mut wishes: Wishes) {
        let mut watch = self.watch();
        watch.announce(metrics);
        loop {
            watch.remind(OffsetDateTime::now_utc());
            let wish = tokio::select! {
                () = tokio::time::sleep(self.interval) => None,
                wish = wishes.next() => Some(wish),
            };
            // Not in place: a network file system may let one wait.
            let paths = Arc::clone(&self.paths);
            if let Ok(look) = tokio::task::spawn_blocking(move || paths.look()).await {
                watch.judge(look, wish.is_some(), shown, metrics);
            }
        }
    }
}

/// What is known of the files from one look to the next.
struct Watch<'a> {
    paths: &'a Paths,
    mark: Vec<u8>,
    /// Whether what they hold was shown or refused. Until then it may be one new file of two.
    settled: bool,
    certificate: Certificate,
    reminded: Option<OffsetDateTime>,
}

impl Watch<'_> {
    fn judge(&mut self, look: Look, asked: bool, shown: &Shown, metrics: &Metrics) {
        let is_new = look.mark != self.mark;
        if !is_new && self.settled && !asked {
            return;
        }
        self.mark = look.mark;
        match self.paths.parse(look.octets) {
            Ok(certificate) => {
                shown.replace(Arc::clone(&certificate.key));
                self.certificate = certificate;
                self.reminded = None;
                self.settled = true;
                self.announce(metrics);
            }
            Err(_) if is_new && !asked => self.settled = false,
            Err(error) => {
                let expires = self.certificate.expires();
                error!(%error, expires, "certificate refused: the one before stays in use");
                self.settled = true;
            }
        }
    }

    fn announce(&self, metrics: &Metrics) {
        metrics.certificate_expires_at(self.certificate.expires_at());
        let cert = self.paths.cert.display();
        info!(%cert, expires = self.certificate.expires(), "certificate in use");
        if is_open_to_all(&self.paths.key) {
            let key = self.paths.key.display();
            warn!(%key, "every user of this machine can read the private key: chmod 600 mends it");
        }
    }

    fn remind(&mut self, now: OffsetDateTime) {
        if self.reminded.is_some_and(|last| now - last < REMINDER) {
            return;
        }
        let expires = self.certificate.expires();
        match self.certificate.expiry(now) {
            Expiry::Far => return,
            Expiry::Soon => warn!(expires, "certificate ends soon: renew it"),
            Expiry::Past => error!(
                expires,
                "certificate has ended and browsers refuse it: renew it"
            ),
        }
        self.reminded = Some(now);
    }
}

impl Paths {
    fn look(&self) -> Look {
        let octets = read(&self.cert).and_then(|cert| Ok((cert, read(&self.key)?)));
        let mark = match &octets {
            Ok((cert, key)) => [cert, key]
                .iter()
                .flat_map(|octets| digest(&SHA256, octets).as_ref().to_vec())
                .collect(),
            Err(error) => error.to_string().into_bytes(),
        };
        Look { mark, octets }
    }

    fn parse(&self, octets: Result<(Vec<u8>, Vec<u8>), TlsError>) -> Result<Certificate, TlsError> {
        let (cert, key) = octets?;
        Certificate::from_pem(&cert, &key).map_err(|error| TlsError::Certificate {
            path: format!("{} with {}", self.cert.display(), self.key.display()),
            error,
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    files::read(path).map_err(|error| TlsError::io(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(folder: &Path) -> (PathBuf, PathBuf, String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        (cert, key, made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn a_pair_that_is_half_renewed_is_waited_for_and_told_only_when_it_stays_so() {
        use std::fs::write;
        let folder = tempfile::tempdir().unwrap();
        let (cert, key, old_cert, old_key) = written(folder.path());
        write(&cert, old_cert).unwrap();
        write(&key, old_key).unwrap();
        let (shown, metrics) = (Shown::default(), Metrics::default());
        let files = Files::open(&cert, &key, Duration::ZERO, &shown).unwrap();
        let before = files.certificate.clone();
        let mut watch = files.watch();
        let look = |watch: &mut Watch<'_>| {
            watch.judge(files.paths.look(), false, &shown, &metrics);
        };

        let (_, _, new_cert, new_key) = written(folder.path());
        write(&cert, &new_cert).unwrap();
        look(&mut watch);
        assert!(!watch.settled && Arc::ptr_eq(&watch.certificate.key, &before.key));
        write(&key, new_key).unwrap();
        look(&mut watch);
        assert!(watch.settled && !Arc::ptr_eq(&watch.certificate.key, &before.key));

        // Left like this, it is refused at the second look.
        write(&cert, "half of one").unwrap();
        look(&mut watch);
        assert!(!watch.settled);
        look(&mut watch);
        assert!(watch.settled);
    }
}
