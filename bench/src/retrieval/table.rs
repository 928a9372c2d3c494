//! Medians, ratios and goals, as a table to read.

use std::fmt::Write as _;

use super::scene::Figures;
use crate::figures::median;

/// All runs of one method over one line.
#[derive(Debug)]
pub(crate) struct RetrievalRow {
    pub(crate) name: &'static str,
    pub(crate) runs: Vec<Figures>,
}

/// A goal: "`who` is at least `least` times as fast as the fastest of `than`".
pub(crate) struct Goal {
    pub(crate) who: &'static str,
    /// The prefix of the names to compare with, which is printed too.
    pub(crate) than: &'static str,
    pub(crate) least: f64,
}

/// The rows of one line.
pub(crate) struct RetrievalTable {
    pub(crate) rows: Vec<RetrievalRow>,
    /// The number of messages that each of them retrieved.
    pub(crate) messages: u32,
    pub(crate) bytes: u64,
}

/// The prefixes of the rows to compare with.
pub(crate) const MPOP: &str = "mpop";
pub(crate) const WINDOW: &str = "window of";

impl RetrievalRow {
    /// Builds an empty row.
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            runs: Vec::new(),
        }
    }

    /// Returns the median of the seconds until all messages were stored; the better one of the middle two.
    fn seconds(&self) -> Option<f64> {
        median(self.runs.iter().map(|run| run.seconds))
    }

    fn searchable(&self) -> Option<f64> {
        median(self.runs.iter().filter_map(|run| run.searchable))
    }

    /// Returns the difference between the fastest and the slowest run, in seconds.
    fn spread(&self) -> f64 {
        let seconds = || self.runs.iter().map(|run| run.seconds);
        let slowest = seconds().fold(0.0, f64::max);
        slowest - seconds().fold(slowest, f64::min)
    }
}

impl RetrievalTable {
    /// Returns the seconds of the fastest row whose name has this prefix.
    fn fastest(&self, beginning: &str) -> Option<f64> {
        let rows = self.rows.iter();
        rows.filter(|row| row.name.starts_with(beginning))
            .filter_map(RetrievalRow::seconds)
            .min_by(f64::total_cmp)
    }

    /// Formats the rows, the fastest first.
    pub(crate) fn render(&self) -> String {
        let mut text = format!(
            "{:<40}{:>9}{:>9}{:>6}{:>11}{:>11}{:>9}{:>9}{:>10}\n",
            "", "seconds", "±", "runs", "searchable", "messages/s", "MB/s", "× mpop", "× window"
        );
        let mut rows: Vec<(&RetrievalRow, f64)> = self
            .rows
            .iter()
            .filter_map(|row| Some((row, row.seconds()?)))
            .collect();
        rows.sort_by(|(_, one), (_, other)| one.total_cmp(other));
        let (mpop, window) = (self.fastest(MPOP), self.fastest(WINDOW));
        for (row, seconds) in rows {
            let times = |other: Option<f64>| match other {
                Some(other) => format!("{:.2}", other / seconds),
                None => String::new(),
            };
            let searchable = row
                .searchable()
                .map_or_else(String::new, |s| format!("{s:.2}"));
            let _ = writeln!(
                text,
                "{:<40}{seconds:>9.2}{:>9.2}{:>6}{searchable:>11}{:>11.0}{:>9.1}{:>9}{:>10}",
                row.name,
                row.spread() / 2.0,
                row.runs.len(),
                f64::from(self.messages) / seconds,
                self.bytes as f64 / 1e6 / seconds,
                times(mpop),
                times(window),
            );
        }
        text
    }

    /// Formats the verdict on a goal. Returns `None` if one of the two was not measured.
    pub(crate) fn judge(&self, goal: &Goal) -> Option<String> {
        let Goal { who, than, least } = goal;
        let ratio = self.fastest(than)? / self.fastest(who)?;
        let verdict = if ratio >= *least { "met" } else { "MISSED" };
        Some(format!(
            "{verdict}: {who} is {ratio:.2} times as fast as the fastest \"{than}\" (goal: {least:.2})"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &'static str, seconds: &[f64]) -> RetrievalRow {
        let figures = |seconds: &f64| Figures {
            seconds: *seconds,
            searchable: None,
        };
        RetrievalRow {
            name,
            runs: seconds.iter().map(figures).collect(),
        }
    }

    fn table() -> RetrievalTable {
        RetrievalTable {
            rows: vec![
                row("Restante, native", &[9.0, 1.0, 1.1]),
                row("mpop (mbox)", &[2.2, 2.3, 2.1]),
                row("mpop (maildir)", &[3.0]),
                row("window of 20", &[1.0, 1.0]),
                row("curl", &[]),
            ],
            messages: 220,
            bytes: 22_000_000,
        }
    }

    #[test]
    fn one_bad_run_does_not_count_and_the_best_of_a_kind_is_compared_with() {
        let text = table().render();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 5, "{text}");
        let words: Vec<&str> = lines[2].split_whitespace().collect();
        assert_eq!(
            words,
            [
                "Restante,",
                "native",
                "1.10",
                "4.00",
                "3",
                "200",
                "20.0",
                "2.00",
                "0.91"
            ]
        );
    }

    #[test]
    fn a_goal_is_met_missed_or_not_judged() {
        let judge = |who, than, least| table().judge(&Goal { who, than, least });
        let met = judge("Restante, native", MPOP, 1.5).unwrap();
        assert!(met.starts_with("met: "), "{met}");
        let missed = judge("Restante, native", WINDOW, 0.95).unwrap();
        assert!(missed.starts_with("MISSED: "), "{missed}");
        assert_eq!(judge("curl", MPOP, 1.0), None);
        assert_eq!(judge("Restante, Chromium", MPOP, 1.0), None);
    }
}
