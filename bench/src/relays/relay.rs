//! Who is measured, and how each is started: as fast as it can be, and with nothing logged.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::install;
use xtask::bridge::Server;
use xtask::packages::{self, NGINX_STREAM};
use xtask::ports::loopback;
use xtask::workspace::Workspace;

/// What a relay speaks to its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The bridge.
    Ours,
    WebSocket,
    Tcp,
    /// No relay at all: what the load itself can do.
    Direct,
}

/// Somebody to measure.
pub(crate) struct Relay {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// How many connections at a time a machine like this one survives.
    pub(crate) most: u64,
    program: PathBuf,
    command: fn(&Errand<'_>) -> Result<Command>,
    /// What a WebSocket is asked for, given the target's port.
    request: fn(u16) -> Request,
}

/// What a relay is told.
struct Errand<'a> {
    program: &'a Path,
    /// Where to listen.
    listen: SocketAddr,
    /// Where the octets go.
    target: SocketAddr,
    /// An empty folder.
    folder: &'a Path,
}

/// What a client of a WebSocket asks for.
#[derive(Default)]
pub(crate) struct Request {
    pub(crate) path: Option<String>,
    pub(crate) subprotocol: Option<String>,
}

/// A relay that runs.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) request: Request,
    server: Option<Server>,
}

impl Running {
    /// The process group to watch.
    pub(crate) fn group(&self) -> Option<u32> {
        self.server.as_ref().map(|server| server.process.id())
    }
}

/// No relay of one process is brought near its end by so many.
const MANY: u64 = 100_000;

/// A process for each connection: of some 3,500 KB, and of some 500 KB.
const PYTHONS: u64 = 200;
const FORKS: u64 = 1_000;

const WEBSOCAT: &str = "1.14.1";
const WEBSOCAT_4: &str = "4.0.0-alpha3";
const WSTCP: &str = "0.2.1";
const WEBSOCKIFY: &str = "0.13.0";

/// The names that goals are set by.
pub(crate) const OURS: &str = "Restante";
pub(crate) const NGINX: &str = "nginx stream";
pub(crate) const DIRECT: &str = "direct";

impl Relay {
    /// Starts it in `folder`.
    pub(crate) fn start(&self, target: u16, folder: &Path) -> Result<Running> {
        let request = (self.request)(target);
        if self.kind == Kind::Direct {
            return Ok(Running {
                address: loopback(target),
                request,
                server: None,
            });
        }
        let server = Server::start(|port| {
            let mut command = (self.command)(&Errand {
                program: &self.program,
                listen: loopback(port),
                target: loopback(target),
                folder,
            })?;
            let log = fs::File::create(folder.join("log"))?;
            command.stdout(Stdio::null()).stderr(log);
            Ok(command)
        })?;
        Ok(Running {
            address: loopback(server.port),
            request,
            server: Some(server),
        })
    }
}

/// Everyone who is chosen, installed; `bridges` are builds of the bridge.
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
            kind: Kind::Ours,
            most: MANY,
            program: program.clone(),
            command: bridge,
            request: |target| Request {
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
        move || packages::find(name).with_context(|| format!("{name} is not there"))
    };
    if packages::find("wstunnel").is_some() {
        add(
            web("wstunnel", MANY, wstunnel, wstunnel_request),
            &found("wstunnel"),
        )?;
    } else if is_chosen("wstunnel") {
        println!(
            "left out: wstunnel, which crates.io does not have; install it to compare with it"
        );
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
            // It unmasks by NumPy, where there is one.
            install::from_pypi(workspace, "websockify", WEBSOCKIFY, "numpy")
        },
    )?;
    add(plain(NGINX, MANY, nginx), &found("nginx"))?;
    add(plain("socat", FORKS, socat), &found("socat"))?;
    let direct = Relay {
        kind: Kind::Direct,
        ..plain(DIRECT, MANY, socat)
    };
    add(direct, &|| Ok(PathBuf::new()))?;
    Ok(relays)
}

fn web(
    name: &str,
    most: u64,
    command: fn(&Errand<'_>) -> Result<Command>,
    request: fn(u16) -> Request,
) -> Relay {
    Relay {
        name: name.to_owned(),
        kind: Kind::WebSocket,
        most,
        program: PathBuf::new(),
        command,
        request,
    }
}

fn plain(name: &str, most: u64, command: fn(&Errand<'_>) -> Result<Command>) -> Relay {
    Relay {
        kind: Kind::Tcp,
        ..web(name, most, command, |_| Request::default())
    }
}

fn anything(_: u16) -> Request {
    Request {
        path: Some("/".to_owned()),
        subprotocol: None,
    }
}

fn binary(_: u16) -> Request {
    Request {
        path: Some("/".to_owned()),
        subprotocol: Some("binary".to_owned()),
    }
}

/// Its client names the target in a JSON Web Token, whose signature it does not look at.
fn wstunnel_request(target: u16) -> Request {
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let header = part(r#"{"typ":"JWT","alg":"HS256"}"#);
    let claims = part(&format!(
        r#"{{"id":"00000000-0000-0000-0000-000000000000","p":{{"Tcp":{{"proxy_protocol":false}}}},"r":"127.0.0.1","rp":{target}}}"#
    ));
    let signature = part("unsigned");
    Request {
        path: Some("/v1/events".to_owned()),
        subprotocol: Some(format!(
            "v1, authorization.bearer.{header}.{claims}.{signature}"
        )),
    }
}

fn bridge(errand: &Errand<'_>) -> Result<Command> {
    let mut command = Command::new(errand.program);
    command
        .args(["--listen", &errand.listen.to_string()])
        .args(["--allow", &errand.target.to_string()])
        .args(["--log", "warn"]);
    // One client opens them all.
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

fn wstunnel(errand: &Errand<'_>) -> Result<Command> {
    let mut command = Command::new(errand.program);
    command
        .arg("server")
        .arg(format!("ws://{}", errand.listen))
        .args(["--log-lvl", "OFF"]);
    Ok(command)
}

fn websocat(errand: &Errand<'_>) -> Result<Command> {
    let mut command = Command::new(errand.program);
    command
        .arg("--binary")
        .arg(format!("ws-l:{}", errand.listen))
        .arg(format!("tcp:{}", errand.target));
    Ok(command)
}

fn wstcp(errand: &Errand<'_>) -> Result<Command> {
    let mut command = Command::new(errand.program);
    command
        .args(["--log-level", "error"])
        .args(["--bind-addr", &errand.listen.to_string()])
        .arg(errand.target.to_string());
    Ok(command)
}

fn websockify(errand: &Errand<'_>) -> Result<Command> {
    let mut command = Command::new(errand.program);
    command
        .arg(errand.listen.to_string())
        .arg(errand.target.to_string());
    Ok(command)
}

fn socat(errand: &Errand<'_>) -> Result<Command> {
    let mut command = Command::new(errand.program);
    let listen = errand.listen;
    command
        .args(["-b", "65536"])
        .arg(format!(
            "TCP4-LISTEN:{},bind={},reuseaddr,fork,nodelay,backlog=1024",
            listen.port(),
            listen.ip()
        ))
        .arg(format!("TCP4:{},nodelay", errand.target));
    Ok(command)
}

fn nginx(errand: &Errand<'_>) -> Result<Command> {
    let Errand { listen, target, .. } = errand;
    let folder = errand.folder.display();
    let settings = format!(
        "load_module {NGINX_STREAM};\n\
         daemon off;\nworker_processes auto;\npid {folder}/pid;\nerror_log {folder}/errors;\n\
         events {{ worker_connections 50000; }}\n\
         stream {{ server {{ listen {listen} backlog=1024; proxy_pass {target}; tcp_nodelay on; }} }}\n"
    );
    let file = errand.folder.join("nginx.conf");
    fs::write(&file, settings).context("nginx.conf")?;
    let mut command = Command::new(errand.program);
    command.arg("-c").arg(file).arg("-p").arg(errand.folder);
    Ok(command)
}
