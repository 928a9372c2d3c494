//! Decomposed text in lower case: from the browser's tables, or natively from a crate.

/// Decomposes a text by Unicode's form NFKD, in lower case.
#[cfg(target_arch = "wasm32")]
pub(super) fn decomposed(text: &str) -> String {
    let text = js_sys::JsString::from(text).normalize("NFKD");
    text.to_lower_case().into()
}

/// Decomposes a text by Unicode's form NFKD, in lower case.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn decomposed(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    text.nfkd().collect::<String>().to_lowercase()
}
