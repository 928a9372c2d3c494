//! The suite's report, as a table by section.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};

use xtask::tally::Tally;

/// The sections on compression, which the bridge declines: the suite calls their cases "unimplemented".
const COMPRESSION: [u32; 2] = [12, 13];

/// The cases of one server.
pub(super) struct SuiteReport {
    sections: BTreeMap<u32, Section>,
    failures: Vec<String>,
}

#[derive(Default)]
struct Section {
    passed: u32,
    /// Those of the passed cases in which the suite is not strict, or requires nothing.
    lenient: u32,
    failed: u32,
    declined: u32,
}

impl SuiteReport {
    /// Parses the suite's `index.json`.
    ///
    /// # Errors
    /// Fails if the file has another form.
    pub(super) fn read(index: &str) -> Result<Self> {
        let agents: Map<String, Value> = serde_json::from_str(index).context("index.json")?;
        let mut report = Self {
            sections: BTreeMap::new(),
            failures: Vec::new(),
        };
        for case in agents.values().filter_map(Value::as_object).flatten() {
            report.count(case.0, case.1)?;
        }
        ensure!(!report.sections.is_empty(), "the suite ran no case");
        Ok(report)
    }

    fn count(&mut self, name: &str, case: &Value) -> Result<()> {
        let number = name.split('.').next().unwrap_or_default();
        let number = number.parse().with_context(|| format!("case {name}"))?;
        let word = |key| case.get(key).and_then(Value::as_str).unwrap_or("nothing");
        let (behaviour, close) = (word("behavior"), word("behaviorClose"));
        let section = self.sections.entry(number).or_default();
        match (behaviour, close) {
            ("OK", "OK") => section.passed += 1,
            ("NON-STRICT", "OK") | ("INFORMATIONAL", "OK" | "INFORMATIONAL") => {
                section.passed += 1;
                section.lenient += 1;
            }
            ("UNIMPLEMENTED", "OK") if COMPRESSION.contains(&number) => section.declined += 1,
            _ => {
                section.failed += 1;
                self.failures
                    .push(format!("{name}: {behaviour}, closing {close}"));
            }
        }
        Ok(())
    }

    /// Counts passed and failed cases, without those of a declined extension.
    pub(super) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for section in self.sections.values() {
            tally.passed += section.passed;
            tally.failed += section.failed;
        }
        tally
    }
}

impl fmt::Display for SuiteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "section  passed  of these lenient  failed  declined")?;
        for (number, section) in &self.sections {
            let Section {
                passed,
                lenient,
                failed,
                declined,
            } = section;
            writeln!(
                f,
                "{number:>7}  {passed:>6}  {lenient:>16}  {failed:>6}  {declined:>8}"
            )?;
        }
        for failure in &self.failures {
            writeln!(f, "failed: {failure}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_passes_only_if_it_closes_correctly_too() {
        let case = |behaviour: &str, close: &str| serde_json::json!({ "behavior": behaviour, "behaviorClose": close });
        let index = serde_json::json!({ "layer": {
            "1.1.1": case("OK", "OK"),
            "3.2": case("NON-STRICT", "OK"),
            "7.1.6": case("INFORMATIONAL", "INFORMATIONAL"),
            "7.1.1": case("OK", "UNCLEAN"),
            "2.1": case("FAILED", "OK"),
            "2.2": case("UNIMPLEMENTED", "OK"),
            "12.1.1": case("UNIMPLEMENTED", "OK"),
            "13.1.1": case("UNIMPLEMENTED", "WRONG CODE"),
        }});
        let report = SuiteReport::read(&index.to_string()).unwrap();
        let tally = report.tally();
        assert_eq!((tally.passed, tally.failed), (3, 4));
        assert!(SuiteReport::read("{}").is_err());
    }
}
