//! Source files that are too long.

use super::source::{SourceFile, Violation};

/// The lines that a source file may have, tests apart.
const MAX_LINES: usize = 400;

/// Finds a file that has more.
pub(super) fn find(file: &SourceFile) -> Vec<Violation> {
    let lines = file.text.lines().count();
    let in_tests: usize = file
        .test_lines()
        .iter()
        .map(|lines| lines.end() - lines.start() + 1)
        .sum();
    let lines = lines - in_tests;
    if file.is_test || lines <= MAX_LINES {
        return Vec::new();
    }
    let reason =
        format!("{lines} lines without its tests, and {MAX_LINES} are permitted: split the file");
    vec![file.violation(1, reason)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_more_than_400_lines_is_found_and_tests_do_not_count() {
        let file = |lines: usize| {
            let test = "#[cfg(test)]\nmod tests {\n\n}\n";
            SourceFile::parse("client/src/a.rs", &(test.to_owned() + &"\n".repeat(lines))).unwrap()
        };
        assert_eq!(find(&file(400)), []);
        let [violation] = find(&file(401)).try_into().unwrap();
        assert_eq!(
            violation.reason,
            "401 lines without its tests, and 400 are permitted: split the file"
        );
        let test = SourceFile {
            is_test: true,
            ..file(401)
        };
        assert_eq!(find(&test), []);
    }
}
