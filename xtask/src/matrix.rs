//! The table of mail servers and the features that were proved with each, printed after the tests.
//!
//! The tests write a file for each cell, such as `02-Dovecot`, with one line: server, feature and
//! result, separated by tabs. The number is the row.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// The folder of the cells.
pub(crate) struct Matrix {
    folder: PathBuf,
}

impl Matrix {
    /// Returns the folder to pass to the tests.
    pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
        workspace.scratch().join("matrix")
    }

    /// Removes the cells of an earlier run.
    pub(crate) fn clear(workspace: &Workspace) -> Result<Self> {
        let folder = Self::folder(workspace);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
        }
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(Self { folder })
    }

    /// Reads the cells that the tests have written, as a table.
    ///
    /// # Errors
    /// Fails if a cell is missing: the test that proves it has failed, or there is none.
    pub(crate) fn read(&self) -> Result<String> {
        let mut cells = BTreeMap::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let row = path.file_name().and_then(|name| name.to_str());
            let row = row
                .and_then(|name| name.split_once('-'))
                .map(|(row, _)| row);
            let row = row.with_context(|| path.display().to_string())?;
            cells.insert((row.to_owned(), path.clone()), fs::read_to_string(&path)?);
        }
        table(cells.into_values())
    }
}

/// Formats the cells, which come in the order of their rows, as a table.
fn table(cells: impl IntoIterator<Item = String>) -> Result<String> {
    let mut servers: Vec<String> = Vec::new();
    let mut rows: Vec<(String, BTreeMap<String, String>)> = Vec::new();
    for cell in cells {
        let [server, feature, shown] = *cell.trim_end().split('\t').collect::<Vec<_>>() else {
            bail!("the matrix has a cell that cannot be read: {cell}");
        };
        if !servers.iter().any(|known| known == server) {
            servers.push(server.to_owned());
        }
        if rows.last().is_none_or(|(last, _)| last != feature) {
            rows.push((feature.to_owned(), BTreeMap::new()));
        }
        if let Some((_, row)) = rows.last_mut() {
            row.insert(server.to_owned(), shown.to_owned());
        }
    }
    servers.sort();
    let corner = "server × feature".to_owned();
    let head = std::iter::once(corner).chain(servers.iter().cloned());
    let mut lines: Vec<Vec<String>> = vec![head.collect()];
    let mut missing = Vec::new();
    for (feature, row) in &rows {
        let mut line = vec![feature.clone()];
        for server in &servers {
            let shown = row.get(server);
            if shown.is_none() {
                missing.push(format!("{feature} of {server}"));
            }
            line.push(shown.cloned().unwrap_or_else(|| "?".to_owned()));
        }
        lines.push(line);
    }
    let columns = servers.len() + 1;
    let width = |column: usize| {
        let widths = lines.iter().filter_map(|line| line.get(column));
        widths.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let text: Vec<String> = lines
        .iter()
        .map(|line| {
            let cells = line.iter().zip(&widths);
            let cells = cells.map(|(cell, width)| format!("{cell:width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        })
        .collect();
    let text = text.join("\n");
    if rows.is_empty() {
        bail!("no test has written a cell of the matrix of servers");
    }
    if !missing.is_empty() {
        bail!(
            "the matrix of servers has holes: {}\n{text}",
            missing.join(", ")
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(cells: &[&str]) -> Vec<String> {
        cells
            .iter()
            .map(|cell| cell.replace(' ', "\t") + "\n")
            .collect()
    }

    #[test]
    fn cells_become_a_table() {
        let cells = cells(&["b TLS yes", "a TLS yes", "a EXPIRE never", "b EXPIRE yes"]);
        assert_eq!(
            table(cells).unwrap(),
            "server × feature  a      b\nTLS               yes    yes\nEXPIRE            never  yes"
        );
    }

    #[test]
    fn a_missing_cell_is_reported() {
        let error = table(cells(&["a TLS yes", "b EXPIRE yes"])).unwrap_err();
        assert!(error.to_string().contains("holes: TLS of b, EXPIRE of a"));
        assert!(table(cells(&[])).is_err());
        assert!(table(cells(&["a TLS"])).is_err());
    }
}
