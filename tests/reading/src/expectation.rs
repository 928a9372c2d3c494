//! The format of `expected.json`.

use serde::Deserialize;

/// The parts of a message that a reader must show. An absent key is not judged.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Expectation {
    /// The point that the message makes.
    pub title: String,
    /// The kind of fault, as numbered in docs/reading.md.
    pub kind: Option<u8>,
    /// Substrings of the text.
    pub body: Vec<String>,
    /// Text that must not be shown.
    pub notbody: Vec<String>,
    /// A substring of the snippet in the list.
    pub snippet: Option<String>,
    /// A substring of the subject.
    pub subject_has: Option<String>,
    /// A substring of `Name <address>` of the senders, joined with commas.
    pub sender_has: Option<String>,
    /// All recipients of `To`, each as `Name <address>`, `<address>` or `Name`.
    pub to: Option<Vec<String>>,
    /// All attachments, in order.
    pub attachments: Option<Vec<ExpectedFile>>,
    /// Names of files among the attachments.
    pub attname: Vec<String>,
    /// Names of files that the user can reach.
    pub reachable: Vec<String>,
    /// The number of pictures that are drawn in the text.
    pub images: Option<usize>,
    /// Queries, and whether they find the message.
    pub search: Vec<(String, bool)>,
    /// The time of sending, in seconds since 1970.
    pub date_ts: Option<i64>,
}

/// An attachment.
#[derive(Debug, Clone, Deserialize)]
pub struct ExpectedFile {
    /// The file name.
    pub name: String,
    /// The first hexadecimal digits of the SHA-256 of the decoded bytes.
    #[serde(default)]
    pub sha: String,
}
