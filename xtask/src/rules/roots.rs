//! Code in `mod.rs` and `lib.rs`, which hold documentation, `mod` and `use` only.

use syn::Item;
use syn::spanned::Spanned as _;

use super::source::{SourceFile, Violation};

/// Finds items of such a file that belong in a file of their own.
pub(super) fn find(file: &SourceFile) -> Vec<Violation> {
    if !["/mod.rs", "/lib.rs"]
        .iter()
        .any(|name| file.path.ends_with(name))
    {
        return Vec::new();
    }
    let is_code = |item: &&Item| match item {
        Item::Mod(module) => module.content.is_some(),
        Item::Use(_) => false,
        _ => true,
    };
    let items = file.syntax.items.iter().filter(is_code);
    items
        .map(|item| {
            let line = item.span().end().line;
            let reason =
                "this file holds docs, `mod` and `use` only: move the code to a file of its own";
            file.violation(line, reason.to_owned())
        })
        .take(1)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_in_a_root_is_found() {
        let declarations =
            "//! Docs.\n#![warn(a)]\nmod a;\n#[cfg(test)]\nmod tests;\npub use a::A;\n";
        for code in [
            "fn a() {}",
            "pub struct A;",
            "const A: u8 = 0;",
            "mod tests {}",
            "impl A {}",
            "macro_rules! a { () => {} }",
        ] {
            for (path, expected) in [
                ("client/src/engine/mod.rs", 1),
                ("shared/src/lib.rs", 1),
                ("client/src/engine/model.rs", 0),
            ] {
                let text = format!("{declarations}{code}");
                let file = SourceFile::parse(path, &text).unwrap();
                assert_eq!(find(&file).len(), expected, "{path}: {code}");
            }
        }
        let file = SourceFile::parse("shared/src/lib.rs", declarations).unwrap();
        assert_eq!(find(&file), []);
    }
}
