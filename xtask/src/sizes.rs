//! `cargo xtask sizes`: what a browser downloads, against the budgets.

use std::fs;
use std::io::Write;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::client;
use crate::fingerprint;
use crate::workspace::Workspace;

/// What a part of the download may weigh with brotli, in octets.
const APP_BUDGET: usize = 150 * 1000;
/// The same for the engine.
const ENGINE_BUDGET: usize = 900 * 1000;

/// Octets of a file, or of many, in each form.
#[derive(Clone, Copy, Default)]
struct Size {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Builds the client and prints the size of each file and part.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    client::build(workspace)?;
    let (mut app, mut engine, mut icons) = (Size::default(), Size::default(), Size::default());
    println!(
        "{:<40} {:>11} {:>11} {:>11}",
        "octets", "raw", "gzip", "brotli"
    );
    for (name, file) in fingerprint::files_below(&workspace.dist())? {
        let octets = fs::read(&file).with_context(|| file.display().to_string())?;
        let size = Size::of(&octets)?;
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
    app.print("app (usable before the engine is there)");
    engine.print("engine");
    icons.print("icons (kept for offline use)");
    for (part, size, budget) in [("app", app, APP_BUDGET), ("engine", engine, ENGINE_BUDGET)] {
        if size.brotli > budget {
            bail!(
                "the {part} has {} octets with brotli, and may have {budget}",
                size.brotli
            );
        }
    }
    println!("within the budgets: app {APP_BUDGET}, engine {ENGINE_BUDGET} octets with brotli");
    Ok(())
}

/// Trunk names a binary's files after the binary; the app is all that is not the engine.
fn is_of_engine(name: &str) -> bool {
    ["engine.", "engine_", "engine-", "socket."]
        .iter()
        .any(|start| name.starts_with(start))
}

impl Size {
    fn of(octets: &[u8]) -> Result<Self> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(octets)?;
        let mut brotli = Vec::new();
        let parameters = brotli::enc::BrotliEncoderParams {
            quality: 11,
            size_hint: octets.len(),
            ..Default::default()
        };
        let mut input = octets;
        brotli::BrotliCompress(&mut input, &mut brotli, &parameters)?;
        Ok(Self {
            raw: octets.len(),
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
    fn the_engines_files_are_told_from_the_apps() {
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
        let size = Size::of(&b"restante ".repeat(1000)).unwrap();
        assert_eq!(size.raw, 9000);
        assert!(size.brotli < size.gzip && size.gzip < 200);
    }
}
