//! Embeds the built client: a table of the files in `dist/`, uncompressed and compressed.
//!
//! The folder is the workspace's `dist/`, or the one that `RESTANTE_DIST` names. Without a built client
//! the table is empty, and the bridge explains how to build one. Compressed forms are cached by digest, so
//! that only changed files are compressed again.

mod compress;
mod files;
mod scripts;

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use compress::{Compressor, ContentEncoding};
use files::SiteFile;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-env-changed=RESTANTE_DIST");
    let dist = dist_folder()?;
    println!("cargo::rerun-if-changed={}", dist.display());

    let out = PathBuf::from(variable("OUT_DIR")?);
    let thorough = variable("PROFILE")? == "release";
    let compressor = Compressor::new(out.join("compressed"), thorough)?;
    let files = files::below(&dist)?;
    let compressed = compressor.all(&files)?;

    let mut table = String::from("pub(super) static ASSETS: &[Asset] = &[\n");
    for (file, forms) in files.iter().zip(&compressed) {
        write_asset(&mut table, file, forms)?;
    }
    table.push_str("];\n");
    let page = files.iter().find(|file| file.name == "index.html");
    let hashes = page.map_or_else(String::new, |page| {
        scripts::sources(&String::from_utf8_lossy(&page.bytes))
    });
    writeln!(
        table,
        "pub(super) static SCRIPT_SOURCES: &str = {hashes:?};"
    )?;
    fs::write(out.join("assets.rs"), table)?;
    Ok(())
}

/// Returns the folder with the built client.
///
/// Creates the workspace's own folder if it is missing, because Cargo treats a missing path as changed and
/// would compile the bridge each time.
fn dist_folder() -> Result<PathBuf, Box<dyn Error>> {
    if let Some(folder) = env::var_os("RESTANTE_DIST") {
        return Ok(PathBuf::from(folder));
    }
    let dist = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../dist");
    // A read-only source tree has no client in it either.
    let _ = fs::create_dir_all(&dist);
    Ok(dist)
}

fn write_asset(
    table: &mut String,
    file: &SiteFile,
    forms: &[(ContentEncoding, PathBuf)],
) -> std::fmt::Result {
    let form = |wanted: ContentEncoding| {
        forms
            .iter()
            .find(|(encoding, _)| *encoding == wanted)
            .map_or_else(
                || "None".to_owned(),
                |(_, path)| format!("Some(include_bytes!({path:?}))"),
            )
    };
    writeln!(
        table,
        "    Asset {{ path: {:?}, content_type: {:?}, digest: {:?}, immutable: {}, \
         identity: include_bytes!({:?}), gzip: {}, brotli: {} }},",
        file.name,
        files::content_type(&file.name),
        file.digest,
        files::is_immutable(&file.name),
        file.path,
        form(ContentEncoding::Gzip),
        form(ContentEncoding::Brotli),
    )
}

fn variable(name: &str) -> Result<String, Box<dyn Error>> {
    env::var(name).map_err(|error| format!("{name}: {error}").into())
}
