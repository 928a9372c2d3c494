//! What loads a relay and watches it: `cargo xtask bench bridge` runs this beside each of them.
//!
//! `relay-load target` is the server behind the relays. The other commands are its clients: they go
//! through one relay, by WebSocket or by plain TCP, and print a line `NAME NUMBER` for each figure.
//! Everything blocks, with a thread for whatever has to happen at the same time: nothing stands
//! between a client and its socket that could be the bottleneck.

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

use link::Way;
use watch::Group;

/// Loads a relay and watches it.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves on a free port of 127.0.0.1, whose number it prints, until it is ended.
    Target,
    /// Checks that a relay alters nothing.
    Verify(Relay),
    /// Throughput and processor time of both directions.
    Flow {
        #[command(flatten)]
        relay: Relay,
        /// Octets of each transfer.
        #[arg(long)]
        octets: u64,
    },
    /// Latency: 64 octets to and fro, first octet after connecting, connections a second.
    Latency {
        #[command(flatten)]
        relay: Relay,
        /// How often 64 octets go to and fro.
        #[arg(long)]
        rounds: u32,
        /// How many connections are opened.
        #[arg(long)]
        opens: u32,
    },
    /// Memory of idle connections, fresh and after traffic, and a transfer beside them.
    Idle {
        #[command(flatten)]
        crowd: Crowd,
        /// What each has carried, to the client, before it is called "after traffic"; a quarter of
        /// it goes the other way.
        #[arg(long)]
        traffic: u64,
        /// Octets of the transfer beside them; none is made where this is 0.
        #[arg(long)]
        bulk: u64,
    },
    /// Memory of connections whose client does not read any more.
    StalledClient(Crowd),
    /// Memory of connections whose target does not read any more.
    StalledTarget(Crowd),
}

/// Connections through a relay.
#[derive(Args)]
struct Crowd {
    #[command(flatten)]
    relay: Relay,
    /// How many.
    #[arg(long)]
    connections: usize,
}

/// The relay, and how it is spoken to.
#[derive(Args)]
struct Relay {
    /// Where it listens.
    #[arg(long)]
    address: SocketAddr,
    /// The path to ask for, where it is a WebSocket.
    #[arg(long)]
    path: Option<String>,
    /// The subprotocols to offer.
    #[arg(long, requires = "path")]
    subprotocol: Option<String>,
    /// The process group of the relay; where there is none, nothing is watched.
    #[arg(long)]
    group: Option<u32>,
}

impl Relay {
    fn way(&self) -> Way {
        Way::new(
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
        Command::Verify(relay) => rates::verify(&relay.way()),
        Command::Flow { relay, octets } => rates::flow(&relay.way(), relay.group(), octets),
        Command::Latency {
            relay,
            rounds,
            opens,
        } => rates::latency(&relay.way(), rounds, opens),
        Command::Idle {
            crowd: Crowd { relay, connections },
            traffic,
            bulk,
        } => idle::idle(&relay.way(), relay.group(), connections, traffic, bulk),
        Command::StalledClient(Crowd { relay, connections }) => {
            idle::stalled_client(&relay.way(), relay.group(), connections)
        }
        Command::StalledTarget(Crowd { relay, connections }) => {
            idle::stalled_target(&relay.way(), relay.group(), connections)
        }
    }
}

/// Prints a figure.
fn figure(name: &str, value: f64) {
    println!("{name} {value}");
}
