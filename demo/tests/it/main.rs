//! The demo server over TCP and TLS, with clients that share no code with it.
#![cfg(test)]

mod authentication;
mod client;
mod expected;
mod foreign_clients;
mod limits;
mod messages;
mod protocol;

use std::time::{Duration, SystemTime};

use restante_demo::{Demo, DemoOptions};
use tokio::sync::oneshot;

/// A demo maildrop on free ports, and what ends it.
struct RunningDemo {
    demo: Demo,
    stop: oneshot::Sender<()>,
}

async fn start() -> RunningDemo {
    start_with(options()).await
}

async fn start_with(options: DemoOptions) -> RunningDemo {
    let (stop, stopped) = oneshot::channel();
    // A test that drops its `Running` ends the maildrop too.
    let shutdown = async move { drop(stopped.await) };
    let demo = restante_demo::start(options, shutdown).await.unwrap();
    RunningDemo { demo, stop }
}

fn options() -> DemoOptions {
    DemoOptions {
        tls_port: Some(0),
        stls_port: Some(0),
        // 2026-11-22, a Sunday, at 00:20 UTC.
        now: SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_306_800),
        ..DemoOptions::default()
    }
}
