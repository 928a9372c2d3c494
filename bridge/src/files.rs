//! Files with secrets of the operator's, which are read again while the bridge runs.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// How often files are looked at, unless a test is in a hurry.
pub const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// The longest file that is read, in octets.
pub(crate) const LONGEST: u64 = 1024 * 1024;

/// Reads a file of at most [`LONGEST`] octets.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    File::open(path)?
        .take(LONGEST + 1)
        .read_to_end(&mut octets)?;
    if octets.len() as u64 > LONGEST {
        let text = "longer than the mebibyte that such a file may have";
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    Ok(octets)
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
