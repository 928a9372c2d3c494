//! `cargo xtask replay`: replays recorded sessions as a mock server.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use restante_shared::pop3::transcript::{ReplaySummary, Transcript, replay};

/// Replays the files, and prints for each whether the client followed the recording.
pub(crate) fn run(files: &[PathBuf]) -> Result<()> {
    let mut diverged = 0;
    for file in files {
        match replay_file(file) {
            Ok(replayed) => println!("{}: {}", file.display(), describe(&replayed)),
            Err(error) => {
                diverged += 1;
                eprintln!("{}: {error:#}", file.display());
            }
        }
    }
    if diverged > 0 {
        bail!(
            "{diverged} of {} were not replayed to their end",
            files.len()
        );
    }
    Ok(())
}

fn replay_file(file: &Path) -> Result<ReplaySummary> {
    let text = fs::read_to_string(file).context("cannot read the file")?;
    let transcript: Transcript = text.parse()?;
    Ok(replay(&transcript)?)
}

fn describe(replayed: &ReplaySummary) -> String {
    let ReplaySummary {
        steps,
        events,
        violation,
        quirks,
    } = replayed;
    let mut text = format!("all {steps} steps came as recorded, {events} events");
    if let Some(error) = violation {
        text += &format!("; in the end, {error}");
    }
    if !quirks.is_empty() {
        text += &format!("; quirks: {quirks:?}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replayed_or_the_line_at_which_it_diverges_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("session.txt");
        fs::write(&file, "S: +OK\nC: PASS ***\n").unwrap();
        let error = replay_file(&file).unwrap_err();
        assert!(error.to_string().starts_with("line 2: "), "{error}");
        assert!(run(std::slice::from_ref(&file)).is_err());
        fs::write(&file, "S: +OK\nC: QUIT\nS: +OK\n[close]\n").unwrap();
        assert!(describe(&replay_file(&file).unwrap()).starts_with("all 4 steps"));
        assert!(run(&[file, folder.path().join("none.txt")]).is_err());
    }
}
