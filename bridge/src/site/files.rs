//! The table of the files that a bridge serves.

use super::asset::Asset;

// ASSETS and SCRIPT_SOURCES, which the build script in `build/` generates.
include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The files that a bridge serves.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    assets: &'static [Asset],
    script_sources: &'static str,
}

impl Site {
    /// Returns the client that is embedded in this binary.
    #[must_use]
    pub fn embedded() -> Self {
        Self {
            assets: ASSETS,
            script_sources: SCRIPT_SOURCES,
        }
    }

    /// Returns a site of other files, with the Content-Security-Policy sources of the page's inline scripts,
    /// each preceded by a space.
    #[must_use]
    pub fn new(assets: &'static [Asset], script_sources: &'static str) -> Self {
        Self {
            assets,
            script_sources,
        }
    }

    /// Returns true if there is a page to serve.
    #[must_use]
    pub fn has_page(&self) -> bool {
        self.find("/").is_some()
    }

    pub(crate) fn script_sources(&self) -> &'static str {
        self.script_sources
    }

    /// Returns the file at a request's path.
    pub(crate) fn find(&self, path: &str) -> Option<&'static Asset> {
        let path = match path.strip_prefix('/')? {
            "" => "index.html",
            path => path,
        };
        self.assets.iter().find(|asset| asset.path == path)
    }
}
