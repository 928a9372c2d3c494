//! Parsed source files, with the lines of tests.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Context, Result};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::visit::Visit;
use syn::{Attribute, Item, Meta};

use crate::fingerprint;

/// The folders whose files are checked: the sources of every crate, without its tests and benchmarks.
const FOLDERS: [&str; 9] = [
    "bench/src",
    "bridge/build",
    "bridge/src",
    "client/src",
    "demo/src",
    "shared/src",
    "xtask/src",
    "fuzz/targets",
    "tests/ports/src",
];

/// A file of Rust.
pub(super) struct SourceFile {
    /// The path in the checkout, with `/` between the parts.
    pub(super) path: String,
    pub(super) text: String,
    pub(super) syntax: syn::File,
    /// True for a module that exists in tests only.
    pub(super) is_test: bool,
}

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Violation {
    pub(super) path: String,
    /// Counted from 1.
    pub(super) line: usize,
    /// The reason, in words, with the remedy.
    pub(super) reason: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.reason)
    }
}

impl Violation {
    /// Returns the name of the crate's folder.
    pub(super) fn crate_name(&self) -> &str {
        crate_name(&self.path)
    }
}

/// Returns the first folder of a path.
fn crate_name(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

impl SourceFile {
    /// Parses a file.
    pub(super) fn parse(path: &str, text: &str) -> Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            text: text.to_owned(),
            syntax: syn::parse_file(text).with_context(|| path.to_owned())?,
            is_test: false,
        })
    }

    /// Returns the modules above and at this file: `["engine", "store"]` for
    /// `client/src/engine/store/mod.rs`, none for a crate's root.
    pub(super) fn module(&self) -> Vec<&str> {
        let (_, inner) = self.path.split_once('/').unwrap_or_default();
        let mut parts: Vec<&str> = inner.split('/').skip(1).collect();
        let last = parts.pop().unwrap_or_default();
        match last {
            "mod.rs" | "lib.rs" | "main.rs" => {}
            _ => parts.extend(last.strip_suffix(".rs")),
        }
        parts
    }

    /// Returns the name of the crate's folder.
    pub(super) fn crate_name(&self) -> &str {
        crate_name(&self.path)
    }

    /// Builds a violation in this file.
    pub(super) fn violation(&self, line: usize, reason: String) -> Violation {
        Violation {
            path: self.path.clone(),
            line,
            reason,
        }
    }

    /// Returns the lines of items that exist in tests only.
    pub(super) fn test_lines(&self) -> Vec<RangeInclusive<usize>> {
        let mut tests = TestItems::default();
        tests.visit_file(&self.syntax);
        tests.lines
    }

    /// Returns true if this line belongs to a test.
    pub(super) fn is_test_line(&self, line: usize) -> bool {
        self.is_test || self.test_lines().iter().any(|lines| lines.contains(&line))
    }

    /// Returns the tokens of the file without attributes and doc comments.
    pub(super) fn tokens(&self) -> TokenStream {
        without_attributes(self.syntax.to_token_stream())
    }

    /// Returns the files that a test-only `mod name;` of this file may lie in, with all below them as
    /// a folder that ends in `/`.
    fn test_modules(&self) -> Vec<String> {
        let folder = match self.path.rsplit_once('/') {
            Some((folder, "mod.rs" | "lib.rs" | "main.rs")) => folder,
            _ => self.path.trim_end_matches(".rs"),
        };
        let modules = self.syntax.items.iter().filter_map(|item| match item {
            Item::Mod(module) if module.content.is_none() && is_test(&module.attrs) => {
                Some(module.ident.to_string())
            }
            _ => None,
        });
        modules
            .flat_map(|name| [format!("{folder}/{name}.rs"), format!("{folder}/{name}/")])
            .collect()
    }
}

/// Reads and parses all files that the rules apply to.
pub(super) fn read(root: &Path) -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        let place = root.join(folder);
        if !place.is_dir() {
            continue;
        }
        for (name, file) in fingerprint::files_below(&place)? {
            if name.ends_with(".rs") {
                let text = fs::read_to_string(&file).with_context(|| name.clone())?;
                files.push(SourceFile::parse(&format!("{folder}/{name}"), &text)?);
            }
        }
    }
    mark_tests(&mut files);
    Ok(files)
}

fn mark_tests(files: &mut [SourceFile]) {
    let tests: BTreeSet<String> = files.iter().flat_map(SourceFile::test_modules).collect();
    for file in files {
        file.is_test = tests.iter().any(|test| match test.ends_with('/') {
            true => file.path.starts_with(test),
            false => file.path == *test,
        });
    }
}

/// Returns true if these attributes keep an item out of everything but tests.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::Path(path) => path
            .segments
            .last()
            .is_some_and(|segment| segment.ident == "test"),
        Meta::List(list) if list.path.is_ident("cfg") => requires_test(&list.tokens),
        Meta::List(list) => list
            .path
            .segments
            .last()
            .is_some_and(|segment| segment.ident == "test"),
        Meta::NameValue(_) => false,
    })
}

/// Returns true if a condition of `cfg` holds in tests only: `test`, or `all` of `test` and more.
fn requires_test(condition: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = condition.clone().into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(name)] => name == "test",
        [TokenTree::Ident(name), TokenTree::Group(parts)] if name == "all" => parts
            .stream()
            .into_iter()
            .any(|token| matches!(token, TokenTree::Ident(name) if name == "test")),
        _ => false,
    }
}

#[derive(Default)]
struct TestItems {
    lines: Vec<RangeInclusive<usize>>,
}

impl TestItems {
    /// Notes the item if it is a test, and returns true then.
    fn note(&mut self, attributes: &[Attribute], item: proc_macro2::Span) -> bool {
        let is_test = is_test(attributes);
        if is_test {
            self.lines.push(item.start().line..=item.end().line);
        }
        is_test
    }
}

impl<'a> Visit<'a> for TestItems {
    fn visit_item(&mut self, item: &'a Item) {
        let attributes = match item {
            Item::Const(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Macro(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Static(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            Item::Trait(item) => &item.attrs,
            Item::Type(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => return syn::visit::visit_item(self, item),
        };
        if !self.note(attributes, item.span()) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        if !self.note(&item.attrs, item.span()) {
            syn::visit::visit_impl_item_fn(self, item);
        }
    }
}

/// Leaves out every `#[…]` and `#![…]`, of which doc comments are a form.
fn without_attributes(tokens: TokenStream) -> TokenStream {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '#' => {
                let bang = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == '!');
                tokens.next_if(bang);
                let brackets = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Bracket);
                if tokens.next_if(brackets).is_none() {
                    kept.push(TokenTree::Punct(sign));
                }
            }
            TokenTree::Group(group) => {
                let mut inner =
                    proc_macro2::Group::new(group.delimiter(), without_attributes(group.stream()));
                inner.set_span(group.span());
                kept.push(inner.into());
            }
            other => kept.push(other),
        }
    }
    kept.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_names_its_file_and_line() {
        let file = SourceFile::parse("client/src/a.rs", "").unwrap();
        let violation = file.violation(7, "split the file".to_owned());
        assert_eq!(violation.to_string(), "client/src/a.rs:7: split the file");
    }

    #[test]
    fn the_lines_of_tests_are_found() {
        let text = "fn a() {}\n\n/// Doc.\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n\n\
                    #[cfg(not(test))]\nfn c() {}\n#[tokio::test]\nasync fn d() {}\n";
        let file = SourceFile::parse("client/src/a.rs", text).unwrap();
        assert_eq!(file.test_lines(), [3..=7, 11..=12]);
        assert!(!file.is_test_line(1) && file.is_test_line(6) && !file.is_test_line(10));
    }

    #[test]
    fn a_file_knows_its_module_and_its_crate() {
        for (path, module) in [
            ("client/src/lib.rs", vec![]),
            ("client/src/engine/mod.rs", vec!["engine"]),
            ("client/src/engine/a.rs", vec!["engine", "a"]),
        ] {
            let file = SourceFile::parse(path, "").unwrap();
            assert_eq!(file.module(), module);
            assert_eq!(file.crate_name(), "client");
        }
    }

    #[test]
    fn a_file_that_is_declared_for_tests_is_a_test_with_all_below_it() {
        let parse = |path, text| SourceFile::parse(path, text).unwrap();
        let mut files = [
            parse("client/src/a.rs", "#[cfg(test)]\nmod tests;\nmod other;"),
            parse("client/src/a/tests.rs", ""),
            parse("client/src/a/tests/more.rs", ""),
            parse("client/src/a/other.rs", ""),
        ];
        mark_tests(&mut files);
        assert_eq!(files.map(|file| file.is_test), [false, true, true, false]);
    }
}
