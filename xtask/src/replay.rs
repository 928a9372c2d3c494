//! `cargo xtask replay`: a session that somebody has recorded, as a test.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use restante_shared::pop3::transcript::{ReplaySummary, Transcript, replay};

/// Replays the files, and says of each whether all came as it was recorded.
pub(crate) fn run(files: &[PathBuf]) -> Result<()> {
    let mut parted = 0;
    for file in files {
        match replay_file(file) {
            Ok(replayed) => println!("{}: {}", file.display(), told(&replayed)),
            Err(error) => {
                parted += 1;
                eprintln!("{}: {error:#}", file.display());
            }
        }
    }
    if parted > 0 {
        bail!("{parted} of {} were not replayed to their end", files.len());
    }
    Ok(())
}

fn replay_file(file: &Path) -> Result<ReplaySummary> {
    let text = fs::read_to_string(file).context("it cannot be read")?;
    let transcript: Transcript = text.parse()?;
    Ok(replay(&transcript)?)
}

fn told(replayed: &ReplaySummary) -> String {
    let ReplaySummary {
        steps,
        events,
        broken,
        quirks,
    } = replayed;
    let mut told = format!("all {steps} steps came as recorded, {events} events");
    if let Some(error) = broken {
        told += &format!("; in the end, {error}");
    }
    if !quirks.is_empty() {
        told += &format!("; odd: {quirks:?}");
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replayed_or_the_line_is_told_at_which_it_parts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("session.txt");
        fs::write(&file, "S: +OK\nC: PASS ***\n").unwrap();
        let error = replay_file(&file).unwrap_err();
        assert!(error.to_string().starts_with("line 2: "), "{error}");
        assert!(run(std::slice::from_ref(&file)).is_err());
        fs::write(&file, "S: +OK\nC: QUIT\nS: +OK\n[close]\n").unwrap();
        assert!(told(&replay_file(&file).unwrap()).starts_with("all 4 steps"));
        assert!(run(&[file, folder.path().join("none.txt")]).is_err());
    }
}
