//! The modules of the build script as a part of the library, so that their tests run with the others.

pub(crate) mod compress;
pub(crate) mod files;
pub(crate) mod scripts;
