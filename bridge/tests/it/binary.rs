//! The binary: its configuration, its output, and its exit.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_restante-bridge");

/// A started bridge, which is killed when dropped.
pub(crate) struct Started {
    pub(crate) child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Started {
    fn new(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).envs(variables.iter().copied());
        command.stderr(Stdio::piped());
        Self::spawn(&mut command)
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    /// Returns the `host:port` of the line with the bridge's address.
    pub(crate) fn address(&mut self) -> String {
        self.address_of("Restante")
    }

    /// Returns the `host:port` of the next line, which must be about `what`.
    pub(crate) fn address_of(&mut self, what: &str) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix(what);
        let address = address.and_then(|rest| rest.strip_prefix(": http://"));
        address.unwrap().strip_suffix('/').unwrap().to_owned()
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Fetches `path` and returns the whole response.
pub(crate) fn get(address: &str, path: &str) -> String {
    ask(TcpStream::connect(address).unwrap(), path)
}

/// Fetches `path` over an open connection.
pub(crate) fn ask(mut stream: TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: bridge\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn flags_override_the_environment_which_overrides_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bridge.toml");
    fs::write(&file, "listen = '127.0.0.2:0'").unwrap();
    let file = file.display().to_string();
    let variables = [("RESTANTE_CONFIG", file.as_str())];
    let in_file = Started::new(&[], &variables).address();
    assert!(in_file.starts_with("127.0.0.2:"));

    let variables = [variables[0], ("RESTANTE_LISTEN", "127.0.0.3:0")];
    let in_environment = Started::new(&[], &variables).address();
    assert!(in_environment.starts_with("127.0.0.3:"));

    let flags = ["--listen", "127.0.0.4:0"];
    let in_flags = Started::new(&flags, &variables).address();
    assert!(in_flags.starts_with("127.0.0.4:"));
}

#[test]
fn an_error_is_reported_on_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bridge.toml");
    fs::write(&file, "lissten = '127.0.0.2:0'").unwrap();
    let output = Command::new(PROGRAM)
        .arg("--config")
        .arg(&file)
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("lissten") && text.contains("bridge.toml"),
        "{text}"
    );
}

#[test]
fn help_is_printed_to_standard_output() {
    let output = Command::new(PROGRAM).arg("--help").output().unwrap();
    assert!(output.status.success());
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("--allow")
    );
}

#[cfg(feature = "demo")]
#[test]
fn the_demo_mailbox_is_offered_to_the_page() {
    let mut bridge = Started::new(&["--listen", "127.0.0.1:0", "--demo"], &[]);
    let address = bridge.address();
    let answer = get(&address, "/config.json");
    assert!(answer.contains("BEGIN CERTIFICATE"), "{answer}");
    assert!(get(&address, "/healthz").ends_with("ok\n"));
}

#[cfg(not(feature = "demo"))]
#[test]
fn a_build_without_the_demo_says_where_to_find_it() {
    let output = Command::new(PROGRAM).arg("--demo").output().unwrap();
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("cargo xtask demo"), "{error}");
    let help = Command::new(PROGRAM).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(!help.contains("--demo"), "{help}");
}

/// Runs `hash-password` for a name with this standard input.
fn hash_password(name: &str, input: &str) -> Output {
    let mut child = Command::new(PROGRAM)
        .args(["hash-password", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[test]
fn hash_password_prints_the_line_of_a_users_file() {
    let output = hash_password("reader", "correct horse\r\n");
    assert!(output.status.success());
    let line = String::from_utf8(output.stdout).unwrap();
    assert!(line.starts_with("reader:$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(line.ends_with('\n') && !line.contains("horse"));
    assert!(output.stderr.is_empty());

    let longest = "x".repeat(1024) + "\r\n";
    assert!(hash_password("reader", &longest).status.success());
    let too_long = format!("x{longest}");
    for (name, input) in [
        ("reader", "\n"),
        ("reader", &too_long),
        ("a:b", "x\n"),
        ("#a", "x\n"),
    ] {
        let output = hash_password(name, input);
        assert!(!output.status.success());
        assert!(output.stdout.is_empty());
        assert!(output.stderr.starts_with(b"error: "));
    }
}

#[cfg(unix)]
#[test]
fn a_termination_signal_ends_it_cleanly() {
    for signal in ["-TERM", "-INT"] {
        let mut arguments = vec!["--listen", "127.0.0.1:0"];
        if cfg!(feature = "demo") {
            arguments.push("--demo");
        }
        let mut bridge = Started::new(&arguments, &[]);
        bridge.address();
        bridge.signal(signal);
        assert!(bridge.child.wait().unwrap().success(), "{signal}");
    }
}

#[test]
fn the_descriptor_limit_is_raised_or_a_warning_logged() {
    let program = env!("CARGO_BIN_EXE_restante-bridge");
    for (may_have, is_enough) in [("ulimit -Sn 64", true), ("ulimit -n 64", false)] {
        let script = format!("{may_have}; exec {program} --listen 127.0.0.1:0 --max-relays 16");
        let mut bridge = Command::new("sh")
            .args(["-c", &script])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(bridge.stderr.take().unwrap()).lines();
        let mut said = String::new();
        while !said.contains("listening") {
            said += &log.next().unwrap().unwrap();
        }
        let limits = fs::read_to_string(format!("/proc/{}/limits", bridge.id())).unwrap();
        bridge.kill().unwrap();
        bridge.wait().unwrap();
        let open_files = limits
            .lines()
            .find(|line| line.starts_with("Max open files"));
        let current = open_files.and_then(|line| line.split_whitespace().nth(3));
        // 400 connections, two sockets for each relay, and the others.
        let expected = if is_enough { "560" } else { "64" };
        assert_eq!(current, Some(expected), "{limits}");
        let is_missed = said.contains("needed=560 current=64") && said.contains("LimitNOFILE");
        assert_eq!(is_missed, !is_enough, "{said}");
    }
}
