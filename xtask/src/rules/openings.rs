//! Doc comments that begin with a question word: "What ended it" hides who did what.

use super::source::{SourceFile, Violation};

/// The words, of which the others are forms or kin.
const QUESTIONS: [&str; 10] = [
    "How", "What", "When", "Where", "Whether", "Which", "Who", "Whoever", "Whom", "Whose",
];

/// Finds doc comments that begin so.
pub(super) fn find(file: &SourceFile) -> Vec<Violation> {
    if file.is_test {
        return Vec::new();
    }
    let mut violations = Vec::new();
    let mut within = false;
    for (index, line) in file.text.lines().enumerate() {
        let comment = line.trim().strip_prefix("///");
        if let Some(comment) = comment.filter(|_| !within) {
            let first = comment.split(|letter: char| !letter.is_alphabetic());
            let first = first.into_iter().find(|word| !word.is_empty());
            if first.is_some_and(|first| QUESTIONS.contains(&first)) {
                let reason =
                    format!("begin a doc comment with a verb or a noun, unlike{comment:?}");
                violations.push(file.violation(index + 1, reason));
            }
        }
        within = comment.is_some();
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doc_comment_that_begins_with_a_question_word_is_found() {
        let text = "/// Returns the size.\n///\n/// What is more.\nfn a() {}\n\n    /// Whether it is on.\n\
                    fn b() {}\n/// Whatever.\nfn c() {}\n// What a comment.\nfn d() {}\n/// Who?\nfn e() {}\n";
        let file = SourceFile::parse("client/src/a.rs", text).unwrap();
        let lines: Vec<usize> = find(&file).iter().map(|violation| violation.line).collect();
        assert_eq!(lines, [6, 12]);
    }
}
