//! The messages that each reader read right, by kind.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use restante_reading::Sample;

use super::run::Verdict;

/// The verdicts on one reader, in the order of the messages.
pub(super) struct ReaderColumn {
    pub(super) name: &'static str,
    pub(super) verdicts: Vec<Verdict>,
}

/// The kinds of messages, by their numbers in `expected.json`.
const KINDS: [(u8, &str); 12] = [
    (1, "the choice of the body"),
    (2, "attachments that stay listed"),
    (3, "inline pictures"),
    (4, "encoded words"),
    (5, "charsets"),
    (6, "names of files"),
    (7, "headers and addresses"),
    (8, "HTML"),
    (9, "transfer encodings and text"),
    (10, "search"),
    (11, "protocol"),
    (12, "dates"),
];

/// Formats the table.
pub(super) fn render(samples: &[Sample], columns: &[ReaderColumn]) -> String {
    let mut kinds: BTreeMap<Option<u8>, Vec<usize>> = BTreeMap::new();
    for (place, sample) in samples.iter().enumerate() {
        kinds
            .entry(sample.expectation.kind)
            .or_default()
            .push(place);
    }
    let mut text = format!("\n{:<32}{:>9}", "", "messages");
    for column in columns {
        let _ = write!(text, "{:>13}", column.name);
    }
    text.push('\n');
    // Messages without a kind come last.
    let (without, with): (Vec<_>, Vec<_>) = kinds.iter().partition(|(kind, _)| kind.is_none());
    for (kind, places) in with.into_iter().chain(without) {
        let name = KINDS.iter().find(|(number, _)| Some(*number) == *kind);
        let name = name.map_or("further messages", |(_, name)| name);
        row(&mut text, name, places, columns);
    }
    let all: Vec<usize> = (0..samples.len()).collect();
    row(&mut text, "all", &all, columns);
    text
}

/// Writes the numbers of right messages, and of all if the criteria apply to fewer.
fn row(text: &mut String, name: &str, places: &[usize], columns: &[ReaderColumn]) {
    let _ = write!(text, "{name:<32}{:>9}", places.len());
    for column in columns {
        let verdicts = || {
            places
                .iter()
                .filter_map(|place| column.verdicts.get(*place))
        };
        let right = verdicts().filter(|verdict| verdict.is_right()).count();
        let judged = right + verdicts().filter(|verdict| verdict.is_wrong()).count();
        let number = if judged == places.len() {
            right.to_string()
        } else {
            format!("{right} of {judged}")
        };
        let _ = write!(text, "{number:>13}");
    }
    text.push('\n');
}
