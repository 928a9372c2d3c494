//! A real bridge on a port of its own, which runs as long as the test's runtime.

use std::future::pending;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use futures::future::BoxFuture;
use restante_bridge::Settings;
use restante_bridge::policy::{Policy, Rule};
use restante_bridge::resolve::{Resolve, SystemResolver};
use restante_shared::relay::{Host, Target};
use tokio::net::TcpListener;

/// A name that the bridge's resolver does not know. It asks no name server.
pub(crate) const UNKNOWN_HOST: &str = "nowhere.invalid";

/// Starts a bridge that may dial these ports of this machine, and the unknown host. Returns the
/// address of its relay.
pub(crate) async fn start(ports: impl IntoIterator<Item = u16>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let unknown = Target::new(UNKNOWN_HOST, 110).unwrap();
    let settings = Settings {
        policy: Policy::default().allow(Rule::new(unknown)),
        resolver: Arc::new(Resolver),
        ..Settings::default()
    }
    .allow_loopback(ports);
    tokio::spawn(restante_bridge::run(listener, settings, pending()));
    format!("ws://{address}/relay")
}

struct Resolver;

impl Resolve for Resolver {
    fn resolve<'a>(&'a self, host: &'a Host) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        match host.as_str() {
            UNKNOWN_HOST => Box::pin(async { Ok(Vec::new()) }),
            _ => SystemResolver.resolve(host),
        }
    }
}
