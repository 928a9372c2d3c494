//! The load program: `cargo xtask bench bridge` runs it to load each relay and to watch it.
//!
//! `relay-load target` is the server that the relays connect to. The other commands are its clients:
//! they connect through one relay, by WebSocket or by plain TCP, and print a line `NAME NUMBER` for each
//! figure. All I/O blocks, with a thread for each parallel activity: no runtime between a client and its
//! socket can be the bottleneck.

#![expect(
    clippy::print_stdout,
    reason = "the figures are what this program is for"
)]

mod frame;
mod idle;
mod link;
mod rates;
mod target;
mod watch;

use std::net::SocketAddr;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use link::Route;
use watch::Group;

/// Loads a relay and watches it.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves on a free port of 127.0.0.1, whose number it prints, until it is killed.
    Target,
    /// Checks that a relay does not alter the data.
    Verify(RelayArguments),
    /// Measures throughput and processor time of both directions.
    Flow {
        #[command(flatten)]
        relay: RelayArguments,
        /// The bytes of each transfer.
        #[arg(long)]
        bytes: u64,
    },
    /// Measures round trips of 64 bytes, the time to the first byte, and connections a second.
    Latency {
        #[command(flatten)]
        relay: RelayArguments,
        /// The number of round trips.
        #[arg(long)]
        rounds: u32,
        /// The number of connections that are opened.
        #[arg(long)]
        opens: u32,
    },
    /// Measures memory of idle connections, fresh and after traffic, and a transfer beside them.
    Idle {
        #[command(flatten)]
        crowd: Crowd,
        /// The bytes that each connection carries to the client before "after traffic" is measured;
        /// a quarter of them go the other way.
        #[arg(long)]
        traffic: u64,
        /// The bytes of the transfer beside them, or 0 for none.
        #[arg(long)]
        bulk: u64,
    },
    /// Measures memory of connections whose client has stopped reading.
    StalledClient(Crowd),
    /// Measures memory of connections whose target has stopped reading.
    StalledTarget(Crowd),
}

/// Connections through a relay.
#[derive(Args)]
struct Crowd {
    #[command(flatten)]
    relay: RelayArguments,
    /// The number of connections.
    #[arg(long)]
    connections: usize,
}

/// The relay, and its protocol.
#[derive(Args)]
struct RelayArguments {
    /// The relay's address.
    #[arg(long)]
    address: SocketAddr,
    /// The path to request, for a WebSocket.
    #[arg(long)]
    path: Option<String>,
    /// The subprotocols to offer.
    #[arg(long, requires = "path")]
    subprotocol: Option<String>,
    /// The process group of the relay to watch, if any.
    #[arg(long)]
    group: Option<u32>,
}

impl RelayArguments {
    fn route(&self) -> Route {
        Route::new(
            self.address,
            self.path.as_deref(),
            self.subprotocol.as_deref(),
        )
    }

    fn group(&self) -> Option<Group> {
        self.group.map(Group::new)
    }
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Target => target::serve(),
        Command::Verify(relay) => rates::verify(&relay.route()),
        Command::Flow { relay, bytes } => rates::flow(&relay.route(), relay.group(), bytes),
        Command::Latency {
            relay,
            rounds,
            opens,
        } => rates::latency(&relay.route(), rounds, opens),
        Command::Idle {
            crowd: Crowd { relay, connections },
            traffic,
            bulk,
        } => idle::idle(&relay.route(), relay.group(), connections, traffic, bulk),
        Command::StalledClient(Crowd { relay, connections }) => {
            idle::stalled_client(&relay.route(), relay.group(), connections)
        }
        Command::StalledTarget(Crowd { relay, connections }) => {
            idle::stalled_target(&relay.route(), relay.group(), connections)
        }
    }
}

/// Prints a figure.
fn figure(name: &str, value: f64) {
    println!("{name} {value}");
}
