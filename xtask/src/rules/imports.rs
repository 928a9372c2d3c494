//! Imports that point up.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::source::{SourceFile, Violation};

/// A module of a crate, and the modules of that crate that it may use besides itself.
struct Edges {
    crate_name: &'static str,
    module: &'static str,
    uses: &'static [&'static str],
}

/// The direction of imports. A module that is not here is not restricted, except in the client, where
/// every module at the root has to be here.
const EDGES: &[Edges] = &[
    edges("client", "ui", &["api", "js_values", "media_type"]),
    edges(
        "client",
        "engine",
        &["api", "transport", "clock", "js_values", "media_type"],
    ),
    edges("client", "transport", &[]),
    edges("client", "api", &[]),
    edges("client", "clock", &[]),
    edges("client", "js_values", &[]),
    edges("client", "media_type", &[]),
    edges("shared", "pop3", &["sasl"]),
    edges("shared", "smtp", &["sasl"]),
    edges("shared", "sasl", &[]),
    edges("shared", "relay", &[]),
    edges("shared", "page", &[]),
];

/// The file of this table, for messages.
const TABLE: &str = "xtask/src/rules/imports.rs";

/// The crate in which no module at the root may be missing from [`EDGES`].
const COMPLETE: &str = "client";

const fn edges(
    crate_name: &'static str,
    module: &'static str,
    uses: &'static [&'static str],
) -> Edges {
    Edges {
        crate_name,
        module,
        uses,
    }
}

/// Finds imports, and paths in code and macros, that the table does not permit.
pub(super) fn find(file: &SourceFile) -> Vec<Violation> {
    let own = file.module();
    let [top, ..] = own.as_slice() else {
        return Vec::new();
    };
    if *top == "bin" {
        return Vec::new();
    }
    let mut violations = Vec::new();
    let in_crate = || {
        EDGES
            .iter()
            .filter(|edges| edges.crate_name == file.crate_name())
    };
    if file.crate_name() == COMPLETE && !in_crate().any(|edges| edges.module == *top) {
        let reason = format!("add `{top}` to the table of permitted imports in {TABLE}");
        violations.push(file.violation(1, reason));
    }
    let own = own.join("::");
    for edges in in_crate().filter(|edges| is_within(&own, edges.module)) {
        for Reference { line, path } in references(file) {
            let is_permitted = |module: &&str| is_within(&path, module);
            if is_permitted(&edges.module) || edges.uses.iter().any(is_permitted) {
                continue;
            }
            let reason = format!(
                "`{}` must not use `{path}`: imports point down, see the table in {TABLE}",
                edges.module
            );
            violations.push(file.violation(line, reason));
        }
    }
    violations
}

fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// A path within the crate that a file uses.
#[derive(Debug, PartialEq, Eq)]
struct Reference {
    line: usize,
    /// From the crate's root, with `::` between the parts.
    path: String,
}

/// Finds every path that begins with `crate`, `super` or `self`: in imports, code and macros, in tests
/// too.
fn references(file: &SourceFile) -> Vec<Reference> {
    let mut module: Vec<String> = file.module().into_iter().map(str::to_owned).collect();
    let mut found = Vec::new();
    walk(file.tokens(), &mut module, &mut found);
    found
}

fn walk(tokens: TokenStream, module: &mut Vec<String>, found: &mut Vec<Reference>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut rest = tokens.as_slice();
    while let [token, after @ ..] = rest {
        rest = match (token, after) {
            (
                TokenTree::Ident(word),
                [TokenTree::Ident(name), TokenTree::Group(body), after @ ..],
            ) if word == "mod" => {
                module.push(name.to_string());
                walk(body.stream(), module, found);
                module.pop();
                after
            }
            (TokenTree::Ident(word), _) => match base(&word.to_string(), module) {
                Some(base) => path(after, base, word.span().start().line, module, found),
                None => skip_foreign_path(after),
            },
            (TokenTree::Group(group), _) => {
                walk(group.stream(), module, found);
                after
            }
            _ => after,
        };
    }
}

/// Returns the module that a path begins at, for its first word.
fn base(word: &str, module: &[String]) -> Option<Vec<String>> {
    match word {
        "crate" => Some(Vec::new()),
        "self" => Some(module.to_vec()),
        "super" => Some(parent(module)),
        _ => None,
    }
}

fn parent(module: &[String]) -> Vec<String> {
    match module {
        [above @ .., _] => above.to_vec(),
        [] => Vec::new(),
    }
}

/// Follows a path whose beginning is `base`, and returns the tokens after it.
fn path<'a>(
    mut tokens: &'a [TokenTree],
    mut base: Vec<String>,
    line: usize,
    module: &[String],
    found: &mut Vec<Reference>,
) -> &'a [TokenTree] {
    let mut line = line;
    let mut is_path = false;
    while let Some(after) = after_colons(tokens) {
        is_path = true;
        match after {
            [TokenTree::Ident(word), after @ ..] => {
                line = word.span().start().line;
                match word.to_string().as_str() {
                    "super" => base = parent(&base),
                    "self" => {}
                    word => base.push(word.to_owned()),
                }
                tokens = after;
            }
            [TokenTree::Group(group), after @ ..] if group.delimiter() == Delimiter::Brace => {
                tree(group.stream(), &base, module, found);
                return after;
            }
            // `::*` and `::<T>`: the path so far is what is used.
            _ => {
                tokens = after;
                break;
            }
        }
    }
    if is_path && !base.is_empty() {
        found.push(Reference {
            line,
            path: base.join("::"),
        });
    }
    tokens
}

/// Follows the branches of an import in braces.
fn tree(tokens: TokenStream, base: &[String], module: &[String], found: &mut Vec<Reference>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_comma =
        |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ',');
    for branch in tokens.split(is_comma) {
        if let [TokenTree::Ident(word), after @ ..] = branch {
            let mut base = base.to_vec();
            if word != "self" {
                base.push(word.to_string());
            }
            match after_colons(after) {
                Some(_) => {
                    path(after, base, word.span().start().line, module, found);
                }
                None => found.push(Reference {
                    line: word.span().start().line,
                    path: base.join("::"),
                }),
            }
        }
    }
}

/// Skips the rest of a path into another crate or into what is in scope, whose segments are no
/// modules of ours.
fn skip_foreign_path(mut tokens: &[TokenTree]) -> &[TokenTree] {
    while let Some([TokenTree::Ident(_), after @ ..]) = after_colons(tokens) {
        tokens = after;
    }
    tokens
}

fn after_colons(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    match tokens {
        [TokenTree::Punct(one), TokenTree::Punct(two), after @ ..]
            if one.as_char() == ':' && two.as_char() == ':' =>
        {
            Some(after)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(path: &str, text: &str) -> Vec<String> {
        let file = SourceFile::parse(path, text).unwrap();
        let violations = find(&file).into_iter();
        let advice = format!(": imports point down, see the table in {TABLE}");
        violations
            .map(|violation| format!("{}: {}", violation.line, violation.reason))
            .map(|reason| reason.trim_end_matches(&advice).to_owned())
            .collect()
    }

    #[test]
    fn an_import_that_points_up_is_found() {
        for (path, text, reason) in [
            (
                "client/src/ui/state/mod.rs",
                "use crate::api::A;\nuse crate::engine::store::Row;",
                "2: `ui` must not use `engine::store::Row`",
            ),
            (
                "client/src/engine/store/mod.rs",
                "use crate::{api::{ids, mail}, ui};",
                "1: `engine` must not use `ui`",
            ),
            (
                "client/src/transport/relay/native.rs",
                "use super::super::super::engine;",
                "1: `transport` must not use `engine`",
            ),
            (
                "client/src/transport/tls.rs",
                "use crate::api::Problem;",
                "1: `transport` must not use `api::Problem`",
            ),
            (
                "client/src/api/mail.rs",
                "fn a() -> crate::transport::Error {}",
                "1: `api` must not use `transport::Error`",
            ),
            (
                "shared/src/sasl/plain.rs",
                "mod tests { use super::super::super::pop3::{Command, reply::Reply}; }",
                "1: `sasl` must not use `pop3::Command`",
            ),
            (
                "client/src/ui/app.rs",
                "fn a() { html! { <p>{ crate::engine::b::<u8>() }</p> } }",
                "1: `ui` must not use `engine::b`",
            ),
        ] {
            assert!(
                reasons(path, text).contains(&reason.to_owned()),
                "{:?}",
                reasons(path, text)
            );
        }
    }

    #[test]
    fn a_module_without_a_place_in_the_table_is_found() {
        let missing = [format!(
            "1: add `sync` to the table of permitted imports in {TABLE}"
        )];
        assert_eq!(reasons("client/src/sync.rs", ""), missing);
        assert_eq!(reasons("bridge/src/http/mod.rs", ""), [""; 0]);
    }

    #[test]
    fn an_import_that_points_down_is_none() {
        let text = "use crate::api::mail;\nuse crate::transport::{self, tls::{Tls, self}};\n\
                    use self::a::B;\nuse super::check;\nuse crate::clock::*;\n\
                    use other::ui::A;\nmod tests { use super::*; use super::super::check; }\n\
                    pub(in crate::engine) fn a() { transport::ui::b(self.ui, Self::ui()) }";
        assert_eq!(reasons("client/src/engine/store.rs", text), [""; 0]);
    }
}
