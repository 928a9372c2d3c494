//! A section of the report.

use std::io::{self, Write};

/// A heading, and the lines below it.
pub(super) struct ReportSection {
    pub(super) title: String,
    pub(super) lines: Vec<String>,
}

impl ReportSection {
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "\n{}", self.title)?;
        self.lines
            .iter()
            .try_for_each(|line| writeln!(out, "  {line}"))
    }
}
