//! Digests of files and folders, to see whether anything has changed.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Lists the files below `folder`, sorted by their relative paths, which have `/` between the parts.
pub fn files_below(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    collect(folder, "", &mut files)?;
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let entry = entry.with_context(|| folder.display().to_string())?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, entry.path());
        }
    }
    Ok(())
}

/// Computes the SHA-256 of a file, in hexadecimal.
pub fn of_file(file: &Path) -> Result<String> {
    let bytes = fs::read(file).with_context(|| file.display().to_string())?;
    Ok(hexadecimal(&Sha256::digest(bytes)))
}

/// Computes the SHA-256 over names and contents of files, and of files below folders. A path that does
/// not exist counts as an empty folder.
pub fn of_all<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Result<String> {
    let mut hasher = Sha256::new();
    for path in paths {
        let mut files = BTreeMap::new();
        if path.is_dir() {
            files = files_below(path)?;
        } else if path.is_file() {
            files.insert(String::new(), path.to_owned());
        }
        hasher.update(format!("{} files\n", files.len()));
        for (name, file) in files {
            hasher.update(format!("{name}\0{}\n", of_file(&file)?));
        }
    }
    Ok(hexadecimal(&hasher.finalize()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_changes_with_content_and_name_and_not_with_time() {
        let folder = tempfile::tempdir().unwrap();
        let digest = || of_all([folder.path()]).unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::write(folder.path().join("sub/a"), "1").unwrap();
        let first = digest();
        fs::write(folder.path().join("sub/a"), "1").unwrap();
        assert_eq!(digest(), first);
        fs::write(folder.path().join("sub/a"), "2").unwrap();
        assert_ne!(digest(), first);
        fs::write(folder.path().join("sub/a"), "1").unwrap();
        fs::rename(folder.path().join("sub/a"), folder.path().join("sub/b")).unwrap();
        assert_ne!(digest(), first);
    }
}
