//! Brotli and gzip compression, once for each content.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::{fs, thread};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::files::{self, SiteFile};

/// A content coding of [RFC 9110 §8.4.1] or [RFC 7932].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentEncoding {
    /// `gzip`.
    Gzip,
    /// `br`.
    Brotli,
}

/// Compresses files into its own folder.
pub(crate) struct Compressor {
    folder: PathBuf,
    thorough: bool,
}

/// The compressed forms of one file, if they are smaller than it.
pub(crate) type Forms = Vec<(ContentEncoding, PathBuf)>;

impl Compressor {
    /// Creates a compressor. `thorough` selects the best and slowest levels, for installed builds.
    pub(crate) fn new(folder: PathBuf, thorough: bool) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, thorough })
    }

    /// Compresses every file, on all processors, and removes the forms of files that no longer exist.
    pub(crate) fn all(&self, files: &[SiteFile]) -> io::Result<Vec<Forms>> {
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<(usize, io::Result<Forms>)>> = Mutex::default();
        let work = || {
            while let Some((index, file)) = {
                let index = next.fetch_add(1, Ordering::Relaxed);
                files.get(index).map(|file| (index, file))
            } {
                let forms = self.forms(file);
                done.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push((index, forms));
            }
        };
        let processors = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for _ in 0..processors {
                scope.spawn(work);
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(index, _)| *index);
        let all: Vec<Forms> = done
            .into_iter()
            .map(|(_, forms)| forms)
            .collect::<io::Result<_>>()?;
        self.forget_all_but(&all)?;
        Ok(all)
    }

    fn forms(&self, file: &SiteFile) -> io::Result<Forms> {
        let mut forms = Forms::new();
        if !files::is_compressible(&file.name) {
            return Ok(forms);
        }
        for encoding in [ContentEncoding::Gzip, ContentEncoding::Brotli] {
            let extension = match encoding {
                ContentEncoding::Gzip => "gz",
                ContentEncoding::Brotli => "br",
            };
            let care = if self.thorough { "best" } else { "fast" };
            let path = self
                .folder
                .join(format!("{}.{care}.{extension}", file.digest));
            if !path.exists() {
                write_whole(&path, &self.compress(encoding, &file.bytes)?)?;
            }
            if fs::metadata(&path)?.len() < file.bytes.len() as u64 {
                forms.push((encoding, path));
            }
        }
        Ok(forms)
    }

    fn compress(&self, encoding: ContentEncoding, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match encoding {
            ContentEncoding::Gzip => {
                let level = if self.thorough {
                    Compression::best()
                } else {
                    Compression::fast()
                };
                let mut encoder = GzEncoder::new(Vec::new(), level);
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            ContentEncoding::Brotli => {
                let parameters = brotli::enc::BrotliEncoderParams {
                    quality: if self.thorough { 11 } else { 1 },
                    lgwin: 22,
                    size_hint: bytes.len(),
                    ..Default::default()
                };
                let mut compressed = Vec::new();
                brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters)?;
                Ok(compressed)
            }
        }
    }

    fn forget_all_but(&self, all: &[Forms]) -> io::Result<()> {
        let kept: HashSet<&Path> = all
            .iter()
            .flatten()
            .map(|(_, path)| path.as_path())
            .collect();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if !kept.contains(path.as_path()) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// Writes a file atomically, in case the build is interrupted.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let half = path.with_extension("half");
    fs::write(&half, bytes)?;
    fs::rename(&half, path)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn file(name: &str, bytes: &[u8]) -> SiteFile {
        SiteFile {
            name: name.to_owned(),
            path: PathBuf::from(name),
            bytes: bytes.to_vec(),
            digest: format!("{name}-digest"),
        }
    }

    #[test]
    fn both_forms_decompress_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let text = b"poste restante, ".repeat(500);
        let files = [file("a.js", &text), file("b.png", &text), file("c.js", b"")];
        for thorough in [false, true] {
            let compressor = Compressor::new(folder.path().join("out"), thorough).unwrap();
            let all = compressor.all(&files).unwrap();
            assert_eq!(all[0].len(), 2);
            assert_eq!((all[1].len(), all[2].len()), (0, 0));
            for (encoding, path) in &all[0] {
                let packed = fs::read(path).unwrap();
                assert!(packed.len() < text.len() / 10);
                let mut plain = Vec::new();
                match encoding {
                    ContentEncoding::Gzip => {
                        let mut decoder = flate2::read::GzDecoder::new(&*packed);
                        decoder.read_to_end(&mut plain).unwrap();
                    }
                    ContentEncoding::Brotli => {
                        brotli::BrotliDecompress(&mut &*packed, &mut plain).unwrap();
                    }
                }
                assert!(plain == text);
            }
        }
    }

    #[test]
    fn forms_without_a_file_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let compressor = Compressor::new(folder.path().join("out"), false).unwrap();
        let text = [b'a'; 1000];
        compressor.all(&[file("old.js", &text)]).unwrap();
        let all = compressor.all(&[file("new.js", &text)]).unwrap();
        let left = fs::read_dir(folder.path().join("out")).unwrap().count();
        assert_eq!(left, all[0].len());
    }
}
