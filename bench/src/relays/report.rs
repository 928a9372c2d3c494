//! The figures as tables: medians, ratios and goals.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::relay::{DIRECT, NGINX, Relay, RelayKind};
use crate::figures::median;

/// The figures of all rounds of one relay.
pub(crate) struct RelayRow {
    name: String,
    kind: RelayKind,
    most: u64,
    figures: BTreeMap<String, Vec<f64>>,
}

/// A column: its title, the figure, and its digits after the point.
type Column = (&'static str, &'static str, usize);

const SPEED: &[Column] = &[
    ("down MB/s", "down_rate", 0),
    ("CPU s/GB", "down_cpu", 2),
    ("up MB/s", "up_rate", 0),
    ("CPU s/GB", "up_cpu", 2),
    ("p50 µs", "p50", 0),
    ("p99 µs", "p99", 0),
    ("first µs", "first_byte", 0),
    ("opens/s", "opens", 0),
];

const MEMORY: &[Column] = &[
    ("1k fresh", "1k_fresh", 1),
    ("1k after", "1k_after", 1),
    ("10k fresh", "10k_fresh", 1),
    ("10k after", "10k_after", 1),
    ("stalled ↓", "stalled_client", 0),
    ("stalled ↑", "stalled_target", 0),
    ("MB/s alone", "10k_bulk_alone", 0),
    ("MB/s + 10k", "10k_bulk_beside", 0),
    ("kept %", "10k_bulk_kept", 0),
];

/// The columns whose ratios are printed.
const RATIOS: &[Column] = &[
    ("down MB/s", "down_rate", 2),
    ("CPU s/GB", "down_cpu", 2),
    ("up MB/s", "up_rate", 2),
    ("CPU s/GB", "up_cpu", 2),
    ("p50", "p50", 2),
    ("p99", "p99", 2),
    ("first", "first_byte", 2),
    ("opens/s", "opens", 2),
];

/// The most that the bridge may add to the 99th percentile, as a multiple of nginx's addition.
const ADDED: f64 = 1.3;
/// The most kilobytes of an idle connection.
const KILOBYTES: f64 = 10.0;
/// The least rate of a transfer beside 10,000 connections, in per cent of its rate alone.
const KEPT: f64 = 90.0;

impl RelayRow {
    /// Builds an empty row.
    pub(crate) fn new(relay: &Relay) -> Self {
        Self {
            name: relay.name.clone(),
            kind: relay.kind,
            most: relay.most,
            figures: BTreeMap::new(),
        }
    }

    /// Adds the figures of a round, with this prefix before their names.
    pub(crate) fn add(&mut self, beginning: &str, figures: BTreeMap<String, f64>) {
        for (name, value) in figures {
            let values = self.figures.entry(format!("{beginning}{name}"));
            values.or_default().push(value);
        }
    }

    /// Summarises the last round.
    pub(crate) fn last_rates(&self) -> String {
        let last = |name| self.figures.get(name)?.last().copied();
        let (down, up) = (last("down_rate"), last("up_rate"));
        let p99 = last("p99").unwrap_or(0.0);
        format!(
            "{:.0} MB/s down, {:.0} up, p99 {p99:.0} µs",
            down.unwrap_or(0.0),
            up.unwrap_or(0.0)
        )
    }

    fn median(&self, name: &str) -> Option<f64> {
        median(self.figures.get(name)?.iter().copied())
    }
}

/// Formats all tables.
pub(crate) fn render(rows: &[RelayRow]) -> String {
    let value = |row: &RelayRow, name: &str| row.median(name);
    let mut text = String::from("Speed, and processor time of the relay\n\n");
    text += &table(rows, SPEED, value);
    if let Some(first) = rows.first().filter(|row| row.kind == RelayKind::Ours) {
        let ratio = |row: &RelayRow, name: &str| Some(row.median(name)? / first.median(name)?);
        let _ = writeln!(text, "\nThe same as ratios to {}\n", first.name);
        text += &table(rows, RATIOS, ratio);
    }
    text += "\nKB for a connection that is idle or whose reader stopped, and a transfer beside 10,000\n\n";
    text += &table(rows, MEMORY, value);
    for row in rows.iter().filter(|row| row.most < 1_000) {
        let _ = writeln!(
            text,
            "{}: {} connections instead of 1,000",
            row.name, row.most
        );
    }
    text
}

fn table(
    rows: &[RelayRow],
    columns: &[Column],
    value: impl Fn(&RelayRow, &str) -> Option<f64>,
) -> String {
    let mut text = format!("{:<24}", "");
    for (title, ..) in columns {
        let _ = write!(text, "{title:>11}");
    }
    for row in rows {
        let values: Vec<_> = columns
            .iter()
            .map(|(_, name, _)| value(row, name))
            .collect();
        if values.iter().all(Option::is_none) {
            continue;
        }
        let _ = write!(text, "\n{:<24}", row.name);
        for (value, (_, _, digits)) in values.iter().zip(columns) {
            let _ = match value {
                Some(value) => write!(text, "{value:>11.digits$}"),
                None => write!(text, "{:>11}", ""),
            };
        }
    }
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

/// Formats the verdict on each goal for each build of the bridge, without goals that were not measured.
pub(crate) fn verdicts(rows: &[RelayRow]) -> Vec<String> {
    let ours = rows.iter().filter(|row| row.kind == RelayKind::Ours);
    ours.flat_map(|ours| {
        let goals = [
            faster(ours, rows, "down_rate", "server to client"),
            cheaper(ours, rows, "down_cpu", "server to client"),
            faster(ours, rows, "up_rate", "client to server"),
            cheaper(ours, rows, "up_cpu", "client to server"),
            added(ours, rows),
            small(ours, "1k_fresh", "1,000 connections, fresh"),
            small(ours, "1k_after", "1,000 connections, after traffic"),
            small(ours, "10k_fresh", "10,000 connections, fresh"),
            small(ours, "10k_after", "10,000 connections, after traffic"),
            kept(ours),
        ];
        let line = |(is_met, what): (bool, String)| {
            let verdict = if is_met { "met" } else { "MISSED" };
            format!("{verdict}: {}: {what}", ours.name)
        };
        goals.into_iter().flatten().map(line).collect::<Vec<_>>()
    })
    .collect()
}

type Verdict = Option<(bool, String)>;

/// Returns the WebSocket relay that is best in this figure.
fn best<'a>(
    rows: &'a [RelayRow],
    name: &str,
    is_better: fn(&f64, &f64) -> bool,
) -> Option<(&'a str, f64)> {
    rows.iter()
        .filter(|row| row.kind == RelayKind::WebSocket)
        .filter_map(|row| Some((row.name.as_str(), row.median(name)?)))
        .reduce(|best, other| {
            if is_better(&other.1, &best.1) {
                other
            } else {
                best
            }
        })
}

fn faster(ours: &RelayRow, rows: &[RelayRow], figure: &str, what: &str) -> Verdict {
    let (other, rate) = best(rows, figure, f64::gt)?;
    let ratio = ours.median(figure)? / rate;
    let text = format!("{what} {ratio:.2} times the rate of {other} (goal: more than 1)");
    Some((ratio > 1.0, text))
}

fn cheaper(ours: &RelayRow, rows: &[RelayRow], figure: &str, what: &str) -> Verdict {
    let (other, seconds) = best(rows, figure, f64::lt)?;
    let ratio = ours.median(figure)? / seconds;
    let text = format!("{what} {ratio:.2} times the CPU per GB of {other} (goal: less than 1)");
    Some((ratio < 1.0, text))
}

fn added(ours: &RelayRow, rows: &[RelayRow]) -> Verdict {
    let of = |name: &str| rows.iter().find(|row| row.name == name)?.median("p99");
    let (ours, nginx, direct) = (ours.median("p99")?, of(NGINX)?, of(DIRECT)?);
    let ratio = (ours - direct) / (nginx - direct);
    let text = format!(
        "adds {:.0} µs to the p99 of a ping-pong, {ratio:.2} times what {NGINX} adds (goal: {ADDED}); \
         with the load's own {direct:.0} µs it is {:.2} times",
        ours - direct,
        ours / nginx
    );
    Some((ratio <= ADDED, text))
}

fn small(ours: &RelayRow, figure: &str, what: &str) -> Verdict {
    let kilobytes = ours.median(figure)?;
    let text = format!("{what}: {kilobytes:.1} KB each (goal: {KILOBYTES})");
    Some((kilobytes <= KILOBYTES, text))
}

fn kept(ours: &RelayRow) -> Verdict {
    let kept = ours.median("10k_bulk_kept")?;
    let text = format!("a transfer beside 10,000 keeps {kept:.0} % of its rate (goal: {KEPT})");
    Some((kept >= KEPT, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, kind: RelayKind, figures: &[(&str, &[f64])]) -> RelayRow {
        let figure = |(name, values): &(&str, &[f64])| ((*name).to_owned(), values.to_vec());
        RelayRow {
            name: name.to_owned(),
            kind,
            most: 100_000,
            figures: figures.iter().map(figure).collect(),
        }
    }

    fn rows() -> Vec<RelayRow> {
        vec![
            row(
                "Restante",
                RelayKind::Ours,
                &[
                    ("down_rate", &[2000.0, 1.0, 2200.0]),
                    ("down_cpu", &[0.4]),
                    ("up_rate", &[900.0]),
                    ("p99", &[60.0]),
                    ("1k_fresh", &[12.0]),
                    ("10k_bulk_kept", &[91.0]),
                ],
            ),
            row(
                "slow",
                RelayKind::WebSocket,
                &[
                    ("down_rate", &[500.0]),
                    ("down_cpu", &[0.9]),
                    ("up_rate", &[1000.0]),
                ],
            ),
            row(
                "fast",
                RelayKind::WebSocket,
                &[("down_rate", &[1000.0]), ("down_cpu", &[0.3])],
            ),
            row(
                NGINX,
                RelayKind::Tcp,
                &[("p99", &[50.0]), ("down_rate", &[9000.0])],
            ),
            row(DIRECT, RelayKind::Direct, &[("p99", &[20.0])]),
        ]
    }

    #[test]
    fn medians_are_compared_with_the_best_websocket_relay() {
        let verdicts = verdicts(&rows());
        let begin: Vec<String> = verdicts
            .iter()
            .map(|verdict| verdict.chars().take(46).collect())
            .collect();
        assert_eq!(
            begin,
            [
                "met: Restante: server to client 2.00 times the",
                "MISSED: Restante: server to client 1.33 times ",
                "MISSED: Restante: client to server 0.90 times ",
                "MISSED: Restante: adds 40 µs to the p99 of a p",
                "MISSED: Restante: 1,000 connections, fresh: 12",
                "met: Restante: a transfer beside 10,000 keeps "
            ]
        );
        assert!(verdicts[0].contains("of fast"), "{}", verdicts[0]);
        assert!(
            verdicts[3].contains("1.33 times what nginx"),
            "{}",
            verdicts[3]
        );
    }

    #[test]
    fn a_table_has_medians_and_blanks_and_no_rows_without_figures() {
        let text = table(&rows(), SPEED, RelayRow::median);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 6, "{text}");
        let words: Vec<&str> = lines[1].split_whitespace().collect();
        assert_eq!(words, ["Restante", "2000", "0.40", "900", "60"]);
        let text = table(&rows(), MEMORY, RelayRow::median);
        assert_eq!(text.lines().count(), 2, "{text}");
    }
}
