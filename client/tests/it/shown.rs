//! Transcripts as the user sees them.

use restante_client::api::report::ConnectionReport;
use restante_client::api::transcript::TranscriptLine;
use restante_client::ui::words::transcript_line;

/// Returns the lines of a transcript as text.
pub(crate) fn texts(lines: &[TranscriptLine]) -> Vec<String> {
    lines.iter().map(transcript_line).collect()
}

/// Returns everything in a report as text: its values, and the lines of its transcripts.
pub(crate) fn everything(report: &ConnectionReport) -> String {
    let lines = report.sessions.iter().flat_map(|session| &session.lines);
    let lines: Vec<_> = lines.map(transcript_line).collect();
    format!("{report:?}\n{}", lines.join("\n"))
}
