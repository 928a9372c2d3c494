//! Throughput with processor time, and latency.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use crate::figure;
use crate::link::{Link, ReceiveBuffer, Route};
use crate::target::{Order, PIECE, is_at};
use crate::watch::Group;

/// The part of a transfer that precedes the measurement, in which buffers and windows grow.
const WARM_UP: u64 = 8;

/// The message of a round trip.
const SMALL: [u8; 64] = [b'.'; 64];

/// The number of round trips before the measurement.
const FIRST: u32 = 200;

/// The number of threads that open connections.
const OPENERS: u32 = 4;

/// Fails if a relay alters the data.
pub(crate) fn verify(route: &Route) -> Result<()> {
    let mut buffer = ReceiveBuffer::new();
    let mut link = route.open()?;
    let bytes = 5_000_011;
    link.order(Order::Send, bytes)?;
    link.receive(&mut buffer, bytes, |place, bytes| {
        match is_at(place, bytes) {
            true => Ok(()),
            false => bail!("the relay altered the data"),
        }
    })?;
    let pieces = 20;
    link.order(Order::Check, pieces * PIECE as u64)?;
    route.send_pieces(&mut link, pieces)?;
    link.expect_greeting()?;
    link.order(Order::Echo, SMALL.len() as u64)?;
    link.send(&SMALL)?;
    link.discard(&mut buffer, SMALL.len() as u64)
}

/// Measures throughput and processor time of both directions.
pub(crate) fn flow(route: &Route, group: Option<Group>, bytes: u64) -> Result<()> {
    let pieces = bytes.div_ceil(PIECE as u64);
    let bytes = pieces * PIECE as u64;

    let mut buffer = ReceiveBuffer::new();
    let mut link = route.open()?;
    download(&mut link, &mut buffer, bytes / WARM_UP)?;
    let begun = Begun::now(group)?;
    download(&mut link, &mut buffer, bytes)?;
    begun.print("down", bytes)?;
    drop(link);

    let mut link = route.open()?;
    upload(route, &mut link, pieces / WARM_UP)?;
    let begun = Begun::now(group)?;
    upload(route, &mut link, pieces)?;
    begun.print("up", bytes)
}

/// Requests bytes from the target, and receives them.
pub(crate) fn download(link: &mut Link, buffer: &mut ReceiveBuffer, bytes: u64) -> Result<()> {
    link.order(Order::Send, bytes)?;
    link.discard(buffer, bytes)
}

/// Sends bytes, and waits until the target has received them.
pub(crate) fn upload(route: &Route, link: &mut Link, pieces: u64) -> Result<()> {
    link.order(Order::Take, pieces * PIECE as u64)?;
    route.send_pieces(link, pieces)?;
    link.expect_greeting()
}

/// The beginning of a measured transfer.
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

    fn print(self, name: &str, bytes: u64) -> Result<()> {
        let seconds = self.at.elapsed().as_secs_f64();
        let processor = processor(self.group)? - self.processor;
        figure(&format!("{name}_rate"), bytes as f64 / 1e6 / seconds);
        if self.group.is_some() {
            figure(&format!("{name}_cpu"), processor / (bytes as f64 / 1e9));
        }
        Ok(())
    }
}

fn processor(group: Option<Group>) -> Result<f64> {
    group.map_or(Ok(0.0), Group::processor_seconds)
}

/// Measures latency in microseconds, and connections a second.
pub(crate) fn latency(route: &Route, rounds: u32, opens: u32) -> Result<()> {
    let mut buffer = ReceiveBuffer::small();
    let mut link = route.open()?;
    link.order(Order::Echo, u64::from(FIRST + rounds) * SMALL.len() as u64)?;
    let mut ping_pong = || -> Result<Duration> {
        let begun = Instant::now();
        link.send(&SMALL)?;
        link.discard(&mut buffer, SMALL.len() as u64)?;
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

    // One after the other: from before the connection until the target's first byte.
    let first_byte = |_| -> Result<Duration> {
        let begun = Instant::now();
        route.open()?;
        Ok(begun.elapsed())
    };
    let times = (0..opens / 10).map(first_byte).collect::<Result<_>>()?;
    figure("first_byte", at(&sorted(times), 0.50));

    let begun = Instant::now();
    thread::scope(|scope| {
        let opener = || (0..opens / OPENERS).try_for_each(|_| route.open().map(drop));
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

/// Returns the time, in microseconds, that this part of the times does not exceed.
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
