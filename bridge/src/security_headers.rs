//! The security headers of every response.

use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};

/// The header fields, created once and cloned into every response.
#[derive(Debug, Clone)]
pub(crate) struct SecurityHeaders(Vec<(HeaderName, HeaderValue)>);

const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), \
    encrypted-media=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), \
    payment=(), publickey-credentials-get=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()";

/// Two years, as the preload lists require. Without subdomains, which may belong to other services.
const STRICT_TRANSPORT: &str = "max-age=63072000";

impl SecurityHeaders {
    /// Creates the header fields. `script_sources` are those of the page's inline scripts; `tls` is true if
    /// the bridge or its proxy terminates TLS, so that browsers can be bound to it.
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
            // A link in a mail causes no look-up before the user clicks it.
            fixed(HeaderName::from_static("x-dns-prefetch-control"), "off"),
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

/// Returns the policy for the page, its worker and its mail frames.
///
/// A `srcdoc` frame inherits the policy of its page and can only narrow it, so the page's policy has to
/// permit what a mail may show. The frame's own policy and the sanitiser restrict mail further, and block
/// remote content until the user asks for it.
fn content_security_policy(script_sources: &str) -> String {
    [
        // Everything not named below: plug-ins, media, frames from elsewhere.
        "default-src 'none'".to_owned(),
        // The built scripts, the inline one that starts them, and compiling WebAssembly. The worker's
        // loader, whose own response has this policy too, imports the same way.
        format!("script-src 'self' 'wasm-unsafe-eval'{script_sources}"),
        "worker-src 'self'".to_owned(),
        // Style sheets, and style attributes, with which lists place their rows and nearly every HTML
        // mail is laid out.
        "style-src 'self' 'unsafe-inline'".to_owned(),
        // The icons, images inside a mail as `data:` or `blob:`, and remote images of a mail after the
        // user pressed "Load remote images".
        "img-src 'self' data: blob: https:".to_owned(),
        "font-src 'self'".to_owned(),
        // The relay and the page's own files: 'self' covers ws: and wss: of the same host (CSP
        // Level 3, section 6.7.2.8).
        "connect-src 'self'".to_owned(),
        "manifest-src 'self'".to_owned(),
        // The document of a mail has the base `about:srcdoc`, so that its links to places stay in it.
        "base-uri about:".to_owned(),
        "form-action 'none'".to_owned(),
        "frame-ancestors 'none'".to_owned(),
    ]
    .join("; ")
}
