//! The effective settings, including defaults.

use std::time::Duration;

use super::section::ReportSection;
use crate::config::{Config, TlsSource};

/// Describes a bridge with `config`, in a section for each decision of the operator.
pub(super) fn sections(config: &Config) -> Vec<ReportSection> {
    [
        ("Serves", serves(config)),
        ("Access", users(config)),
        ("Allowed targets", dials(config)),
        ("Limits", limits(config)),
    ]
    .map(|(title, lines)| ReportSection {
        title: title.to_owned(),
        lines,
    })
    .into()
}

fn serves(config: &Config) -> Vec<String> {
    let listen = config.listen;
    let how = if config.tls.is_some() {
        "over HTTPS, with its own certificate"
    } else if config.behind_proxy {
        "over plain HTTP, to a reverse proxy that terminates TLS"
    } else {
        "over plain HTTP, to this machine only"
    };
    let mut lines = vec![format!("the client and the relay on {listen}, {how}")];
    lines.extend(config.tls.as_ref().map(certificate));
    if !config.proxies.trusted.is_empty() {
        let ranges: Vec<String> = config
            .proxies
            .trusted
            .iter()
            .map(ToString::to_string)
            .collect();
        let how = match config.proxies.proxy_protocol {
            true => ", with the PROXY protocol",
            false => "",
        };
        lines.push(format!("trusted proxies: {}{how}", ranges.join(", ")));
    }
    if let Some(status) = config.status_listen {
        lines.push(format!("/healthz, /readyz and /metrics on {status}"));
    }
    if config.demo {
        lines.push("a demo mailbox, on free ports of this machine".to_owned());
    }
    lines
}

fn certificate(source: &TlsSource) -> String {
    match source {
        TlsSource::Files { cert, key } => format!(
            "the certificate in {}, with the key in {}",
            cert.display(),
            key.display()
        ),
        TlsSource::Acme(settings) => format!(
            "a certificate for {}, obtained from {} and stored in {}",
            settings.domains.join(", "),
            settings.directory,
            settings.cache.display()
        ),
    }
}

fn users(config: &Config) -> Vec<String> {
    let mut lines = vec!["pages that this bridge serves".to_owned()];
    for origin in &config.allowed_origins {
        lines.push(format!("pages of {origin}"));
    }
    let access = &config.access;
    for (asked, who) in [
        (
            access.tokens.is_some(),
            "only clients with a token of access_tokens",
        ),
        (
            access.users.is_some(),
            "only users of access_users, after signing in",
        ),
    ] {
        if asked {
            lines.push(who.to_owned());
        }
    }
    if let Some(header) = &access.header {
        lines.push(format!("only users that a trusted proxy names in {header}"));
    }
    if access.is_open() {
        lines.push("no sign-in: anyone who can open such a page".to_owned());
    }
    lines
}

fn dials(config: &Config) -> Vec<String> {
    let mut lines: Vec<String> = config
        .allow
        .iter()
        .map(|rule| format!("{rule}: {}", rule.in_words()))
        .collect();
    if config.demo {
        lines.push("the demo mailbox".to_owned());
    }
    lines.push("nothing else".to_owned());
    lines
}

fn limits(config: &Config) -> Vec<String> {
    let limits = &config.limits;
    vec![
        format!(
            "{} connections at a time, {} per client",
            limits.connections, limits.connections_per_client
        ),
        format!(
            "{} relays at a time, {} per client, and {} new ones per client and minute",
            limits.relays, limits.relays_per_client, limits.relays_per_minute
        ),
        format!(
            "a relay ends after {} without data, after {} in total, or after {}",
            in_words(limits.idle_time),
            in_words(limits.relay_time),
            bytes(limits.relay_octets)
        ),
        format!(
            "{} for a handshake, {} for dialling, {} for relays to finish when the bridge stops",
            in_words(limits.handshake_time),
            in_words(limits.dial_time),
            in_words(limits.drain_time)
        ),
        format!(
            "frames of at most {}; at most {} buffered for slow readers, all relays together",
            bytes(limits.frame_octets as u64),
            bytes(limits.queued_octets as u64)
        ),
    ]
}

/// Formats `time` in the largest unit that needs no fraction.
fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => "0 s".to_owned(),
        _ if seconds.is_multiple_of(3600) => format!("{} h", seconds / 3600),
        _ if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

/// Formats an amount of bytes in the largest unit that needs no fraction.
fn bytes(bytes: u64) -> String {
    [(30, "GiB"), (20, "MiB"), (10, "KiB")]
        .into_iter()
        .find(|(bits, _)| bytes != 0 && bytes.is_multiple_of(1 << bits))
        .map_or_else(
            || format!("{bytes} bytes"),
            |(bits, unit)| format!("{} {unit}", bytes >> bits),
        )
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::command_line::Invocation;

    #[test]
    fn the_source_of_the_certificate_is_named() {
        let files = TlsSource::Files {
            cert: PathBuf::from("/etc/a.pem"),
            key: PathBuf::from("/etc/a.key"),
        };
        assert_eq!(
            certificate(&files),
            "the certificate in /etc/a.pem, with the key in /etc/a.key"
        );
        let arguments = "restante-bridge --listen 0.0.0.0:443 --allow public-pop3 \
                         --acme-domains a.example,b.example --acme-cache /var/lib/acme";
        let invocation = Invocation::load(arguments.split_whitespace()).unwrap();
        let Invocation::Serve(config) = invocation else {
            panic!("{invocation:?}");
        };
        let said = serves(&config).join("\n");
        for part in ["a.example, b.example", "letsencrypt", "/var/lib/acme"] {
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn amounts_are_written_in_fitting_units() {
        for (time, words) in [(0, "0 s"), (90, "90 s"), (720, "12 min"), (43200, "12 h")] {
            assert_eq!(in_words(Duration::from_secs(time)), words);
        }
        for (amount, words) in [
            (0, "0 bytes"),
            (1000, "1000 bytes"),
            (1536, "1536 bytes"),
            (65536, "64 KiB"),
            (1 << 34, "16 GiB"),
        ] {
            assert_eq!(bytes(amount), words);
        }
    }
}
