//! The command line, its help, and the variables that go with it.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser};
use restante_shared::relay::Target;

use super::layer::Layer;
use super::{Config, ConfigError, read_file};
use crate::check::Check;
use crate::policy;

/// What the program is asked to do.
#[derive(Debug)]
pub enum Task {
    /// Serve until it is stopped.
    Serve(Box<Config>),
    /// Say what a bridge of this configuration would do.
    Check(Box<Check>),
    /// Make the line of a users' file for this name.
    HashPassword(String),
}

impl Task {
    /// Reads the command line (with the program's name first), the environment and the file.
    ///
    /// # Errors
    /// [`ConfigError`] names the flag, key or file to mend.
    pub fn load(
        arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, ConfigError> {
        Self::load_on(None, arguments)
    }

    /// The same for a bridge whose socket somebody else has opened already, at this address. What is
    /// allowed depends on who can reach it, so it counts as if it had been set.
    ///
    /// # Errors
    /// [`ConfigError`] names the flag, key or file to mend.
    pub fn load_on(
        listen: Option<SocketAddr>,
        arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, ConfigError> {
        let mut line = CommandLine::try_parse_from(arguments)?;
        let layer = &mut line.flags.layer;
        layer.listen = listen.or(layer.listen);
        Ok(match line.subcommand {
            None => Self::Serve(Box::new(line.flags.config()?)),
            Some(Subcommand::Check(flags)) => Self::Check(Box::new(Check {
                config: flags.flags.config()?,
                targets: flags.targets,
                dial: flags.dial,
            })),
            Some(Subcommand::HashPassword { name }) => Self::HashPassword(name),
        })
    }
}

/// Serves the Restante client, and relays its connections to POP3 servers without looking inside.
#[derive(Debug, Parser)]
#[command(
    name = "restante-bridge",
    version,
    after_long_help = format!("{INTRODUCTION}{DEMO_EXAMPLE}{EXAMPLES}"),
    max_term_width = 100,
    args_conflicts_with_subcommands = true
)]
pub(super) struct CommandLine {
    #[command(flatten)]
    pub(super) flags: Flags,
    #[command(subcommand)]
    subcommand: Option<Subcommand>,
}

/// What there is to do besides serving.
#[derive(Debug, clap::Subcommand)]
enum Subcommand {
    Check(Box<CheckFlags>),
    /// Reads a password from standard input, and prints the user's line for access_users
    ///
    /// The password is what comes before the end of the line. It is seen as it is typed: where others
    /// look on, let a program write it.
    HashPassword {
        /// The name that the user signs in with
        name: String,
    },
}

/// Says what a bridge with these settings would do, and serves nothing
///
/// It reads the settings and the files that they name, explains every rule, and says for each
/// HOST:PORT whether the bridge would dial it, and why. It ends with 0 where the settings are sound
/// and every target given would be dialled, and with 1 otherwise.
#[derive(Debug, Args)]
#[command(max_term_width = 100)]
struct CheckFlags {
    /// A target to ask about; its name is looked up, and it is not dialled
    #[arg(value_name = "HOST:PORT", value_parser = policy::parse_target)]
    targets: Vec<Target>,
    /// Dials the targets that would be dialled as well, and says whether they answer
    #[arg(long)]
    dial: bool,
    #[command(flatten)]
    flags: Flags,
}

/// The flags of every way to start the bridge.
#[derive(Debug, Args)]
pub(super) struct Flags {
    /// Reads settings from this TOML file
    #[arg(long, env = "RESTANTE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    layer: Layer,
}

impl Flags {
    pub(super) fn config(self) -> Result<Config, ConfigError> {
        let file = self.config.as_deref().map(read_file).transpose()?;
        Config::of_layer(self.layer.or(file.unwrap_or_default()))
    }
}

const INTRODUCTION: &str = "\
Every setting is also a key of the file and a variable of the environment: --dial-seconds is
dial_seconds there and RESTANTE_DIAL_SECONDS here. Flags beat the environment, the environment beats
the file, the file beats the defaults.

Examples:
";

const DEMO_EXAMPLE: &str = if cfg!(feature = "demo") {
    "\
  Try it with a demo mailbox:
    restante-bridge --demo

"
} else {
    ""
};

const EXAMPLES: &str = "\
  Read mail on this machine from any public POP3 server:
    restante-bridge

  Read from one server only, or from one of one's own network:
    restante-bridge --allow pop.example.org
    restante-bridge --allow lan-host=mail.lan

  Serve others, with a certificate of one's own:
    restante-bridge --listen 0.0.0.0:443 --tls-cert fullchain.pem --tls-key privkey.pem --allow public-pop3

  Serve others behind a reverse proxy that ends TLS (it has to pass Host and X-Forwarded-For on):
    restante-bridge --listen 10.0.0.5:8110 --behind-proxy --trusted-proxies 10.0.0.1 --allow public-pop3

  Ask what it would do, and whether it would dial a server:
    restante-bridge check --allow pop.example.org:2995 pop.example.org:2995

  Serve by a file:
    listen = \"10.0.0.5:8110\"
    behind_proxy = true
    trusted_proxies = [\"10.0.0.1\"]
    [[allow]]                     # any public POP3 server
    preset = \"public-pop3\"
    [[allow]]                     # or: only these
    preset = \"hosts\"
    hosts = [\"pop.example.org\", \"*.example.net\"]
    [[allow]]                     # a host of one's own network
    preset = \"lan-host\"
    host = \"mail.lan\"
    [[allow]]                     # or all of it written out
    host = \"mail.lan\"
    ports = [995, 2995]           # without: 110 and 995
    addresses = [\"192.168.1.0/24\"] # or address = \"192.168.1.10\": never look the name up
";

/// The command line as clap knows it, of which the manual page is made.
#[must_use]
pub fn command() -> clap::Command {
    CommandLine::command()
}

/// The variables that look like settings and are none, mostly by a slip of the pen.
///
/// They are worth a warning and not an error: Kubernetes makes variables such as
/// `RESTANTE_SERVICE_HOST` by itself for a service of that name.
#[must_use]
pub fn unknown_variables(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let command = CommandLine::command();
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
        let help = CommandLine::try_parse_from(["restante-bridge", "--help"])
            .unwrap_err()
            .to_string();
        for part in ["RESTANTE_ALLOW", "--behind-proxy", "Examples:", "[[allow]]"] {
            assert!(help.contains(part), "{part}");
        }
        for line in [DEMO_EXAMPLE, EXAMPLES]
            .map(str::lines)
            .into_iter()
            .flatten()
            .map(str::trim)
        {
            if let Some(arguments) = line.strip_prefix("restante-bridge") {
                let arguments = arguments.split_ascii_whitespace();
                let arguments = std::iter::once("restante-bridge").chain(arguments);
                assert!(Task::load(arguments).is_ok(), "{line}");
            }
        }
        let (_, file) = EXAMPLES.split_once("Serve by a file:").unwrap();
        assert!(toml::from_str::<Layer>(file).is_ok());
    }
}
