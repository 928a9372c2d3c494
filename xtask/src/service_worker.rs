//! The service worker of a build: Trunk calls this after it has built the other files.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use crate::fingerprint;

/// The name under which browsers request it.
const NAME: &str = "sw.js";
/// The placeholder of the list in the template.
const PLACE: &str = "/* the files of this build */ {}";

/// Writes `sw.js` into Trunk's folder. A release build gets a worker that caches exactly the files of
/// the build. Any other gets one that removes itself, since a cache would break live reload.
pub(crate) fn write_for_trunk() -> Result<()> {
    let variable = |name: &str| {
        env::var_os(name).with_context(|| format!("{name} is not set: Trunk calls this"))
    };
    let source = PathBuf::from(variable("TRUNK_SOURCE_DIR")?)
        .join("client")
        .join("sw");
    let folder = PathBuf::from(variable("TRUNK_STAGING_DIR")?);
    let text = if variable("TRUNK_PROFILE")? == "release" {
        shorten_scripts(&folder)?;
        let template = source.join("keep.js");
        let template =
            fs::read_to_string(&template).with_context(|| template.display().to_string())?;
        with_files(&template, &folder)?
    } else {
        let template = source.join("retire.js");
        fs::read_to_string(&template).with_context(|| template.display().to_string())?
    };
    let place = folder.join(NAME);
    fs::write(&place, text).with_context(|| place.display().to_string())
}

/// Fills the template with the digest of every file below `folder`, by its address, and removes comments
/// and indentation.
fn with_files(template: &str, folder: &Path) -> Result<String> {
    let mut list = Map::new();
    for (name, file) in fingerprint::files_below(folder)? {
        if name != NAME {
            list.insert(name, Value::String(fingerprint::of_file(&file)?));
        }
    }
    let list = serde_json::to_string(&list)?;
    if template.matches(PLACE).count() != 1 {
        bail!("the service worker's template has not exactly one `{PLACE}`");
    }
    Ok(without_layout(template).replace(PLACE, &list))
}

/// Removes comments and indentation from scripts. Trunk's minifier cannot read the app's script.
fn shorten_scripts(folder: &Path) -> Result<()> {
    for (_, file) in fingerprint::files_below(folder)? {
        if file.extension().is_some_and(|extension| extension == "js") {
            let script = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            fs::write(&file, without_layout(&script))
                .with_context(|| file.display().to_string())?;
        }
    }
    Ok(())
}

/// Returns a script without indentation, empty lines, and lines of comments.
fn without_layout(script: &str) -> String {
    let code: Vec<_> = script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .collect();
    code.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_every_file_but_the_worker_itself() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["index.html", "sw.js"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let template = format!("// Why.\n\n  const files = {PLACE};\n");
        let text = with_files(&template, folder.path()).unwrap();
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(
            text,
            format!("const files = {{\"index.html\":\"{empty}\"}};")
        );
    }

    #[test]
    fn the_template_in_the_tree_has_its_place() {
        let template = include_str!("../../client/sw/keep.js");
        assert_eq!(template.matches(PLACE).count(), 1);
    }
}
