//! The state of one running bridge.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use restante_shared::page::PageConfig;
use tokio_util::task::TaskTracker;

use crate::access::Authenticator;
use crate::limits::{LimitLog, RelayLimiter, Shares, ThrottledLogs};
use crate::origin::TlsMode;
use crate::relay::BufferPool;
use crate::security_headers::SecurityHeaders;
use crate::settings::Settings;

/// The most WebSockets that are being closed with a refusal at a time. Requests beyond it are refused
/// with an HTTP status.
const MAX_REJECTIONS: usize = 64;

/// The most of them for one client, so that a client that provokes refusals takes none from others.
const MAX_REJECTIONS_PER_CLIENT: usize = 8;

/// The state that all connections of one bridge share. A clone refers to the same bridge.
#[derive(Clone)]
pub(crate) struct Bridge {
    pub(crate) settings: Arc<Settings>,
    /// The running connections and relays.
    pub(crate) tasks: TaskTracker,
    pub(crate) limit_log: Arc<LimitLog>,
    pub(crate) throttled_logs: Arc<ThrottledLogs>,
    pub(crate) relays: Arc<RelayLimiter>,
    pub(crate) authenticator: Arc<Authenticator>,
    /// The WebSockets that are being closed with a refusal.
    pub(crate) rejections: Arc<Shares>,
    pub(crate) pool: Arc<BufferPool>,
    pub(crate) security_headers: Arc<SecurityHeaders>,
    /// The page's configuration as JSON.
    pub(crate) page_config: Bytes,
}

impl Bridge {
    /// Creates the state from its settings.
    ///
    /// # Errors
    /// The page's configuration cannot be serialised.
    pub(crate) fn new(settings: Settings) -> io::Result<Self> {
        let tls = !matches!(settings.tls_mode, TlsMode::Plain);
        let limit_log = LimitLog::new(&settings.metrics);
        let page = PageConfig {
            sign_in: settings.access.sign_in(),
            ..settings.page.clone()
        };
        let security_headers = SecurityHeaders::new(settings.site.script_sources(), tls);
        Ok(Self {
            relays: RelayLimiter::new(&settings.limits, &limit_log),
            limit_log,
            throttled_logs: Arc::default(),
            authenticator: Arc::new(Authenticator::new(settings.access.clone())),
            rejections: Shares::new(MAX_REJECTIONS, MAX_REJECTIONS_PER_CLIENT),
            pool: BufferPool::new(&settings.limits, &settings.metrics),
            security_headers: Arc::new(security_headers),
            page_config: serde_json::to_vec(&page)?.into(),
            settings: Arc::new(settings),
            tasks: TaskTracker::new(),
        })
    }
}
