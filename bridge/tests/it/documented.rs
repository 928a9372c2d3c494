//! The documentation and the packages: every flag, setting, metric, default, close code and file that they
//! mention exists, and every example of a configuration is valid.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use restante_bridge::metrics::Metrics;
use restante_shared::relay::CloseCode;

use crate::world::load_config;

const PROGRAM: &str = "restante-bridge";

/// The pages about the bridge.
const PAGES: [&str; 3] = ["README.md", "SECURITY.md", "docs/self-hosting.md"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_restante-bridge"))
        .args(arguments)
        .arg("--help")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the words of a text that begin with two hyphens.
fn flags(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_lowercase() || c == '-'))
        .filter(|word| {
            word.strip_prefix("--")
                .is_some_and(|name| name.starts_with(char::is_alphabetic))
        })
        .map(str::to_owned)
        .collect()
}

/// Returns the texts in backticks.
fn quoted(page: &str) -> impl Iterator<Item = &str> {
    page.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Returns true if a word has the form of a setting of two words or more.
fn is_setting(word: &str) -> bool {
    word.contains('_') && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

#[test]
fn every_documented_flag_and_subcommand_exists() {
    let everything = help(&[]);
    for page in PAGES {
        for line in read(page).replace("\\\n", " ").lines() {
            // Here it is the name of an image.
            if line.starts_with("docker build") {
                continue;
            }
            // The text after the last mention of the program, without a comment.
            let Some((_, said)) = line.rsplit_once("restante-bridge ") else {
                continue;
            };
            let said = said.split(['`', '#']).next().unwrap_or_default();
            let first = said.split(' ').next().unwrap_or_default();
            let known = match first {
                "check" | "hash-password" => help(&[first]),
                _ => everything.clone(),
            };
            for flag in flags(said) {
                assert!(flags(&known).contains(&flag), "{page}: {flag} in {line:?}");
            }
        }
    }
}

#[test]
fn every_documented_setting_and_metric_exists() {
    let known = flags(&help(&[]));
    let metrics = Metrics::default();
    // Metrics without a value are not written.
    metrics.refused("test");
    metrics.relay_ended("test");
    metrics.certificate_expires_at(0);
    let metrics = metrics.text();
    for page in PAGES {
        let text = read(page);
        for words in quoted(&text) {
            let word = words.split([' ', '=']).next().unwrap_or_default();
            if let Some(name) = word.strip_prefix("restante_") {
                assert!(
                    metrics.contains(name.trim_end_matches("_total")),
                    "{page}: {word}"
                );
            } else if is_setting(word) {
                let flag = format!("--{}", word.replace('_', "-"));
                assert!(known.contains(&flag), "{page}: {word}");
            }
        }
    }
}

#[test]
fn the_table_of_limits_has_every_limit_with_its_default() {
    let help = help(&[]);
    let page = read("docs/self-hosting.md");
    let (_, table) = page.split_once("\n## Limits\n").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let mut described = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let flag = format!("--{} ", cells[1].trim_matches('`').replace('_', "-"));
        let (_, of_flag) = help.split_once(&flag).unwrap_or_else(|| panic!("{flag}"));
        let default = format!("[default: {}]", cells[2]);
        let (of_flag, _) = of_flag.split_once("[env:").unwrap();
        assert!(of_flag.contains(&default), "{row}: {of_flag}");
        described.insert(flag.trim_end().to_owned());
    }
    let limits = flags(&help).into_iter();
    let limits: BTreeSet<_> = limits
        .filter(|flag| flag.starts_with("--max-") || flag.ends_with("-seconds"))
        .collect();
    assert_eq!(described, limits);
}

#[test]
fn every_close_code_is_explained() {
    let page = read("docs/self-hosting.md");
    for code in CloseCode::ALL {
        assert!(
            page.contains(&format!("\n| {} |", code.number())),
            "{code:?}"
        );
    }
}

#[test]
fn every_linked_file_exists() {
    for page in PAGES {
        let text = read(page);
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            let folder = root().join(page).parent().unwrap().to_owned();
            assert!(folder.join(path).exists(), "{page}: {link}");
        }
    }
}

/// Returns the line of a user, created as documented.
fn user() -> String {
    let mut making = Command::new(env!("CARGO_BIN_EXE_restante-bridge"))
        .args(["hash-password", "ada"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    making
        .stdin
        .take()
        .unwrap()
        .write_all(b"a long password\n")
        .unwrap();
    let made = making.wait_with_output().unwrap();
    assert!(made.status.success());
    String::from_utf8(made.stdout).unwrap()
}

/// Loads a configuration, with its files in a temporary folder.
fn load(file: &str) {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let made = rcgen::generate_simple_self_signed(["mail.example.org".to_owned()]).unwrap();
    put("fullchain.pem", &made.cert.pem());
    put("privkey.pem", &made.signing_key.serialize_pem());
    put("tokens", "0123456789abcdef0123456789abcdef\n");
    put("users", &user());
    let here = folder.path().display().to_string();
    let moved = file
        .replace("/etc/restante", &here)
        .replace("/var/lib/restante", &here);
    put("bridge.toml", &moved);
    let path = folder.path().join("bridge.toml").display().to_string();
    if let Err(error) =
        load_config([PROGRAM, "--config", &path]).and_then(|config| Ok(config.settings()?))
    {
        panic!("{error}\n{file}");
    }
}

#[test]
fn every_example_of_a_configuration_is_valid() {
    let page = read("docs/self-hosting.md");
    let examples: Vec<_> = page.split("```toml\n").skip(1).collect();
    assert!(examples.len() > 3);
    for example in examples {
        load(example.split("```").next().unwrap_or_default());
    }
}

#[test]
fn the_settings_of_the_pods_are_valid() {
    let manifests = read("packaging/kubernetes/restante.yaml");
    let (_, file) = manifests.split_once("  bridge.toml: |\n").unwrap();
    let (file, _) = file.split_once("---").unwrap();
    load(&file.replace("\n    ", "\n"));
}

#[test]
fn a_pod_has_more_time_to_stop_than_its_relays() {
    let manifests = read("packaging/kubernetes/restante.yaml");
    let number = |name: &str| -> u64 {
        let (_, rest) = manifests
            .split_once(name)
            .unwrap_or_else(|| panic!("{name}"));
        rest.lines().next().unwrap().trim().parse().unwrap()
    };
    let needed =
        number("drain_seconds =") + number("              sleep:\n                seconds:");
    assert!(number("terminationGracePeriodSeconds:") > needed);
}

#[test]
fn the_settings_of_the_package_are_valid_unchanged_and_with_each_part_enabled() {
    let file = read("packaging/deb/bridge.toml");
    load(&file);
    let switched_on = |part: &str| {
        let lines = part.lines().filter_map(|line| line.strip_prefix('#'));
        let lines =
            lines.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase() || c == '['));
        lines.collect::<Vec<_>>().join("\n") + "\n"
    };
    let parts: Vec<_> = file.split("# ---").skip(1).map(switched_on).collect();
    let (policy, parts) = parts.split_last().unwrap();
    assert!(policy.contains("[[allow]]") && parts.len() == 3);
    for part in parts {
        load(&format!("{part}{policy}"));
    }
}
