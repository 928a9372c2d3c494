//! Obtains certificates and renews them, for as long as the bridge runs.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use instant_acme::{Account, NewAccount};
use time::OffsetDateTime;
use tokio::time::{Instant, sleep, timeout};
use tracing::{error, info, warn};

use super::cache::Cache;
use super::http::AcmeHttp;
use super::order::order;
use super::order_error::OrderError;
use crate::metrics::Metrics;
use crate::reload::ReloadRequests;
use crate::tls::TlsError;
use crate::tls::cert_resolver::CertResolver;
use crate::tls::certificate::Certificate;

/// The directory of Let's Encrypt.
pub(crate) const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// The default wait after the first failure; it doubles with each further failure. Let's Encrypt permits
/// five failures an hour for a name.
pub(crate) const FIRST_RETRY: Duration = Duration::from_secs(60);

/// The longest wait after a failure.
const LAST_RETRY: Duration = Duration::from_secs(6 * 3600);

/// The longest sleep between two looks at the clock, which may be set, and machines suspend.
const LOOK: Duration = Duration::from_secs(3600);

/// The longest time for one order.
const ORDER_TIME: Duration = Duration::from_secs(300);

/// The certificates to obtain, and the authority to obtain them from.
#[derive(Debug, Clone)]
pub struct AcmeSettings {
    /// The names in the certificate: at least one.
    pub domains: Vec<String>,
    /// The e-mail address at which the authority can reach the operator.
    pub contact: Option<String>,
    /// The folder for the account and the certificate.
    pub cache: PathBuf,
    /// The https URL of the authority's directory.
    pub directory: String,
    /// The CA of the authority's own server in PEM format, to be trusted instead of the public ones.
    pub ca: Option<PathBuf>,
    /// The wait after the first failure.
    pub first_retry: Duration,
}

/// A certificate that is renewed automatically.
pub(crate) struct Acme {
    settings: AcmeSettings,
    cache: Cache,
    http: AcmeHttp,
    kept: Option<Certificate>,
}

impl Acme {
    /// Uses the certificate of an earlier run, if there is one.
    pub(crate) fn open(settings: AcmeSettings, resolver: &CertResolver) -> Result<Self, TlsError> {
        let cache = Cache::new(&settings);
        let http = AcmeHttp::new(settings.ca.as_deref())?;
        let kept = cache.certificate();
        if let Some(kept) = &kept {
            resolver.replace(Arc::clone(&kept.key));
        }
        Ok(Self {
            settings,
            cache,
            http,
            kept,
        })
    }

    /// Orders a certificate whenever there is none or a third of its lifetime is left; never returns.
    pub(crate) async fn watch(
        &self,
        resolver: &CertResolver,
        metrics: &Metrics,
        mut requests: ReloadRequests,
    ) {
        let mut current = self.kept.clone();
        match &current {
            Some(kept) => announce(kept, metrics),
            None => info!("no certificate yet: handshakes fail until it is obtained"),
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
                    // A reload skips the wait, because the operator may have fixed the cause.
                    _wish = requests.next() => retry_at = Instant::now(),
                }
                continue;
            }
            let obtained = timeout(ORDER_TIME, self.obtain(resolver)).await;
            resolver.end_challenges();
            match obtained.unwrap_or(Err(OrderError::Slow)) {
                Ok(new) => {
                    resolver.replace(Arc::clone(&new.key));
                    announce(&new, metrics);
                    failures = 0;
                    if new.renewal_in(OffsetDateTime::now_utc()).is_zero() {
                        warn!(
                            "the new certificate is about to expire already: check this machine's clock"
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
                    self.report(&failure, retry);
                }
            }
        }
    }

    /// Orders a certificate and stores it.
    async fn obtain(&self, resolver: &CertResolver) -> Result<Certificate, OrderError> {
        info!(domains = ?self.settings.domains, authority = self.settings.directory, "ordering a certificate");
        self.cache.prepare().map_err(OrderError::Cache)?;
        let account = self.account().await?;
        let pem = order(&account, &self.settings.domains, resolver).await?;
        let certificate = Certificate::from_pem(pem.as_bytes(), pem.as_bytes())
            .map_err(OrderError::Certificate)?;
        // A certificate that cannot be stored is still used; the next start orders another one.
        if let Err(error) = self.cache.keep_certificate(&pem) {
            error!(%error, "cannot store the certificate: the next start will order another one");
        }
        Ok(certificate)
    }

    /// Returns the stored account, or creates a new one.
    async fn account(&self) -> Result<Account, OrderError> {
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
        // An account that is not stored would be created again, and authorities limit that.
        self.cache
            .keep_account(&credentials)
            .map_err(OrderError::Cache)?;
        Ok(account)
    }

    fn report(&self, failure: &OrderError, retry: Duration) {
        if failure.is_unknown_account() {
            self.cache.forget_account();
        }
        error!(
            domains = ?self.settings.domains,
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
