//! The comparison of a reading with its expectation.

use super::expectation::Expectation;
use super::reading::{ReadFile, Reading};
use super::words::of_html;

/// The criteria to judge by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criteria {
    /// Subject, addresses, text, attachments and date, which every parser of mail returns.
    Parser,
    /// Also snippets, pictures and search, which only a mail client has.
    Client,
}

impl Expectation {
    /// Returns true if a reader can be judged by these criteria.
    #[must_use]
    pub fn is_judged(&self, criteria: Criteria) -> bool {
        let parser = !self.body.is_empty()
            || !self.notbody.is_empty()
            || !self.attname.is_empty()
            || !self.reachable.is_empty()
            || self.subject_has.is_some()
            || self.sender_has.is_some()
            || self.to.is_some()
            || self.attachments.is_some()
            || self.date_ts.is_some();
        let client = self.snippet.is_some() || self.images.is_some() || !self.search.is_empty();
        parser || (client && criteria == Criteria::Client)
    }
}

/// Returns a line for each fault of a reading; none if it is right.
#[must_use]
pub fn faults(expected: &Expectation, reading: &Reading, criteria: Criteria) -> Vec<String> {
    let mut faults = of_header(expected, reading);
    faults.extend(of_text(expected, reading));
    faults.extend(of_files(expected, reading));
    if criteria == Criteria::Client {
        faults.extend(of_client(expected, reading));
    }
    faults
}

fn of_header(expected: &Expectation, reading: &Reading) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(subject) = &expected.subject_has
        && !reading.subject.contains(subject.as_str())
    {
        faults.push(format!("subject {:?} lacks {subject:?}", reading.subject));
    }
    let from = reading.from.join(", ");
    if let Some(sender) = &expected.sender_has
        && !from.contains(sender.as_str())
    {
        faults.push(format!("sender {from:?} lacks {sender:?}"));
    }
    if let Some(to) = &expected.to
        && *to != reading.to
    {
        faults.push(format!("recipients {:?} instead of {to:?}", reading.to));
    }
    if let Some(date) = expected.date_ts
        && reading.date != Some(date)
    {
        faults.push(format!("date {:?} instead of {date}", reading.date));
    }
    faults
}

fn of_text(expected: &Expectation, reading: &Reading) -> Vec<String> {
    let mut texts = reading.texts.clone();
    texts.extend(reading.html.iter().map(|html| of_html(html)));
    let mut faults = Vec::new();
    // One of the texts must be right: readers that return several leave the choice to their user.
    let lacks = |text: &String| {
        let missing = expected
            .body
            .iter()
            .find(|part| !text.contains(part.as_str()));
        let wrong = expected
            .notbody
            .iter()
            .find(|part| text.contains(part.as_str()));
        missing
            .map(|part| format!("text lacks {part:?}"))
            .or_else(|| wrong.map(|part| format!("text has {part:?}")))
    };
    if expected.body.is_empty() && texts.is_empty() {
        return faults;
    }
    if texts.iter().all(|text| lacks(text).is_some()) {
        let first = texts.first();
        let fault = first
            .and_then(lacks)
            .unwrap_or_else(|| "no text".to_owned());
        let shown: String = texts.join(" | ").chars().take(200).collect();
        faults.push(format!("{fault}: {shown:?}"));
    }
    faults
}

fn of_files(expected: &Expectation, reading: &Reading) -> Vec<String> {
    let mut faults = Vec::new();
    let names: Vec<&str> = reading
        .files
        .iter()
        .map(|file| file.name.as_str())
        .collect();
    if let Some(files) = &expected.attachments {
        let is_same = |(file, read): (&super::ExpectedFile, &ReadFile)| {
            file.name == read.name && read.sha.starts_with(&file.sha)
        };
        let matches =
            files.len() == reading.files.len() && files.iter().zip(&reading.files).all(is_same);
        if !matches {
            let found: Vec<_> = reading
                .files
                .iter()
                .map(|file| format!("{} {}", file.name, file.sha.get(..16).unwrap_or_default()))
                .collect();
            let files: Vec<_> = files
                .iter()
                .map(|file| format!("{} {}", file.name, file.sha))
                .collect();
            faults.push(format!("attachments {found:?} instead of {files:?}"));
        }
    }
    for name in expected.attname.iter().chain(&expected.reachable) {
        if !names.contains(&name.as_str()) {
            faults.push(format!("attachments {names:?} lack {name:?}"));
        }
    }
    faults
}

fn of_client(expected: &Expectation, reading: &Reading) -> Vec<String> {
    let mut faults = Vec::new();
    let snippet = reading.snippet.as_deref().unwrap_or_default();
    if let Some(part) = &expected.snippet
        && !snippet.contains(part.as_str())
    {
        faults.push(format!("snippet {snippet:?} lacks {part:?}"));
    }
    if expected.images.is_some() && expected.images != reading.images {
        faults.push(format!(
            "pictures {:?} instead of {:?}",
            reading.images, expected.images
        ));
    }
    for (query, hit) in &expected.search {
        if !reading.found.contains(&(query.clone(), *hit)) {
            let verb = if *hit { "misses" } else { "finds" };
            faults.push(format!("search for {query:?} {verb} the message"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expectation(json: &str) -> Expectation {
        serde_json::from_str(json).unwrap_or_default()
    }

    #[test]
    fn every_criterion_can_fail() {
        let reading = Reading::default();
        for json in [
            r#"{"body": ["x"]}"#,
            r#"{"subject_has": "x"}"#,
            r#"{"sender_has": "x"}"#,
            r#"{"to": ["x"]}"#,
            r#"{"attachments": [{"name": "x"}]}"#,
            r#"{"attname": ["x"]}"#,
            r#"{"reachable": ["x"]}"#,
            r#"{"date_ts": 0}"#,
        ] {
            let expected = expectation(json);
            assert!(expected.is_judged(Criteria::Parser), "{json}");
            assert_eq!(
                faults(&expected, &reading, Criteria::Parser).len(),
                1,
                "{json}"
            );
        }
        for json in [
            r#"{"snippet": "x"}"#,
            r#"{"images": 1}"#,
            r#"{"search": [["x", true]]}"#,
        ] {
            let expected = expectation(json);
            assert!(!expected.is_judged(Criteria::Parser), "{json}");
            assert!(faults(&expected, &reading, Criteria::Parser).is_empty());
            assert_eq!(
                faults(&expected, &reading, Criteria::Client).len(),
                1,
                "{json}"
            );
        }
    }

    #[test]
    fn a_reading_with_several_texts_needs_one_that_is_right() {
        let expected = expectation(r#"{"body": ["words"], "notbody": ["begin"]}"#);
        let reading = |texts: &[&str], html: &[&str]| Reading {
            texts: texts.iter().map(ToString::to_string).collect(),
            html: html.iter().map(ToString::to_string).collect(),
            ..Reading::default()
        };
        let right = |reading| faults(&expected, &reading, Criteria::Parser).is_empty();
        assert!(right(reading(&["words begin"], &["<p>words"])));
        assert!(!right(reading(&["words begin"], &[])));
    }
}
