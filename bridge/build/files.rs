//! The files of the built client, and the properties that follow from their names.

use std::path::{Path, PathBuf};
use std::{fs, io};

use sha2::{Digest, Sha256};

/// One file below the folder.
pub(crate) struct SiteFile {
    /// The path below the folder, with `/` as the separator.
    pub(crate) name: String,
    /// The absolute path.
    pub(crate) path: PathBuf,
    /// The content.
    pub(crate) bytes: Vec<u8>,
    /// The first half of the content's SHA-256 in hexadecimal.
    pub(crate) digest: String,
}

/// Reads every file below `folder`, sorted by name. Returns none for a missing folder.
pub(crate) fn below(folder: &Path) -> io::Result<Vec<SiteFile>> {
    let mut files = Vec::new();
    if folder.is_dir() {
        collect(&folder.canonicalize()?, "", &mut files)?;
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<SiteFile>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(own) = entry.file_name().into_string() else {
            continue;
        };
        // Trunk builds in a hidden folder.
        if own.starts_with('.') {
            continue;
        }
        let (name, path) = (format!("{prefix}{own}"), entry.path());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
        } else {
            let bytes = fs::read(&path)?;
            let digest = Sha256::digest(&bytes)
                .iter()
                .take(16)
                .map(|byte| format!("{byte:02x}"))
                .collect();
            files.push(SiteFile {
                name,
                path,
                bytes,
                digest,
            });
        }
    }
    Ok(())
}

/// Returns the media type of a file, according to its name.
pub(crate) fn content_type(name: &str) -> &'static str {
    match extension(name) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Returns true if the file may become smaller by compression.
pub(crate) fn is_compressible(name: &str) -> bool {
    !matches!(
        extension(name),
        "png" | "jpg" | "jpeg" | "webp" | "woff2" | "gz" | "br" | "zip"
    )
}

/// Returns true if the name contains a digest of the content, as in Trunk's
/// `app-0123456789abcdef_bg.wasm`.
pub(crate) fn is_immutable(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let stem = file.split('.').next().unwrap_or(file);
    let stem = stem.strip_suffix("_bg").unwrap_or(stem);
    stem.rsplit_once('-').is_some_and(|(_, digest)| {
        digest.len() >= 16
            && digest
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_digest_are_immutable() {
        for name in [
            "app-0123456789abcdef.js",
            "app-0123456789abcdef_bg.wasm",
            "styles/main-0123456789abcdef.css",
        ] {
            assert!(is_immutable(name), "{name}");
        }
        for name in [
            "index.html",
            "sw.js",
            "engine_loader.js",
            "engine.js",
            "app-0123456789abcde.js",
            "app-0123456789abcdeg.js",
            "0123456789abcdef.js",
            "folder-0123456789abcdef/plain.js",
        ] {
            assert!(!is_immutable(name), "{name}");
        }
    }

    #[test]
    fn wasm_has_the_type_that_streaming_compilation_requires() {
        assert_eq!(content_type("app_bg.wasm"), "application/wasm");
        assert_eq!(content_type("LICENSE"), "application/octet-stream");
    }

    #[test]
    fn files_are_found_at_any_depth_and_hidden_ones_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("icons")).unwrap();
        fs::create_dir_all(root.join(".stage")).unwrap();
        for name in ["index.html", "icons/a.svg", ".stage/half.js"] {
            fs::write(root.join(name), name).unwrap();
        }
        let files = below(root).unwrap();
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["icons/a.svg", "index.html"]);
        assert!(files.iter().all(|file| file.path.is_absolute()));
        assert!(files.iter().all(|file| file.bytes == file.name.as_bytes()));
        assert!(files.iter().all(|file| file.digest.len() == 32));
        assert!(below(&root.join("missing")).unwrap().is_empty());
    }
}
