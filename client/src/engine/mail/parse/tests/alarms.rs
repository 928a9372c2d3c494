//! The rate of false alarms about senders, on the demo's mail and on that of the crate `mail-parser`.

use std::path::{Path, PathBuf};

use crate::engine::mail::parse::tests::open;

/// Adds the messages in a folder and its subfolders.
fn collect(folder: &Path, messages: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, messages);
        } else if path.extension().is_some_and(|extension| extension == "eml") {
            messages.push(path);
        }
    }
}

/// Returns the folder with the test messages of `mail-parser`, if its source is on this machine.
fn archive() -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")))?;
    let registries = std::fs::read_dir(home.join("registry/src")).ok()?;
    let crates = registries
        .flatten()
        .filter_map(|one| std::fs::read_dir(one.path()).ok());
    let mut folders = crates.flatten().flatten().map(|entry| entry.path());
    let is_crate = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with("mail-parser-"))
    };
    folders
        .find(is_crate)
        .map(|folder| folder.join("resources"))
}

/// Returns the messages with doubts, and prints the rate.
fn alarmed(name: &str, messages: &[PathBuf]) -> Vec<String> {
    let mut alarmed = Vec::new();
    for path in messages {
        let message = open(&std::fs::read(path).unwrap());
        if !message.doubts.is_empty() {
            alarmed.push(format!("{}: {:?}", path.display(), message.doubts));
        }
    }
    println!(
        "{name}: {} alarms in {} messages",
        alarmed.len(),
        messages.len()
    );
    alarmed
}

#[test]
fn honest_mail_causes_no_alarm() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo/messages");
    let mut messages = Vec::new();
    collect(&demo, &mut messages);
    assert!(!messages.is_empty());
    messages.retain(|path| !path.to_string_lossy().contains("hostile"));
    assert_eq!(alarmed("demo", &messages), Vec::<String>::new());
    if let Some(archive) = archive() {
        let mut messages = Vec::new();
        collect(&archive, &mut messages);
        // Among them are broken messages, with two `From` fields.
        let alarmed = alarmed("mail-parser", &messages);
        assert!(alarmed.len() * 50 <= messages.len(), "{alarmed:#?}");
    }
}
