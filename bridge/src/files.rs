//! Files with the operator's secrets, which are reloaded while the bridge runs.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// The default interval between two checks of a file for changes.
pub const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// The longest file that is read, in bytes.
pub(crate) const LONGEST: u64 = 1024 * 1024;

/// Reads a file of at most [`LONGEST`] bytes.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        let text = "the file is longer than the allowed 1 MiB";
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    Ok(bytes)
}

/// Reads such a file as text.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    let wrong = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    String::from_utf8(read(path)?).map_err(|error| wrong(error.utf8_error()))
}

#[cfg(unix)]
pub(crate) fn is_open_to_all(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
pub(crate) fn is_open_to_all(path: &Path) -> bool {
    let _ = fs::metadata(path);
    false
}
