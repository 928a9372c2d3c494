//! The list of rules, and the counts that may only fall.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Result, bail};

use super::source::{SourceFile, Violation};
use super::{imports, length, names, openings, roots, sentences, source};

/// A rule, and the violations that the tree still has.
struct Rule {
    name: &'static str,
    find: Finder,
    /// The violations of each crate. These numbers may only fall; a crate that is missing has none.
    left: &'static [(&'static str, usize)],
}

/// A function that finds the violations.
enum Finder {
    /// In one file.
    InFile(fn(&SourceFile) -> Vec<Violation>),
    /// In several files together.
    InTree(fn(&[SourceFile]) -> Vec<Violation>),
}

const RULES: [Rule; 6] = [
    Rule {
        name: "imports point down",
        find: Finder::InFile(imports::find),
        left: &[],
    },
    Rule {
        name: "source files have at most 400 lines",
        find: Finder::InFile(length::find),
        left: &[],
    },
    Rule {
        name: "mod.rs and lib.rs hold docs, mod and use only",
        find: Finder::InFile(roots::find),
        left: &[],
    },
    Rule {
        name: "sentences for users are in ui/words",
        find: Finder::InFile(sentences::find),
        left: &[],
    },
    Rule {
        name: "one name, one type",
        find: Finder::InTree(names::find),
        left: &[],
    },
    Rule {
        name: "doc comments begin with a verb or a noun",
        find: Finder::InFile(openings::find),
        left: &[],
    },
];

/// Checks all rules, and prints how each went.
///
/// # Errors
/// With every violation, where a crate has more of them than are left.
pub(crate) fn check(root: &Path) -> Result<()> {
    let files = source::read(root)?;
    let mut broken = String::new();
    for rule in &RULES {
        let verdict = judge(rule, &files);
        println!("{}: {}", rule.name, verdict.summary);
        for violation in verdict.violations {
            let _ = write!(broken, "\n{violation}");
        }
    }
    if !broken.is_empty() {
        bail!("rules of the source tree are broken:{broken}");
    }
    Ok(())
}

/// The outcome of a rule.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    /// A few words for the terminal.
    summary: String,
    /// All violations of the crates that have more than are left.
    violations: Vec<Violation>,
}

fn judge(rule: &Rule, files: &[SourceFile]) -> Verdict {
    let found: Vec<Violation> = match rule.find {
        Finder::InFile(find) => files.iter().flat_map(find).collect(),
        Finder::InTree(find) => find(files),
    };
    let mut by_crate: BTreeMap<String, Vec<Violation>> = BTreeMap::new();
    for violation in found {
        by_crate
            .entry(violation.crate_name().to_owned())
            .or_default()
            .push(violation);
    }
    let mut notes = Vec::new();
    let mut violations = Vec::new();
    for (name, _) in rule.left {
        by_crate.entry((*name).to_owned()).or_default();
    }
    for (name, found) in by_crate {
        let left = rule.left.iter().find(|(left, _)| *left == name.as_str());
        let left = left.map_or(0, |(_, count)| *count);
        let count = found.len();
        if count > left {
            notes.push(format!("{name} has {count}, and may have {left}"));
            violations.extend(found);
        } else if count < left {
            notes.push(format!("{name} has {count}: lower its number from {left}"));
        } else if left > 0 {
            notes.push(format!("{left} left in {name}"));
        }
    }
    let summary = match notes.is_empty() {
        true => "kept".to_owned(),
        false => notes.join("; "),
    };
    Verdict {
        summary,
        violations,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_keeps_the_rules() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        check(root).unwrap();
    }

    #[test]
    fn a_count_may_only_fall() {
        let parse = |path, text| SourceFile::parse(path, text).unwrap();
        let files = [
            parse("client/src/lib.rs", "fn a() {}"),
            parse("client/src/a/mod.rs", "fn a() {}"),
            parse("shared/src/lib.rs", "fn a() {}"),
        ];
        let rule = |left| Rule {
            name: "roots",
            find: Finder::InFile(roots::find),
            left,
        };
        let verdict = judge(&rule(&[("client", 2), ("shared", 1)]), &files);
        assert_eq!(verdict.summary, "2 left in client; 1 left in shared");
        assert_eq!(verdict.violations, []);

        let verdict = judge(&rule(&[("client", 3), ("gone", 1)]), &files);
        assert_eq!(
            verdict.summary,
            "client has 2: lower its number from 3; gone has 0: lower its number from 1; \
             shared has 1, and may have 0"
        );
        let paths: Vec<_> = verdict
            .violations
            .iter()
            .map(|violation| violation.path.as_str())
            .collect();
        assert_eq!(paths, ["shared/src/lib.rs"]);
    }
}
