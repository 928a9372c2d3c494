//! The lines of transcripts, in the format of [`restante_shared::pop3::transcript`].

use crate::api::transcript::TranscriptLine;

/// Returns a line in its printed form. A gap is a comment.
#[must_use]
pub fn transcript_line(line: &TranscriptLine) -> String {
    match line {
        TranscriptLine::Step { step, .. } => step.to_string(),
        TranscriptLine::LinesOmitted { lines } => format!("# {lines} lines are left out here"),
        TranscriptLine::LineCut { bytes } => {
            format!("# {bytes} more bytes of this line are not shown")
        }
        TranscriptLine::MessageCut { bytes } => format!("# {bytes} more bytes are not shown"),
    }
}

#[cfg(test)]
mod tests {
    use restante_shared::pop3::transcript::{Step, Transcript};

    use super::*;

    #[test]
    fn every_line_is_one_that_a_transcript_can_have() {
        for (line, text) in [
            (
                Step::Server(b"+OK caf\xe9".to_vec()).into(),
                "S: +OK caf\\xe9",
            ),
            (Step::Raw(b"bare\n".to_vec()).into(), "R: bare\\n"),
            (Step::Server(Vec::new()).into(), "S: "),
            (
                TranscriptLine::LinesOmitted { lines: 8000 },
                "# 8000 lines are left out here",
            ),
            (
                TranscriptLine::LineCut { bytes: 9_999_000 },
                "# 9999000 more bytes of this line are not shown",
            ),
            (
                TranscriptLine::MessageCut { bytes: 120_000 },
                "# 120000 more bytes are not shown",
            ),
        ] {
            assert_eq!(transcript_line(&line), text);
            let transcript: Transcript = text.parse().unwrap();
            assert_eq!(transcript.steps.len(), 1);
        }
    }
}
