//! The results of the tests with real servers: cells of the table that `cargo xtask test` prints at
//! its end.
//!
//! The tests run in several processes, so each cell is a file in the folder that `RESTANTE_MATRIX`
//! names. Without that variable, no cell is written.

use std::path::PathBuf;
use std::{env, fs};

/// The rows of the table, in order.
pub(crate) const FEATURES: &[&str] = &[
    "TLS",
    "STLS",
    "USER/PASS",
    "APOP",
    "LOGIN",
    "PLAIN",
    "CRAM-MD5",
    "XOAUTH2",
    "OAUTHBEARER",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256-PLUS",
    "UIDL",
    "shared unique-ids",
    "TOP",
    "PIPELINING",
    "same bytes",
    "RESP-CODES",
    "AUTH-RESP-CODE",
    "[IN-USE]",
    "LOGIN-DELAY",
    "EXPIRE",
    "IMPLEMENTATION",
    "UTF8",
    "LANG",
];

/// Fills a cell: the calling test has proved the feature.
pub(crate) fn proved(server: &str, feature: &str) {
    noted(server, feature, "yes");
}

/// Fills a cell: the calling test has seen that the server does not offer the feature.
pub(crate) fn not_offered(server: &str, feature: &str) {
    noted(server, feature, "not offered");
}

/// Fills a cell with a short description of the result.
pub(crate) fn noted(server: &str, feature: &str, what: &str) {
    let row = FEATURES.iter().position(|known| *known == feature);
    let Some(row) = row else {
        panic!("the matrix has no row for {feature}");
    };
    let Some(folder) = env::var_os("RESTANTE_MATRIX").map(PathBuf::from) else {
        return;
    };
    let cell = format!("{server}\t{feature}\t{what}\n");
    fs::write(folder.join(format!("{row:02}-{server}")), cell).unwrap();
}
