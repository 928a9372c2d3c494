//! `cargo xtask sizes`: the size of the browser's download, against the budgets.

use std::fs;
use std::io::Write;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::client;
use crate::fingerprint;
use crate::workspace::Workspace;

/// The most bytes of the app, with brotli.
const APP_BUDGET: usize = 160 * 1000;
/// The most bytes of the engine, with brotli. The aim is 930 KB, which the readers of every kind of mail
/// exceed by 33 KB.
const ENGINE_BUDGET: usize = 970 * 1000;

/// Bytes of one or several files, in each form.
#[derive(Clone, Copy, Default)]
struct DownloadSize {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Builds the client and prints the size of each file and part.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    client::build(workspace)?;
    let (mut app, mut engine, mut icons) = (
        DownloadSize::default(),
        DownloadSize::default(),
        DownloadSize::default(),
    );
    println!(
        "{:<40} {:>11} {:>11} {:>11}",
        "bytes", "raw", "gzip", "brotli"
    );
    for (name, file) in fingerprint::files_below(&workspace.dist())? {
        let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
        let size = DownloadSize::of(&bytes)?;
        size.print(&name);
        if is_of_engine(&name) {
            engine.add(size);
        } else if name.starts_with("icons/") {
            icons.add(size);
        } else {
            app.add(size);
        }
    }
    println!();
    app.print("app (usable before the engine has loaded)");
    engine.print("engine");
    icons.print("icons (kept for offline use)");
    for (part, size, budget) in [("app", app, APP_BUDGET), ("engine", engine, ENGINE_BUDGET)] {
        if size.brotli > budget {
            bail!(
                "the {part} has {} bytes with brotli, and may have {budget}",
                size.brotli
            );
        }
    }
    println!("within the budgets: app {APP_BUDGET}, engine {ENGINE_BUDGET} bytes with brotli");
    Ok(())
}

/// Returns true for a file of the engine. Trunk names the files of a binary after it; all others belong
/// to the app.
fn is_of_engine(name: &str) -> bool {
    ["engine.", "engine_", "engine-", "socket."]
        .iter()
        .any(|start| name.starts_with(start))
}

impl DownloadSize {
    fn of(bytes: &[u8]) -> Result<Self> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(bytes)?;
        let mut brotli = Vec::new();
        let parameters = brotli::enc::BrotliEncoderParams {
            quality: 11,
            size_hint: bytes.len(),
            ..Default::default()
        };
        let mut input = bytes;
        brotli::BrotliCompress(&mut input, &mut brotli, &parameters)?;
        Ok(Self {
            raw: bytes.len(),
            gzip: gzip.finish()?.len(),
            brotli: brotli.len(),
        })
    }

    fn add(&mut self, other: Self) {
        self.raw += other.raw;
        self.gzip += other.gzip;
        self.brotli += other.brotli;
    }

    fn print(&self, name: &str) {
        println!(
            "{name:<40} {:>11} {:>11} {:>11}",
            self.raw, self.gzip, self.brotli
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_engine_are_recognised() {
        for name in [
            "engine.js",
            "engine_bg.wasm",
            "engine_loader.js",
            "socket.js",
        ] {
            assert!(is_of_engine(name), "{name}");
        }
        for name in [
            "app-1f2e.js",
            "app-1f2e_bg.wasm",
            "index.html",
            "icons/engine.svg",
        ] {
            assert!(!is_of_engine(name), "{name}");
        }
    }

    #[test]
    fn compression_saves_something() {
        let size = DownloadSize::of(&b"restante ".repeat(1000)).unwrap();
        assert_eq!(size.raw, 9000);
        assert!(size.brotli < size.gzip && size.gzip < 200);
    }
}
