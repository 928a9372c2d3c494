//! The collection of messages, read as the engine reads them.

use std::env;
use std::fmt::Write as _;
use std::path::Path;

use restante_reading::{Criteria, faults, own, read, restante};

/// Returns a line for each fault in a folder of messages.
fn faults_of(folder: &Path) -> String {
    let mut lines = String::new();
    for sample in read(folder).unwrap() {
        let reading = restante(&sample.octets, &sample.expectation).unwrap();
        for fault in faults(&sample.expectation, &reading, Criteria::Client) {
            let _ = writeln!(
                lines,
                "{} ({}): {fault}",
                sample.name, sample.expectation.title
            );
        }
    }
    lines
}

/// Reads the project's messages, or those of the folder that `RESTANTE_MESSAGES` names.
#[test]
fn every_message_of_the_collection_is_read() {
    let folder = env::var_os("RESTANTE_MESSAGES").map_or_else(own, Into::into);
    let faults = faults_of(&folder);
    assert!(faults.is_empty(), "{}", faults.trim_end());
}
