//! A certificate and its key in two files that another program renews.
//!
//! The files are read every few seconds and compared by content. File system events would be faster, but
//! certbot renames, Kubernetes swaps a symbolic link two folders above, and network file systems report
//! nothing. Each would need its own handling, to save a few seconds every two months.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ring::digest::{SHA256, digest};
use time::OffsetDateTime;
use tracing::{error, info, warn};

use super::cert_resolver::CertResolver;
use super::certificate::{Certificate, Expiry};
use super::error::TlsError;
use crate::files::{self, is_open_to_all};
use crate::metrics::Metrics;
use crate::reload::ReloadRequests;

/// The interval between reminders of a certificate that expires soon.
const REMINDER: time::Duration = time::Duration::DAY;

/// Two files, and their content at the start.
pub(super) struct CertificateFiles {
    paths: Arc<Paths>,
    interval: Duration,
    mark: Vec<u8>,
    certificate: Certificate,
}

struct Paths {
    cert: PathBuf,
    key: PathBuf,
}

/// The content of the files at one time.
struct Snapshot {
    /// A value that differs if the content or the error differs.
    mark: Vec<u8>,
    bytes: Result<(Vec<u8>, Vec<u8>), TlsError>,
}

impl CertificateFiles {
    /// Reads both files, and uses the certificate.
    pub(super) fn open(
        cert: &Path,
        key: &Path,
        interval: Duration,
        resolver: &CertResolver,
    ) -> Result<Self, TlsError> {
        let paths = Paths {
            cert: cert.to_owned(),
            key: key.to_owned(),
        };
        let Snapshot { mark, bytes } = paths.look();
        let certificate = paths.parse(bytes)?;
        resolver.replace(Arc::clone(&certificate.key));
        Ok(Self {
            paths: Arc::new(paths),
            interval,
            mark,
            certificate,
        })
    }

    fn begin(&self) -> CertificateWatch<'_> {
        CertificateWatch {
            paths: &self.paths,
            mark: self.mark.clone(),
            settled: true,
            certificate: self.certificate.clone(),
            reminded: None,
        }
    }

    /// Checks the files at intervals and on request, and never returns.
    pub(super) async fn watch(
        &self,
        resolver: &CertResolver,
        metrics: &Metrics,
        mut requests: ReloadRequests,
    ) {
        let mut watch = self.begin();
        watch.announce(metrics);
        loop {
            watch.remind(OffsetDateTime::now_utc());
            let request = tokio::select! {
                () = tokio::time::sleep(self.interval) => None,
                request = requests.next() => Some(request),
            };
            // On a blocking thread, because a network file system may block for long.
            let paths = Arc::clone(&self.paths);
            if let Ok(look) = tokio::task::spawn_blocking(move || paths.look()).await {
                watch.judge(look, request.is_some(), resolver, metrics);
            }
        }
    }
}

/// The state between two checks of the files.
struct CertificateWatch<'a> {
    paths: &'a Paths,
    mark: Vec<u8>,
    /// True if the content was accepted or refused. Before that, one of two files may be new.
    settled: bool,
    certificate: Certificate,
    reminded: Option<OffsetDateTime>,
}

impl CertificateWatch<'_> {
    fn judge(&mut self, look: Snapshot, asked: bool, resolver: &CertResolver, metrics: &Metrics) {
        let is_new = look.mark != self.mark;
        if !is_new && self.settled && !asked {
            return;
        }
        self.mark = look.mark;
        match self.paths.parse(look.bytes) {
            Ok(certificate) => {
                resolver.replace(Arc::clone(&certificate.key));
                self.certificate = certificate;
                self.reminded = None;
                self.settled = true;
                self.announce(metrics);
            }
            Err(_) if is_new && !asked => self.settled = false,
            Err(error) => {
                let expires = self.certificate.expires();
                error!(%error, expires, "certificate refused: the previous one stays in use");
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
            warn!(%key, "the private key is readable by all users of this machine: restrict it with chmod 600");
        }
    }

    fn remind(&mut self, now: OffsetDateTime) {
        if self.reminded.is_some_and(|last| now - last < REMINDER) {
            return;
        }
        let expires = self.certificate.expires();
        match self.certificate.expiry(now) {
            Expiry::Far => return,
            Expiry::Soon => warn!(expires, "certificate expires soon: renew it"),
            Expiry::Past => error!(
                expires,
                "certificate has expired and browsers refuse it: renew it"
            ),
        }
        self.reminded = Some(now);
    }
}

impl Paths {
    fn look(&self) -> Snapshot {
        let bytes = read(&self.cert).and_then(|cert| Ok((cert, read(&self.key)?)));
        let mark = match &bytes {
            Ok((cert, key)) => [cert, key]
                .iter()
                .flat_map(|bytes| digest(&SHA256, bytes).as_ref().to_vec())
                .collect(),
            Err(error) => error.to_string().into_bytes(),
        };
        Snapshot { mark, bytes }
    }

    fn parse(&self, bytes: Result<(Vec<u8>, Vec<u8>), TlsError>) -> Result<Certificate, TlsError> {
        let (cert, key) = bytes?;
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
    fn a_half_renewed_pair_is_refused_only_if_it_stays_so() {
        use std::fs::write;
        let folder = tempfile::tempdir().unwrap();
        let (cert, key, old_cert, old_key) = written(folder.path());
        write(&cert, old_cert).unwrap();
        write(&key, old_key).unwrap();
        let (resolver, metrics) = (CertResolver::default(), Metrics::default());
        let files = CertificateFiles::open(&cert, &key, Duration::ZERO, &resolver).unwrap();
        let before = files.certificate.clone();
        let mut watch = files.begin();
        let look = |watch: &mut CertificateWatch<'_>| {
            watch.judge(files.paths.look(), false, &resolver, &metrics);
        };

        let (_, _, new_cert, new_key) = written(folder.path());
        write(&cert, &new_cert).unwrap();
        look(&mut watch);
        assert!(!watch.settled && Arc::ptr_eq(&watch.certificate.key, &before.key));
        write(&key, new_key).unwrap();
        look(&mut watch);
        assert!(watch.settled && !Arc::ptr_eq(&watch.certificate.key, &before.key));

        // Unchanged, it is refused at the second check.
        write(&cert, "half of one").unwrap();
        look(&mut watch);
        assert!(!watch.settled);
        look(&mut watch);
        assert!(watch.settled);
    }
}
