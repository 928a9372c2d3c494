//! Unicode normalisation form NFKC: from the browser's tables, or natively from a crate.

/// Normalises a text to NFKC.
#[cfg(target_arch = "wasm32")]
pub(in crate::engine) fn nfkc(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFKC").into()
}

/// Normalises a text to NFKC.
#[cfg(not(target_arch = "wasm32"))]
pub(in crate::engine) fn nfkc(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    text.nfkc().collect()
}
