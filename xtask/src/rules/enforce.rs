//! The list of rules, and the counts that may only fall.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Result, bail};

use super::source::{SourceFile, Violation};
use super::{imports, length, openings, roots, sentences, source};

/// A rule, and the violations that the tree still has.
struct Rule {
    name: &'static str,
    find: fn(&SourceFile) -> Vec<Violation>,
    /// The violations of each crate. These numbers may only fall; a crate that is missing has none.
    left: &'static [(&'static str, usize)],
}

const RULES: [Rule; 5] = [
    Rule {
        name: "imports point down",
        find: imports::find,
        left: &[],
    },
    Rule {
        name: "source files have at most 400 lines",
        find: length::find,
        left: &[("client", 1)],
    },
    Rule {
        name: "mod.rs and lib.rs hold docs, mod and use only",
        find: roots::find,
        left: &[("client", 14), ("shared", 3)],
    },
    Rule {
        name: "sentences for users are in ui/words",
        find: sentences::find,
        left: &[("client", 167)],
    },
    Rule {
        name: "doc comments begin with a verb or a noun",
        find: openings::find,
        left: &[("client", 320)],
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
            let _ = write!(
                broken,
                "\n{}:{}: {}",
                violation.path, violation.line, violation.reason
            );
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
    let mut by_crate: BTreeMap<&str, Vec<Violation>> = BTreeMap::new();
    for file in files {
        by_crate
            .entry(file.crate_name())
            .or_default()
            .extend((rule.find)(file));
    }
    let mut notes = Vec::new();
    let mut violations = Vec::new();
    for (name, _) in rule.left {
        by_crate.entry(name).or_default();
    }
    for (name, found) in by_crate {
        let left = rule.left.iter().find(|(left, _)| *left == name);
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
            find: roots::find,
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
