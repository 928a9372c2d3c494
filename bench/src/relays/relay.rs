//! The relays, and the command of each: as fast as possible, and without logs.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::install;
use restante_ports::loopback;
use xtask::bridge::StartedServer;
use xtask::packages::{self, NGINX_STREAM};
use xtask::workspace::Workspace;

/// The protocol between a relay and its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RelayKind {
    /// The bridge.
    Ours,
    WebSocket,
    Tcp,
    /// No relay: the limit of the load program itself.
    Direct,
}

/// A relay to measure.
pub(crate) struct Relay {
    pub(crate) name: String,
    pub(crate) kind: RelayKind,
    /// The most connections at a time that a machine like this one survives.
    pub(crate) most: u64,
    program: PathBuf,
    command: fn(&RelayParameters<'_>) -> Result<Command>,
    /// Builds the WebSocket request for a target's port.
    request: fn(u16) -> WebSocketRequest,
}

/// The parameters of a relay's command.
struct RelayParameters<'a> {
    program: &'a Path,
    /// The relay's own address.
    listen: SocketAddr,
    /// The target's address.
    target: SocketAddr,
    /// An empty folder.
    folder: &'a Path,
}

/// Path and subprotocol of a WebSocket request.
#[derive(Default)]
pub(crate) struct WebSocketRequest {
    pub(crate) path: Option<String>,
    pub(crate) subprotocol: Option<String>,
}

/// A running relay.
pub(crate) struct RunningRelay {
    pub(crate) address: SocketAddr,
    pub(crate) request: WebSocketRequest,
    server: Option<StartedServer>,
}

impl RunningRelay {
    /// Returns the process group to watch.
    pub(crate) fn group(&self) -> Option<u32> {
        self.server.as_ref().map(|server| server.process.id())
    }
}

/// A number of connections that a relay of one process survives easily.
const MANY: u64 = 100_000;

/// Limits for relays with a process for each connection: of some 3,500 KB, and of some 500 KB.
const PYTHONS: u64 = 200;
const FORKS: u64 = 1_000;

const WEBSOCAT: &str = "1.14.1";
const WEBSOCAT_4: &str = "4.0.0-alpha3";
const WSTCP: &str = "0.2.1";
const WEBSOCKIFY: &str = "0.13.0";

/// The names that the goals refer to.
pub(crate) const OURS: &str = "Restante";
pub(crate) const NGINX: &str = "nginx stream";
pub(crate) const DIRECT: &str = "direct";

impl Relay {
    /// Starts the relay in `folder`.
    pub(crate) fn start(&self, target: u16, folder: &Path) -> Result<RunningRelay> {
        let request = (self.request)(target);
        if self.kind == RelayKind::Direct {
            return Ok(RunningRelay {
                address: loopback(target),
                request,
                server: None,
            });
        }
        let server = StartedServer::start(|port| {
            let mut command = (self.command)(&RelayParameters {
                program: &self.program,
                listen: loopback(port),
                target: loopback(target),
                folder,
            })?;
            let log = fs::File::create(folder.join("log"))?;
            command.stdout(Stdio::null()).stderr(log);
            Ok(command)
        })?;
        Ok(RunningRelay {
            address: loopback(server.port),
            request,
            server: Some(server),
        })
    }
}

/// Installs the chosen relays, and returns them. `bridges` are builds of the bridge.
pub(crate) fn all(
    workspace: &Workspace,
    bridges: &[PathBuf],
    is_chosen: impl Fn(&str) -> bool,
) -> Result<Vec<Relay>> {
    let mut relays = Vec::new();
    for (place, program) in bridges.iter().enumerate() {
        let name = match bridges {
            [_] => OURS.to_owned(),
            _ => format!("{OURS} {}", place + 1),
        };
        relays.push(Relay {
            name,
            kind: RelayKind::Ours,
            most: MANY,
            program: program.clone(),
            command: bridge,
            request: |target| WebSocketRequest {
                path: Some(format!("/relay?host=127.0.0.1&port={target}")),
                subprotocol: Some("restante.relay.v1".to_owned()),
            },
        });
    }
    relays.retain(|relay| is_chosen(&relay.name));
    let mut add = |relay: Relay, install: &dyn Fn() -> Result<PathBuf>| -> Result<()> {
        if is_chosen(&relay.name) {
            let program = install()?;
            relays.push(Relay { program, ..relay });
        }
        Ok(())
    };
    let crate_named =
        |name, version, locked| move || install::from_crates(workspace, name, version, locked);
    let found = |name: &'static str| {
        move || packages::find(name).with_context(|| format!("{name} is not installed"))
    };
    if packages::find("wstunnel").is_some() {
        add(
            web("wstunnel", MANY, wstunnel, wstunnel_request),
            &found("wstunnel"),
        )?;
    } else if is_chosen("wstunnel") {
        println!("left out: wstunnel, which is not on crates.io; install it to compare with it");
    }
    add(
        web(&format!("websocat {WEBSOCAT_4}"), MANY, websocat, anything),
        &crate_named("websocat", WEBSOCAT_4, true),
    )?;
    add(
        web(&format!("websocat {WEBSOCAT}"), MANY, websocat, anything),
        &crate_named("websocat", WEBSOCAT, true),
    )?;
    add(
        web(&format!("wstcp {WSTCP}"), MANY, wstcp, anything),
        &crate_named("wstcp", WSTCP, false),
    )?;
    add(
        web(
            &format!("websockify {WEBSOCKIFY}"),
            PYTHONS,
            websockify,
            binary,
        ),
        &|| {
            // It unmasks with NumPy, if that is installed.
            install::from_pypi(workspace, "websockify", WEBSOCKIFY, "numpy")
        },
    )?;
    add(plain(NGINX, MANY, nginx), &found("nginx"))?;
    add(plain("socat", FORKS, socat), &found("socat"))?;
    let direct = Relay {
        kind: RelayKind::Direct,
        ..plain(DIRECT, MANY, socat)
    };
    add(direct, &|| Ok(PathBuf::new()))?;
    Ok(relays)
}

fn web(
    name: &str,
    most: u64,
    command: fn(&RelayParameters<'_>) -> Result<Command>,
    request: fn(u16) -> WebSocketRequest,
) -> Relay {
    Relay {
        name: name.to_owned(),
        kind: RelayKind::WebSocket,
        most,
        program: PathBuf::new(),
        command,
        request,
    }
}

fn plain(name: &str, most: u64, command: fn(&RelayParameters<'_>) -> Result<Command>) -> Relay {
    Relay {
        kind: RelayKind::Tcp,
        ..web(name, most, command, |_| WebSocketRequest::default())
    }
}

fn anything(_: u16) -> WebSocketRequest {
    WebSocketRequest {
        path: Some("/".to_owned()),
        subprotocol: None,
    }
}

fn binary(_: u16) -> WebSocketRequest {
    WebSocketRequest {
        path: Some("/".to_owned()),
        subprotocol: Some("binary".to_owned()),
    }
}

/// Builds a request that names the target in a JSON Web Token, whose signature wstunnel does not verify.
fn wstunnel_request(target: u16) -> WebSocketRequest {
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let header = part(r#"{"typ":"JWT","alg":"HS256"}"#);
    let claims = part(&format!(
        r#"{{"id":"00000000-0000-0000-0000-000000000000","p":{{"Tcp":{{"proxy_protocol":false}}}},"r":"127.0.0.1","rp":{target}}}"#
    ));
    let signature = part("unsigned");
    WebSocketRequest {
        path: Some("/v1/events".to_owned()),
        subprotocol: Some(format!(
            "v1, authorization.bearer.{header}.{claims}.{signature}"
        )),
    }
}

fn bridge(parameters: &RelayParameters<'_>) -> Result<Command> {
    let mut command = Command::new(parameters.program);
    command
        .args(["--listen", &parameters.listen.to_string()])
        .args(["--allow", &parameters.target.to_string()])
        .args(["--log", "warn"]);
    // One client opens all connections.
    for limit in [
        "--max-connections",
        "--max-connections-per-client",
        "--max-relays",
        "--max-relays-per-client",
        "--max-relays-per-minute",
    ] {
        command.args([limit, "1000000"]);
    }
    command.args(["--max-relay-octets", "1000000000000000"]);
    Ok(command)
}

fn wstunnel(parameters: &RelayParameters<'_>) -> Result<Command> {
    let mut command = Command::new(parameters.program);
    command
        .arg("server")
        .arg(format!("ws://{}", parameters.listen))
        .args(["--log-lvl", "OFF"]);
    Ok(command)
}

fn websocat(parameters: &RelayParameters<'_>) -> Result<Command> {
    let mut command = Command::new(parameters.program);
    command
        .arg("--binary")
        .arg(format!("ws-l:{}", parameters.listen))
        .arg(format!("tcp:{}", parameters.target));
    Ok(command)
}

fn wstcp(parameters: &RelayParameters<'_>) -> Result<Command> {
    let mut command = Command::new(parameters.program);
    command
        .args(["--log-level", "error"])
        .args(["--bind-addr", &parameters.listen.to_string()])
        .arg(parameters.target.to_string());
    Ok(command)
}

fn websockify(parameters: &RelayParameters<'_>) -> Result<Command> {
    let mut command = Command::new(parameters.program);
    command
        .arg(parameters.listen.to_string())
        .arg(parameters.target.to_string());
    Ok(command)
}

fn socat(parameters: &RelayParameters<'_>) -> Result<Command> {
    let mut command = Command::new(parameters.program);
    let listen = parameters.listen;
    command
        .args(["-b", "65536"])
        .arg(format!(
            "TCP4-LISTEN:{},bind={},reuseaddr,fork,nodelay,backlog=1024",
            listen.port(),
            listen.ip()
        ))
        .arg(format!("TCP4:{},nodelay", parameters.target));
    Ok(command)
}

fn nginx(parameters: &RelayParameters<'_>) -> Result<Command> {
    let RelayParameters { listen, target, .. } = parameters;
    let folder = parameters.folder.display();
    let settings = format!(
        "load_module {NGINX_STREAM};\n\
         daemon off;\nworker_processes auto;\npid {folder}/pid;\nerror_log {folder}/errors;\n\
         events {{ worker_connections 50000; }}\n\
         stream {{ server {{ listen {listen} backlog=1024; proxy_pass {target}; tcp_nodelay on; }} }}\n"
    );
    let file = parameters.folder.join("nginx.conf");
    fs::write(&file, settings).context("nginx.conf")?;
    let mut command = Command::new(parameters.program);
    command.arg("-c").arg(file).arg("-p").arg(parameters.folder);
    Ok(command)
}
