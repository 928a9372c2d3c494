//! The command line, its help, and the variables that go with it.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::{CommandFactory, Parser};

use super::layer::Layer;

/// Serves the Restante client, and relays its connections to POP3 servers without looking inside.
#[derive(Debug, Parser)]
#[command(name = "restante-bridge", version, after_long_help = EXAMPLES, max_term_width = 100)]
pub(super) struct Flags {
    /// Reads settings from this TOML file
    #[arg(long, env = "RESTANTE_CONFIG", value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) layer: Layer,
}

const EXAMPLES: &str = "\
Every setting is also a key of the file and a variable of the environment: --dial-seconds is
dial_seconds there and RESTANTE_DIAL_SECONDS here. Flags beat the environment, the environment beats
the file, the file beats the defaults.

Examples:
  Try it, with a mailbox to play with:
    restante-bridge --demo

  Read mail on this machine from any public POP3 server:
    restante-bridge

  Allow one server of one's own network as well, or one more port of a public server:
    restante-bridge --allow 192.168.1.10:995 --allow pop.example.org:2995

  Serve others, with a certificate of one's own:
    restante-bridge --listen 0.0.0.0:443 --tls-cert fullchain.pem --tls-key privkey.pem

  Serve others behind a reverse proxy that ends TLS (it has to pass Host and X-Forwarded-For on):
    restante-bridge --listen 10.0.0.5:8110 --behind-proxy

  The same as a file:
    listen = \"10.0.0.5:8110\"
    behind_proxy = true
    [[allow]]
    host = \"mail.lan\"
    port = 995
    address = \"192.168.1.10\"   # optional: never look the name up
";

/// The variables that look like settings and are none, mostly by a slip of the pen.
///
/// They are worth a warning and not an error: Kubernetes makes variables such as
/// `RESTANTE_SERVICE_HOST` by itself for a service of that name.
#[must_use]
pub fn unknown_variables(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let command = Flags::command();
    let known: Vec<&OsStr> = command
        .get_arguments()
        .filter_map(|argument| argument.get_env())
        .collect();
    names
        .into_iter()
        .filter(|name| name.starts_with("RESTANTE_") && !known.contains(&OsStr::new(name)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn an_unknown_variable_is_noticed() {
        let names = ["RESTANTE_LISTEN", "RESTANTE_LISSTEN", "PATH"];
        assert_eq!(
            unknown_variables(names.map(str::to_owned)),
            ["RESTANTE_LISSTEN"]
        );
    }

    #[test]
    fn the_help_teaches_by_examples_that_work() {
        let help = Flags::try_parse_from(["restante-bridge", "--help"])
            .unwrap_err()
            .to_string();
        for part in ["RESTANTE_ALLOW", "--behind-proxy", "Examples:", "[[allow]]"] {
            assert!(help.contains(part), "{part}");
        }
        for line in EXAMPLES.lines().map(str::trim) {
            if let Some(arguments) = line.strip_prefix("restante-bridge") {
                let arguments = arguments.split_ascii_whitespace();
                let arguments = std::iter::once("restante-bridge").chain(arguments);
                assert!(Config::load(arguments).is_ok(), "{line}");
            }
        }
        let (_, file) = EXAMPLES.split_once("The same as a file:").unwrap();
        assert!(toml::from_str::<Layer>(file).is_ok());
    }
}
