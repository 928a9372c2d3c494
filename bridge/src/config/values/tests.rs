//! Settings from flags and files, as an operator gives them.

use std::fs;
use std::time::Duration;

use super::*;
use crate::config::testing;

fn load(arguments: &[&str]) -> Result<Config, Box<dyn std::error::Error>> {
    testing::load(std::iter::once(&"restante-bridge").chain(arguments))
}

fn refusal(arguments: &[&str]) -> String {
    load(arguments).unwrap_err().to_string()
}

fn with_file(text: &str, arguments: &[&str]) -> Result<Config, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bridge.toml");
    fs::write(&path, text).unwrap();
    let path = path.display().to_string();
    load(&[&["--config", &path], arguments].concat())
}

#[test]
fn the_default_serves_this_machine_only() {
    let config = load(&[]).unwrap();
    assert_eq!(config.listen, DEFAULT_LISTEN.parse().unwrap());
    assert_eq!(config.allow, [Rule::public_pop3()]);
    assert!(config.allowed_origins.is_empty());
    assert!(!config.demo && !config.behind_proxy && config.tls.is_none());
}

#[cfg(feature = "demo")]
#[test]
fn the_file_accepts_every_setting() {
    let config = with_file(
        "listen = '[::1]:1'\nbehind_proxy = true\ntrusted_proxies = ['::1']\nproxy_protocol = true\n\
         allowed_origins = ['https://a.example']\n\
         demo = true\nmax_connections = 2\nmax_relays = 3\nmax_relays_per_client = 4\n\
         handshake_seconds = 5\ndial_seconds = 6\nidle_seconds = 7\nlog = 'debug'\n\
         log_format = 'json'\n[[allow]]\nhost = 'mail.lan'\nport = 995\n\
         address = '192.168.1.10'\n[[allow]]\npreset = 'hosts'\n\
         hosts = ['a.example', 'b.example']",
        &[],
    )
    .unwrap();
    assert_eq!(config.listen, "[::1]:1".parse().unwrap());
    assert!(config.behind_proxy && config.demo);
    assert!(config.proxies.proxy_protocol && config.proxies.trusts(config.listen.ip()));
    let rules: Vec<String> = config.allow.iter().map(ToString::to_string).collect();
    assert_eq!(
        rules,
        ["mail.lan:995=192.168.1.10", "a.example", "b.example"]
    );
    assert_eq!(config.limits.relays_per_client, 4);
    assert_eq!(config.limits.idle_time, Duration::from_secs(7));
    assert_eq!(config.log_format, LogFormat::Json);
}

#[test]
fn a_flag_beats_the_file() {
    let file = "max_relays = 3\ndial_seconds = 6\n[[allow]]\nhost = 'a.lan'\nport = 995\n";
    let flags = ["--max-relays", "9", "--allow", "b.lan:110,c.lan:110"];
    let config = with_file(file, &flags).unwrap();
    assert_eq!(config.limits.relays, 9);
    assert_eq!(config.limits.dial_time, Duration::from_secs(6));
    let rules: Vec<String> = config.allow.iter().map(ToString::to_string).collect();
    assert_eq!(rules, ["b.lan:110", "c.lan:110"]);
}

#[cfg(feature = "demo")]
#[test]
fn a_flag_switches_off_a_switch_of_the_file() {
    assert!(!with_file("demo = true", &["--demo=false"]).unwrap().demo);
    assert!(load(&["--demo", "--listen", "127.0.0.1:0"]).unwrap().demo);
}

#[cfg(not(feature = "demo"))]
#[test]
fn a_build_without_the_demo_refuses_to_start_it() {
    for error in [
        refusal(&["--demo"]),
        with_file("demo = true", &[]).unwrap_err().to_string(),
    ] {
        assert!(error.contains("cargo xtask demo"), "{error}");
    }
    assert!(load(&["--demo=false"]).is_ok());
}

#[test]
fn an_unknown_key_is_named() {
    for (file, key) in [
        ("lissten = '127.0.0.1:1'", "lissten"),
        (
            "[[allow]]\nhost = 'a.lan'\nport = 995\nadress = '::1'",
            "adress",
        ),
        ("demo = true\n[limits]\nrelays = 1", "limits"),
    ] {
        let error = with_file(file, &[]).unwrap_err().to_string();
        assert!(
            error.contains(key) && error.contains("bridge.toml"),
            "{error}"
        );
    }
    assert!(refusal(&["--lissten", "127.0.0.1:1"]).contains("--lissten"));
}

#[test]
fn plain_http_is_for_this_machine_only() {
    for listen in ["0.0.0.0:8110", "[::]:8110", "192.168.1.2:8110"] {
        let error = refusal(&["--listen", listen]);
        assert!(error.contains("tls_cert") && error.contains("behind_proxy"));
        let proxied = ["--behind-proxy", "--trusted-proxies", "10.0.0.1"];
        let allow = ["--allow", "public-pop3"];
        assert!(load(&[&["--listen", listen], &proxied[..], &allow].concat()).is_ok());
    }
    assert!(load(&["--listen", "[::1]:8110"]).is_ok());
}

#[test]
fn a_bridge_that_others_can_reach_requires_rules() {
    for arguments in [
        &["--behind-proxy", "--trusted-proxies", "127.0.0.1"][..],
        &["--trusted-proxies", "127.0.0.1"],
        &[
            "--listen",
            "0.0.0.0:443",
            "--tls-cert",
            "a",
            "--tls-key",
            "b",
        ],
    ] {
        let error = refusal(arguments);
        assert!(error.contains("--allow public-pop3"), "{error}");
        let allowed = [arguments, &["--allow", "pop.example.org"]].concat();
        assert!(load(&allowed).is_ok(), "{arguments:?}");
    }
}

#[cfg(feature = "demo")]
#[test]
fn a_bridge_that_others_can_reach_may_serve_the_demo_only() {
    let proxied = ["--behind-proxy", "--trusted-proxies", "127.0.0.1"];
    let demo_only = with_file("allow = []\ndemo = true", &proxied).unwrap();
    assert!(demo_only.allow.is_empty());
}

#[test]
fn half_a_certificate_and_contradictions_are_refused() {
    assert!(refusal(&["--tls-cert", "a"]).contains("tls_key"));
    assert!(refusal(&["--tls-key", "a"]).contains("tls_cert"));
    let proxied = ["--behind-proxy", "--trusted-proxies", "10.0.0.1"];
    let both = [&["--tls-cert", "a", "--tls-key", "b"], &proxied[..]].concat();
    assert!(refusal(&both).contains("choose one"));
    for switch in ["--behind-proxy", "--proxy-protocol"] {
        assert!(refusal(&[switch]).contains("trusted_proxies = [\"127.0.0.1\"]"));
    }
    assert!(refusal(&["--max-relays", "0"]).contains("max_relays"));
    assert!(refusal(&["--idle-seconds", "0"]).contains("idle_seconds"));
}

#[test]
fn an_invalid_file_is_named_with_the_expected_form() {
    let refusal = |text: &str| with_file(text, &[]).unwrap_err().to_string();
    let as_for_flags = refusal("allow = [\"public-pop3\"]");
    assert!(as_for_flags.contains("[[allow]]"), "{as_for_flags}");
    let endless = refusal(&"#".repeat(1024 * 1024 + 1));
    assert!(endless.contains("1 MiB"), "{endless}");
}

#[test]
fn the_status_needs_a_port_of_its_own() {
    let both = |listen, status| {
        let listeners = ["--listen", listen, "--status-listen", status];
        let proxy = ["--behind-proxy", "--trusted-proxies", "127.0.0.1"];
        let allow = ["--allow", "public-pop3"];
        load(&[&listeners[..], &proxy, &allow].concat())
    };
    for (listen, status) in [
        ("127.0.0.1:8110", "127.0.0.1:8110"),
        ("[::]:8110", "127.0.0.1:8110"),
        ("10.0.0.1:8110", "0.0.0.0:8110"),
    ] {
        let error = both(listen, status).unwrap_err().to_string();
        assert!(error.contains("status_listen"), "{error}");
    }
    for (listen, status) in [
        ("127.0.0.1:8110", "127.0.0.1:8111"),
        ("10.0.0.1:8110", "127.0.0.1:8110"),
        ("127.0.0.1:0", "127.0.0.1:0"),
    ] {
        assert!(both(listen, status).is_ok(), "{listen} {status}");
    }
}

#[test]
fn wrong_values_are_refused_with_their_flag() {
    for (flag, value) in [
        ("--listen", "localhost"),
        ("--allow", "mail.lan:"),
        ("--allowed-origins", "mail.example.org"),
        ("--max-relays", "many"),
        ("--log-format", "xml"),
    ] {
        assert!(refusal(&[flag, value]).contains(flag), "{flag} {value}");
    }
}

#[test]
fn a_missing_file_is_named() {
    assert!(refusal(&["--config", "/nowhere/bridge.toml"]).contains("/nowhere/bridge.toml"));
}

#[test]
fn a_status_listener_for_other_networks_requires_a_flag() {
    let load = |address: &str, flags: &[&str]| {
        let line = ["restante-bridge", "--status-listen", address];
        testing::load([&line[..], flags].concat())
    };
    for address in [
        "0.0.0.0:8111",
        "[::]:8111",
        "1.1.1.1:8111",
        "[2606:4700::1]:8111",
    ] {
        let error = load(address, &[]).unwrap_err().to_string();
        assert!(error.contains("--public-status"), "{error}");
        assert!(load(address, &["--public-status"]).is_ok(), "{address}");
    }
    for address in ["127.0.0.1:8111", "10.0.0.11:8111", "[fd00::1]:8111"] {
        assert!(load(address, &[]).is_ok(), "{address}");
    }
}

#[cfg(feature = "demo")]
#[test]
fn a_demo_for_other_networks_requires_a_flag() {
    let load = |address: &str, flags: &[&str]| {
        let proxy = [
            "--behind-proxy",
            "--trusted-proxies",
            "127.0.0.1",
            "--allow",
            "public-pop3",
        ];
        let line = ["restante-bridge", "--demo", "--listen", address];
        testing::load([&line[..], &proxy, flags].concat())
    };
    for address in ["0.0.0.0:8110", "[::]:8110", "1.1.1.1:8110"] {
        let error = load(address, &[]).unwrap_err().to_string();
        assert!(error.contains("--public-demo"), "{error}");
        assert!(load(address, &["--public-demo"]).is_ok(), "{address}");
    }
    assert!(load("127.0.0.1:8110", &[]).is_ok());
}
