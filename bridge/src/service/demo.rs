//! The demo mailbox beside the bridge.

use anyhow::Context;
use restante_bridge::Settings;
use restante_demo::DemoOptions;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Starts the demo server, allows the relay to reach it, and offers it to the page.
///
/// The returned task ends after `stop`.
pub(crate) async fn start(
    settings: &mut Settings,
    stop: &CancellationToken,
) -> anyhow::Result<JoinHandle<()>> {
    let demo = restante_demo::start(DemoOptions::default(), stop.clone().cancelled_owned())
        .await
        .context("cannot start the demo server")?;
    *settings = settings
        .clone()
        .allow_loopback([demo.tls.port(), demo.stls.port()]);
    settings.page.demo = Some(demo.page);
    Ok(demo.task)
}
