//! Unicode's normalisation form NFKC: the browser has its tables, and natively a crate does.

/// Puts a text into the form NFKC.
#[cfg(target_arch = "wasm32")]
pub(in crate::engine) fn nfkc(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFKC").into()
}

/// Puts a text into the form NFKC.
#[cfg(not(target_arch = "wasm32"))]
pub(in crate::engine) fn nfkc(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    text.nfkc().collect()
}
