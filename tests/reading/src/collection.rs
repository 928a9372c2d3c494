//! A folder of messages.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::expectation::Expectation;

/// A message with its expectation.
#[derive(Debug)]
pub struct Sample {
    /// The name of the file, without `.eml`.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// The bytes of the message.
    pub octets: Vec<u8>,
    /// The parts that a reader must show.
    pub expectation: Expectation,
}

/// Returns the folder of the project's own messages.
#[must_use]
pub fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("messages")
}

/// Reads the messages of a folder and of its subfolders that their `expected.json` names.
///
/// # Errors
/// If there is no `expected.json`, a message is missing, or a file has another format.
pub fn read(folder: &Path) -> Result<Vec<Sample>> {
    let mut folders = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        folders.push(entry?.path());
    }
    folders.retain(|folder| folder.join("expected.json").is_file());
    folders.sort();
    if folders.is_empty() {
        bail!("no expected.json in {}", folder.display());
    }
    let mut samples = Vec::new();
    for folder in folders {
        samples.extend(one_folder(&folder)?);
    }
    Ok(samples)
}

fn one_folder(folder: &Path) -> Result<Vec<Sample>> {
    let file = folder.join("expected.json");
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let expected: BTreeMap<String, Expectation> =
        serde_json::from_str(&text).with_context(|| file.display().to_string())?;
    let samples = expected.into_iter().map(|(name, expectation)| {
        let path = folder.join(format!("{name}.eml"));
        let octets = fs::read(&path).with_context(|| path.display().to_string())?;
        Ok(Sample {
            name,
            path,
            octets,
            expectation,
        })
    });
    samples.collect()
}
