//! The command line, its help, and its environment variables.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;

use clap::{Args, CommandFactory, Parser};
use restante_shared::relay::Target;
use thiserror::Error;

use crate::check::Check;
use crate::config::{Config, ConfigError, Flags};
use crate::policy;

/// Why the command line cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CommandLineError {
    /// A flag or a variable is invalid, or help was requested. It prints itself.
    #[error(transparent)]
    Usage(#[from] clap::Error),
    /// The settings are invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// The task that the program is started for.
#[derive(Debug)]
pub enum Invocation {
    /// Serve until stopped.
    Serve(Box<Config>),
    /// Describe a bridge with this configuration.
    Check(Box<Check>),
    /// Print the line of a users' file for this name.
    HashPassword(String),
}

impl Invocation {
    /// Parses the command line (with the program's name first), the environment and the file.
    ///
    /// # Errors
    /// [`CommandLineError`] names the flag, key or file to correct.
    pub fn load(
        arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, CommandLineError> {
        Self::load_on(None, arguments)
    }

    /// Does the same for a bridge whose socket was opened by another program, at this address. The address
    /// replaces the setting, because the defaults depend on who can reach the bridge.
    ///
    /// # Errors
    /// [`CommandLineError`] names the flag, key or file to correct.
    pub fn load_on(
        listen: Option<SocketAddr>,
        arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, CommandLineError> {
        let mut line = CommandLine::try_parse_from(arguments)?;
        line.flags.listen_on(listen);
        Ok(match line.subcommand {
            None => Self::Serve(Box::new(line.flags.into_config()?)),
            Some(Subcommand::Check(flags)) => Self::Check(Box::new(Check {
                config: flags.flags.into_config()?,
                targets: flags.targets,
                dial: flags.dial,
            })),
            Some(Subcommand::HashPassword { name }) => Self::HashPassword(name),
        })
    }
}

/// Serves the Restante client, and relays its connections to POP3 servers without parsing them.
#[derive(Debug, Parser)]
#[command(
    name = "restante-bridge",
    version,
    after_long_help = format!("{INTRODUCTION}{DEMO_EXAMPLE}{EXAMPLES}"),
    max_term_width = 100,
    args_conflicts_with_subcommands = true
)]
struct CommandLine {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    subcommand: Option<Subcommand>,
}

/// The commands other than serving.
#[derive(Debug, clap::Subcommand)]
enum Subcommand {
    Check(Box<CheckFlags>),
    /// Reads a password from standard input, and prints the user's line for access_users
    ///
    /// The password is the first line of the input. It is visible while you type; to hide it, pipe it
    /// from another program.
    HashPassword {
        /// The user name to sign in with
        name: String,
    },
}

/// Describes a bridge with these settings, without starting it
///
/// It loads the settings and the files that they name, explains every rule, and reports for each
/// HOST:PORT whether the bridge would dial it, and why. The exit status is 0 if the settings are valid
/// and every given target is allowed, and 1 otherwise.
#[derive(Debug, Args)]
#[command(max_term_width = 100)]
struct CheckFlags {
    /// Target to check; its name is resolved, but it is not dialled
    #[arg(value_name = "HOST:PORT", value_parser = policy::parse_target)]
    targets: Vec<Target>,
    /// Also dials the allowed targets, and reports whether they answer
    #[arg(long)]
    dial: bool,
    #[command(flatten)]
    flags: Flags,
}

const INTRODUCTION: &str = "\
Every setting is also a key of the file and an environment variable: --dial-seconds is dial_seconds
in the file and RESTANTE_DIAL_SECONDS in the environment. Flags override the environment, which
overrides the file, which overrides the defaults.

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

  Allow one server only, or one on your own network:
    restante-bridge --allow pop.example.org
    restante-bridge --allow lan-host=mail.lan

  Serve other machines, with your own certificate:
    restante-bridge --listen 0.0.0.0:443 --tls-cert fullchain.pem --tls-key privkey.pem --allow public-pop3

  Serve other machines behind a reverse proxy that terminates TLS and passes Host and X-Forwarded-For:
    restante-bridge --listen 10.0.0.5:8110 --behind-proxy --trusted-proxies 10.0.0.1 --allow public-pop3

  Check the settings, and whether a server would be dialled:
    restante-bridge check --allow pop.example.org:2995 pop.example.org:2995

  Serve with a file:
    listen = \"10.0.0.5:8110\"
    behind_proxy = true
    trusted_proxies = [\"10.0.0.1\"]
    [[allow]]                     # any public POP3 server
    preset = \"public-pop3\"
    [[allow]]                     # or: only these
    preset = \"hosts\"
    hosts = [\"pop.example.org\", \"*.example.net\"]
    [[allow]]                     # a host on your own network
    preset = \"lan-host\"
    host = \"mail.lan\"
    [[allow]]                     # or in full
    host = \"mail.lan\"
    ports = [995, 2995]           # default: 110 and 995
    addresses = [\"192.168.1.0/24\"] # or address = \"192.168.1.10\": without resolving the name
";

/// Returns the command line as clap describes it, for the manual page.
#[must_use]
pub fn command() -> clap::Command {
    CommandLine::command()
}

/// Returns the variables that look like settings but are unknown, mostly because of typing errors.
///
/// They cause a warning and not an error: Kubernetes sets variables such as `RESTANTE_SERVICE_HOST` for
/// a service of that name.
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
    fn an_unknown_variable_is_reported() {
        let names = ["RESTANTE_LISTEN", "RESTANTE_LISSTEN", "PATH"];
        assert_eq!(
            unknown_variables(names.map(str::to_owned)),
            ["RESTANTE_LISSTEN"]
        );
    }

    #[test]
    fn the_examples_of_the_help_work() {
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
                assert!(Invocation::load(arguments).is_ok(), "{line}");
            }
        }
        let (_, file) = EXAMPLES.split_once("Serve with a file:").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bridge.toml");
        std::fs::write(&path, file).unwrap();
        let path = path.display().to_string();
        assert!(Invocation::load(["restante-bridge", "--config", &path]).is_ok());
    }
}
