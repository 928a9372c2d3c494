//! One reader's result for one message.

use ring::digest::{SHA256, digest};
use serde::Deserialize;

/// The result of reading a message, in the form in which the readers of other languages print it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// The subject.
    pub subject: String,
    /// The senders, each as `Name <address>`, `<address>` or `Name`.
    pub from: Vec<String>,
    /// The recipients of `To`, in the same form.
    pub to: Vec<String>,
    /// The text as shown. Readers that return both a plain text and HTML may have several.
    pub texts: Vec<String>,
    /// HTML, whose words are added to `texts` when it is judged.
    pub html: Vec<String>,
    /// The attachments.
    pub files: Vec<ReadFile>,
    /// The time of sending, in seconds since 1970.
    pub date: Option<i64>,
    /// The snippet in the list, if the reader has a list.
    pub snippet: Option<String>,
    /// The number of pictures drawn, if the reader draws any.
    pub images: Option<usize>,
    /// Queries and their results, if the reader has a search.
    pub found: Vec<(String, bool)>,
}

/// An attachment of a [`Reading`].
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ReadFile {
    /// The file name.
    #[serde(default)]
    pub name: String,
    /// The SHA-256 of the decoded bytes, in hexadecimal.
    pub sha: String,
}

/// Returns the SHA-256 of a file, in hexadecimal.
#[must_use]
pub fn sha256(octets: &[u8]) -> String {
    let digest = digest(&SHA256, octets);
    digest
        .as_ref()
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect()
}
