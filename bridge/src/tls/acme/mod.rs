//! Certificates from an authority that speaks ACME: [RFC 8555], proven by tls-alpn-01 ([RFC 8737]).
//!
//! That challenge is answered in a TLS handshake on the port that the bridge serves anyway, so there
//! is nothing else to open, route or configure.

mod advice;
mod cache;
mod http;
mod order;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use instant_acme::{Account, NewAccount};
use time::OffsetDateTime;
use tokio::time::{Instant, sleep, timeout};
use tracing::{error, info, warn};

use super::TlsError;
use super::certificate::Certificate;
use super::shown::Shown;
use crate::metrics::Metrics;
use crate::reload::Wishes;
use advice::Failure;
use cache::Cache;
use http::Http;

/// The directory of Let's Encrypt.
pub(crate) const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// How long to wait after the first failure, unless a test is in a hurry; each one after doubles it.
/// Let's Encrypt counts five failures an hour for a name, and refuses more.
pub(crate) const FIRST_RETRY: Duration = Duration::from_secs(60);

/// The longest wait after failures.
const LAST_RETRY: Duration = Duration::from_secs(6 * 3600);

/// How often the clock is looked at: it may be set, and machines sleep.
const LOOK: Duration = Duration::from_secs(3600);

/// The longest that one order may take.
const ORDER_TIME: Duration = Duration::from_secs(300);

/// Which certificates are wanted, and from whom.
#[derive(Debug, Clone)]
pub struct AcmeSettings {
    /// The names that the certificate is for: at least one.
    pub domains: Vec<String>,
    /// An address of electronic mail that the authority may write to.
    pub contact: Option<String>,
    /// The folder that account and certificate are kept in.
    pub cache: PathBuf,
    /// The authority's directory, an https URL.
    pub directory: String,
    /// The CA, in PEM, that the authority's own server is trusted by, instead of the public ones.
    pub ca: Option<PathBuf>,
    /// How long to wait after the first failure.
    pub first_retry: Duration,
}

/// One certificate that is kept fresh.
pub(super) struct Acme {
    settings: AcmeSettings,
    cache: Cache,
    http: Http,
    kept: Option<Certificate>,
}

impl Acme {
    /// Shows the certificate of an earlier run, if there is one.
    pub(super) fn open(settings: AcmeSettings, shown: &Shown) -> Result<Self, TlsError> {
        let cache = Cache::new(&settings);
        let http = Http::new(settings.ca.as_deref())?;
        let kept = cache.certificate();
        if let Some(kept) = &kept {
            shown.replace(Arc::clone(&kept.key));
        }
        Ok(Self {
            settings,
            cache,
            http,
            kept,
        })
    }

    /// Orders when there is no certificate or a third of its life is left, for ever.
    pub(super) async fn keep(&self, shown: &Shown, metrics: &Metrics, mut wishes: Wishes) {
        let mut current = self.kept.clone();
        match &current {
            Some(kept) => announce(kept, metrics),
            None => info!("there is no certificate yet: handshakes fail until it is there"),
        }
        let mut failures = 0;
        let mut retry_at = Instant::now();
        loop {
            let due = current.as_ref().map_or(Duration::ZERO, |current| {
                current.renewal_in(OffsetDateTime::now_utc())
            });
            let wait = due.max(retry_at.saturating_duration_since(Instant::now()));
            if !wait.is_zero() {
                tokio::select! {
                    () = sleep(wait.min(LOOK)) => {}
                    // Who has mended what failed need not wait.
                    _wish = wishes.next() => retry_at = Instant::now(),
                }
                continue;
            }
            let obtained = timeout(ORDER_TIME, self.obtain(shown)).await;
            shown.end_challenges();
            match obtained.unwrap_or(Err(Failure::Slow)) {
                Ok(new) => {
                    shown.replace(Arc::clone(&new.key));
                    announce(&new, metrics);
                    failures = 0;
                    if new.renewal_in(OffsetDateTime::now_utc()).is_zero() {
                        warn!(
                            "the new certificate is as good as over: is this machine's clock right?"
                        );
                        failures = 1;
                        retry_at = Instant::now() + LAST_RETRY;
                    }
                    current = Some(new);
                }
                Err(failure) => {
                    failures += 1;
                    let retry = retry_after(self.settings.first_retry, failures);
                    retry_at = Instant::now() + retry;
                    self.tell(&failure, retry);
                }
            }
        }
    }

    /// Orders a certificate and keeps it, whatever is there already.
    async fn obtain(&self, shown: &Shown) -> Result<Certificate, Failure> {
        info!(domains = ?self.settings.domains, authority = self.settings.directory, "ordering a certificate");
        self.cache.prepare().map_err(Failure::Cache)?;
        let account = self.account().await?;
        let pem = order::order(&account, &self.settings.domains, shown).await?;
        let certificate =
            Certificate::from_pem(pem.as_bytes(), pem.as_bytes()).map_err(Failure::Certificate)?;
        // Not kept is not lost: it is in use, and the next start orders again.
        if let Err(error) = self.cache.keep_certificate(&pem) {
            error!(%error, "cannot keep the certificate: the next start will order another");
        }
        Ok(certificate)
    }

    /// The account of an earlier run, or a new one.
    async fn account(&self) -> Result<Account, Failure> {
        let builder = Account::builder_with_http(Box::new(self.http.clone()));
        if let Some(kept) = self.cache.account() {
            return Ok(builder.from_credentials(kept).await?);
        }
        let contact = self.settings.contact.as_ref();
        let contact = contact.map(|address| format!("mailto:{address}"));
        let contact: Vec<&str> = contact.as_deref().into_iter().collect();
        let new = NewAccount {
            contact: &contact,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let directory = self.settings.directory.clone();
        let (account, credentials) = builder.create(&new, directory, None).await?;
        // Without it the next order makes one more account, which authorities limit.
        self.cache
            .keep_account(&credentials)
            .map_err(Failure::Cache)?;
        Ok(account)
    }

    fn tell(&self, failure: &Failure, retry: Duration) {
        if failure.is_unknown_account() {
            self.cache.forget_account();
        }
        error!(
            error = %failure,
            advice = failure.advice(),
            retry_seconds = retry.as_secs(),
            "no certificate obtained"
        );
    }
}

fn announce(certificate: &Certificate, metrics: &Metrics) {
    metrics.certificate_expires_at(certificate.expires_at());
    info!(expires = certificate.expires(), "certificate in use");
}

fn retry_after(first: Duration, failures: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
    first.saturating_mul(doubled).min(LAST_RETRY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_six_hours() {
        let minutes = |failures| retry_after(FIRST_RETRY, failures).as_secs() / 60;
        assert_eq!([1, 2, 3, 4].map(minutes), [1, 2, 4, 8]);
        assert_eq!([10, 100, u32::MAX].map(minutes), [360, 360, 360]);
    }
}
