//! Transcripts and reports as the user sees them.

use restante_client::api::problem::Problem;
use restante_client::api::report::ConnectionReport;
use restante_client::api::settings::MailboxSettings;
use restante_client::api::transcript::TranscriptLine;
use restante_client::ui::words::{self, Fact, FactSection, transcript_line};

/// Returns the lines of a transcript as text.
pub(crate) fn texts(lines: &[TranscriptLine]) -> Vec<String> {
    lines.iter().map(transcript_line).collect()
}

/// Returns everything in a report as text: its values, and the words for them.
pub(crate) fn everything(report: &ConnectionReport) -> String {
    let mut parts = vec![format!("{report:?}"), format!("{:?}", server_facts(report))];
    for session in &report.sessions {
        parts.push(words::session_outcome(session.outcome.as_ref()));
        parts.push(format!("{:?}", words::session_security(&session.security)));
        parts.extend(texts(&session.lines));
    }
    parts.join("\n")
}

/// Returns the words for the detail of a problem.
pub(crate) fn detail(problem: &Problem) -> Option<String> {
    problem.detail.as_ref().map(words::detail)
}

/// Returns the headings of the report on the server.
pub(crate) fn titles(report: &ConnectionReport) -> Vec<&'static str> {
    let sections = sections(report).into_iter();
    sections.map(|section| section.title).collect()
}

/// Returns the facts about the server.
pub(crate) fn server_facts(report: &ConnectionReport) -> Vec<Fact> {
    let sections = sections(report).into_iter();
    sections.flat_map(|section| section.facts).collect()
}

/// Returns the sections of the report on the server. They have the same facts for all settings except
/// for the address of the server and its encryption.
fn sections(report: &ConnectionReport) -> Vec<FactSection> {
    let settings = MailboxSettings::lost();
    let server = report.server.as_ref();
    server.map_or_else(Vec::new, |server| words::server_report(&settings, server))
}
