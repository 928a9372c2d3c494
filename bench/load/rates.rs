//! How fast: throughput with processor time, and latency.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use crate::figure;
use crate::link::{Link, Room, Way};
use crate::target::{Order, PIECE, is_at};
use crate::watch::Group;

/// The part of a transfer that comes before it is timed: buffers grow, and windows open.
const WARM_UP: u64 = 8;

/// What goes to and fro.
const SMALL: [u8; 64] = [b'.'; 64];

/// How often 64 octets go to and fro before it is timed.
const FIRST: u32 = 200;

/// How many open connections at the same time.
const OPENERS: u32 = 4;

/// Fails where a relay alters what it carries.
pub(crate) fn verify(way: &Way) -> Result<()> {
    let mut room = Room::new();
    let mut link = way.open()?;
    let octets = 5_000_011;
    link.order(Order::Send, octets)?;
    link.receive(&mut room, octets, |place, octets| {
        match is_at(place, octets) {
            true => Ok(()),
            false => bail!("other octets came than were sent"),
        }
    })?;
    let pieces = 20;
    link.order(Order::Check, pieces * PIECE as u64)?;
    way.send_pieces(&mut link, pieces)?;
    link.expect_greeting()?;
    link.order(Order::Echo, SMALL.len() as u64)?;
    link.send(&SMALL)?;
    link.discard(&mut room, SMALL.len() as u64)
}

/// Throughput and processor time of both directions.
pub(crate) fn flow(way: &Way, group: Option<Group>, octets: u64) -> Result<()> {
    let pieces = octets.div_ceil(PIECE as u64);
    let octets = pieces * PIECE as u64;

    let mut room = Room::new();
    let mut link = way.open()?;
    download(&mut link, &mut room, octets / WARM_UP)?;
    let begun = Begun::now(group)?;
    download(&mut link, &mut room, octets)?;
    begun.print("down", octets)?;
    drop(link);

    let mut link = way.open()?;
    upload(way, &mut link, pieces / WARM_UP)?;
    let begun = Begun::now(group)?;
    upload(way, &mut link, pieces)?;
    begun.print("up", octets)
}

/// Has the target send, and takes it all.
pub(crate) fn download(link: &mut Link, room: &mut Room, octets: u64) -> Result<()> {
    link.order(Order::Send, octets)?;
    link.discard(room, octets)
}

/// Sends, and waits until the target has it all.
pub(crate) fn upload(way: &Way, link: &mut Link, pieces: u64) -> Result<()> {
    link.order(Order::Take, pieces * PIECE as u64)?;
    way.send_pieces(link, pieces)?;
    link.expect_greeting()
}

/// A moment from which on a transfer is measured.
struct Begun {
    at: Instant,
    group: Option<Group>,
    processor: f64,
}

impl Begun {
    fn now(group: Option<Group>) -> Result<Self> {
        Ok(Self {
            processor: processor(group)?,
            group,
            at: Instant::now(),
        })
    }

    fn print(self, name: &str, octets: u64) -> Result<()> {
        let seconds = self.at.elapsed().as_secs_f64();
        let processor = processor(self.group)? - self.processor;
        figure(&format!("{name}_rate"), octets as f64 / 1e6 / seconds);
        if self.group.is_some() {
            figure(&format!("{name}_cpu"), processor / (octets as f64 / 1e9));
        }
        Ok(())
    }
}

fn processor(group: Option<Group>) -> Result<f64> {
    group.map_or(Ok(0.0), Group::processor_seconds)
}

/// Latency in microseconds, and connections a second.
pub(crate) fn latency(way: &Way, rounds: u32, opens: u32) -> Result<()> {
    let mut room = Room::small();
    let mut link = way.open()?;
    link.order(Order::Echo, u64::from(FIRST + rounds) * SMALL.len() as u64)?;
    let mut ping_pong = || -> Result<Duration> {
        let begun = Instant::now();
        link.send(&SMALL)?;
        link.discard(&mut room, SMALL.len() as u64)?;
        Ok(begun.elapsed())
    };
    for _ in 0..FIRST {
        ping_pong()?;
    }
    let times = (0..rounds).map(|_| ping_pong()).collect::<Result<_>>()?;
    let times = sorted(times);
    figure("p50", at(&times, 0.50));
    figure("p99", at(&times, 0.99));
    drop(link);

    // One after the other: from before the connection until the target's first octet.
    let first_octet = |_| -> Result<Duration> {
        let begun = Instant::now();
        way.open()?;
        Ok(begun.elapsed())
    };
    let times = (0..opens / 10).map(first_octet).collect::<Result<_>>()?;
    figure("first_octet", at(&sorted(times), 0.50));

    let begun = Instant::now();
    thread::scope(|scope| {
        let opener = || (0..opens / OPENERS).try_for_each(|_| way.open().map(drop));
        let openers: Vec<_> = (0..OPENERS).map(|_| scope.spawn(opener)).collect();
        openers
            .into_iter()
            .try_for_each(|opener| opener.join().map_err(|_| anyhow!("a thread panicked"))?)
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    figure("opens", f64::from(opens / OPENERS * OPENERS) / seconds);
    Ok(())
}

fn sorted(mut times: Vec<Duration>) -> Vec<Duration> {
    times.sort();
    times
}

/// The time, in microseconds, that this part of the times does not exceed.
fn at(sorted: &[Duration], part: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list"
    )]
    let place = (last as f64 * part).round() as usize;
    sorted
        .get(place)
        .map_or(0.0, |time| time.as_secs_f64() * 1e6)
}
