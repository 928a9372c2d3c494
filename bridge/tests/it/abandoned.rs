//! A client that stops reading leaves no data in the bridge or in the kernel.
#![cfg(target_os = "linux")]

use std::time::Duration;

use restante_bridge::Settings;
use restante_bridge::limits::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::tls::secure_settings;
use crate::tls_client::open_relay;
use crate::wire::queues;
use crate::world::{TestBridge, TestTarget, bytes, within};

fn limits() -> Limits {
    Limits {
        ping_interval: Duration::from_millis(200),
        close_time: Duration::from_millis(200),
        ..Limits::default()
    }
}

#[tokio::test]
async fn the_kernel_drops_the_data_of_a_client_whose_target_has_closed() {
    let target = TestTarget::start().await;
    let settings = Settings {
        limits: limits(),
        ..Settings::default()
    };
    let bridge = TestBridge::start(settings.allow_loopback([target.port])).await;
    let client = bridge.open("127.0.0.1", target.port).await;
    let here = client.socket.get_ref().local_addr().unwrap();
    let mut server = target.accept().await;
    // More than the kernel of a client that does not read accepts, and less than the bridge's does.
    let mut size = 0;
    while queues(bridge.address, here).unwrap().0 == 0 {
        server.write_all(&bytes(256 * 1024)).await.unwrap();
        size += 256 * 1024;
        tokio::task::yield_now().await;
    }
    drop(server);
    within(async {
        while queues(bridge.address, here).is_some() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    assert!(size > 0);
}

#[tokio::test]
async fn a_tls_client_that_stops_reading_is_reset_and_its_target_freed() {
    let target = TestTarget::start().await;
    let (settings, roots) = secure_settings();
    let settings = Settings {
        limits: limits(),
        ..settings
    };
    let bridge = TestBridge::start(settings.allow_loopback([target.port])).await;
    let mut client = open_relay(&bridge, &roots, target.port).await;
    let mut server = target.accept().await;
    let chunk = bytes(64 * 1024);
    within(async { while server.write_all(&chunk).await.is_ok() {} }).await;
    // A reset makes the kernel drop the data in flight; an orderly end would follow it.
    let (stream, _) = client.get_mut().get_mut();
    let mut rest = Vec::new();
    let ended = within(stream.read_to_end(&mut rest)).await;
    assert_eq!(
        ended.unwrap_err().kind(),
        std::io::ErrorKind::ConnectionReset
    );
}
