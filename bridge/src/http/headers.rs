//! The header fields that every answer has: what a page of this origin may do.

use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Made once, and cloned into every answer.
#[derive(Debug, Clone)]
pub(crate) struct SecurityHeaders(Vec<(HeaderName, HeaderValue)>);

const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), \
    encrypted-media=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), \
    payment=(), publickey-credentials-get=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()";

/// Two years, as the preload lists ask; without the subdomains, which are not ours to bind.
const STRICT_TRANSPORT: &str = "max-age=63072000";

impl SecurityHeaders {
    /// `script_sources` are those of the page's inline scripts; `tls` says that the bridge itself
    /// speaks it, so that the name can be held to it.
    pub(crate) fn new(script_sources: &str, tls: bool) -> Self {
        let fixed = |name: HeaderName, value: &'static str| (name, HeaderValue::from_static(value));
        let mut headers = vec![
            fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            fixed(header::REFERRER_POLICY, "no-referrer"),
            fixed(
                HeaderName::from_static("cross-origin-opener-policy"),
                "same-origin",
            ),
            fixed(
                HeaderName::from_static("cross-origin-resource-policy"),
                "same-origin",
            ),
            fixed(HeaderName::from_static("permissions-policy"), PERMISSIONS),
        ];
        if let Ok(policy) = HeaderValue::try_from(content_security_policy(script_sources)) {
            headers.push((header::CONTENT_SECURITY_POLICY, policy));
        }
        if tls {
            headers.push(fixed(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT));
        }
        Self(headers)
    }

    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.0 {
            headers.insert(name, value.clone());
        }
    }
}

/// What the page, its worker and its mail frames may load.
///
/// A frame made by `srcdoc` inherits the policy of the page around it and can only narrow it by its
/// own, so the page's has to permit what a mail may show. That a mail shows less, and loads nothing
/// until the reader asks, is the frame's own policy and the sanitiser's work.
fn content_security_policy(script_sources: &str) -> String {
    [
        // Whatever is not named below: plug-ins, media, frames from elsewhere.
        "default-src 'none'".to_owned(),
        // The built scripts, the inline one that starts them, and compiling WebAssembly. The
        // worker's loader, which has this policy from its own answer, imports the same way.
        format!("script-src 'self' 'wasm-unsafe-eval'{script_sources}"),
        "worker-src 'self'".to_owned(),
        // The style sheets; and style attributes, by which a list places its rows and by which
        // nearly every HTML mail is laid out.
        "style-src 'self' 'unsafe-inline'".to_owned(),
        // The icons; images inside a mail, as `data:` or `blob:`; and remote images of a mail for
        // which the reader pressed "Load remote images".
        "img-src 'self' data: blob: https:".to_owned(),
        "font-src 'self'".to_owned(),
        // The relay and the page's own files: 'self' covers ws: and wss: of the same host (CSP
        // Level 3, section 6.7.2.8).
        "connect-src 'self'".to_owned(),
        "manifest-src 'self'".to_owned(),
        "base-uri 'none'".to_owned(),
        "form-action 'none'".to_owned(),
        "frame-ancestors 'none'".to_owned(),
    ]
    .join("; ")
}
