//! Thousands of short connections leave no memory, descriptors or permits behind.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use tokio::io::AsyncWriteExt;

use crate::wire::{asks, connect_from};
use crate::world::within;

/// The most connections of the bridge.
const MOST: usize = 8;

/// A bridge in its own process, which is killed when dropped.
struct BridgeProcess {
    child: Child,
    address: SocketAddr,
}

impl BridgeProcess {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_restante-bridge"))
            .args(["--listen", "127.0.0.1:0", "--log", "error"])
            .args(["--max-connections", &MOST.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("Restante: http://").unwrap();
        let address = address.strip_suffix('/').unwrap().parse().unwrap();
        Self { child, address }
    }

    fn descriptors(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.child.id());
        fs::read_dir(folder).unwrap().count()
    }

    /// Returns the resident memory in KiB.
    fn resident(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let count = line.unwrap().split_ascii_whitespace().nth(1);
        count.unwrap().parse().unwrap()
    }

    /// Opens and ends `count` connections, in every way, from many clients.
    async fn churn(&self, count: usize) {
        for number in 0..count {
            let client = format!("127.0.{}.{}", number / 200 % 200 + 1, number % 200 + 1);
            let mut stream = connect_from(&client, self.address).await;
            match number % 4 {
                0 => {}
                1 => stream.write_all(b"GET / HTTP/1.1\r\nHo").await.unwrap(),
                2 => assert!(asks(&mut stream).await),
                _ => stream.set_zero_linger().unwrap(),
            }
        }
    }

    /// Waits until no more than `count` descriptors are open.
    async fn settle(&self, count: usize) {
        within(async {
            while self.descriptors() > count {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

impl Drop for BridgeProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn thousands_of_connections_leave_no_resources_in_use() {
    let bridge = BridgeProcess::start();
    let descriptors = bridge.descriptors();
    bridge.churn(2000).await;
    bridge.settle(descriptors).await;
    let resident = bridge.resident();
    bridge.churn(6000).await;
    bridge.settle(descriptors).await;
    let grown = bridge.resident().saturating_sub(resident);
    assert!(grown < 1024, "{grown} KiB");
    let mut held = Vec::new();
    for _ in 0..MOST {
        let mut stream = connect_from("127.0.0.1", bridge.address).await;
        assert!(asks(&mut stream).await);
        held.push(stream);
    }
}
