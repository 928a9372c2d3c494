//! Type names that exist more than once: one name, one type.

use std::collections::BTreeMap;

use proc_macro2::Span;
use syn::visit::Visit;
use syn::{Ident, Item};

use super::source::{SourceFile, Violation};

/// The crates whose types share their names' meaning.
const CRATES: [&str; 3] = ["bridge", "client", "shared"];

/// A type, and the place of its declaration.
struct Declaration<'a> {
    file: &'a SourceFile,
    line: usize,
}

/// Finds the declarations of each struct, enum or trait whose name an earlier one has. The types of
/// tests do not count.
pub(super) fn find(files: &[SourceFile]) -> Vec<Violation> {
    let mut by_name: BTreeMap<String, Vec<Declaration<'_>>> = BTreeMap::new();
    for file in files
        .iter()
        .filter(|file| CRATES.contains(&file.crate_name()))
    {
        let mut types = Types::default();
        types.visit_file(&file.syntax);
        for (name, line) in types.found {
            if !file.is_test_line(line) {
                by_name
                    .entry(name)
                    .or_default()
                    .push(Declaration { file, line });
            }
        }
    }
    let mut violations = Vec::new();
    for (name, declarations) in by_name {
        let [first, others @ ..] = declarations.as_slice() else {
            continue;
        };
        let mut homes = vec![home(&first.file.path)];
        for Declaration { file, line } in others {
            if homes.contains(&home(&file.path)) {
                continue;
            }
            homes.push(home(&file.path));
            let reason = format!(
                "qualify `{name}`: {}:{} declares a type of this name",
                first.file.path, first.line
            );
            violations.push(file.violation(*line, reason));
        }
    }
    violations
}

/// Returns the file, or the folder of the files `native.rs` and `web.rs`. The forms of one type for several
/// platforms have the same home.
fn home(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((folder, "native.rs" | "web.rs")) => folder,
        _ => path,
    }
}

/// The types that a file declares, within functions too.
#[derive(Default)]
struct Types {
    found: Vec<(String, usize)>,
}

impl Types {
    fn note(&mut self, name: &Ident) {
        self.found.push((name.to_string(), line(name.span())));
    }
}

fn line(span: Span) -> usize {
    span.start().line
}

impl<'a> Visit<'a> for Types {
    fn visit_item(&mut self, item: &'a Item) {
        match item {
            Item::Enum(item) => self.note(&item.ident),
            Item::Struct(item) => self.note(&item.ident),
            Item::Trait(item) => self.note(&item.ident),
            _ => {}
        }
        syn::visit::visit_item(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_name_that_exists_already_is_found() {
        let parse = |path, text| SourceFile::parse(path, text).unwrap();
        let files = [
            parse("bridge/src/a.rs", "pub struct Session;\nstruct Window;"),
            parse(
                "client/src/b.rs",
                "use a::Window;\nfn a() {\n    enum Session {}\n}\n\
                 #[cfg(test)]\nmod tests {\n    struct Window;\n}\n",
            ),
            parse("shared/src/c.rs", "\n\ntrait Window {}"),
            parse("client/src/clock/native.rs", "struct Clock;"),
            parse("client/src/clock/web.rs", "struct Clock;"),
            parse(
                "bridge/src/signals.rs",
                "#[cfg(unix)]\nenum Signal {}\n#[cfg(not(unix))]\nenum Signal {}",
            ),
            parse("demo/src/d.rs", "struct Session;"),
        ];
        let found: Vec<_> = find(&files)
            .into_iter()
            .map(|violation| (violation.path, violation.line, violation.reason))
            .collect();
        let expected = [
            (
                "client/src/b.rs",
                3,
                "qualify `Session`: bridge/src/a.rs:1 declares a type of this name",
            ),
            (
                "shared/src/c.rs",
                3,
                "qualify `Window`: bridge/src/a.rs:2 declares a type of this name",
            ),
        ];
        assert_eq!(
            found,
            expected.map(|(path, line, reason)| (path.to_owned(), line, reason.to_owned()))
        );
    }
}
