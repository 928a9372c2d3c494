//! Memory of idle connections, and of connections whose reader has stopped.

use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::figure;
use crate::link::{Link, ReceiveBuffer, Route};
use crate::rates::{download, upload};
use crate::target::{Order, PIECE};
use crate::watch::Group;

/// The number of transfers beside idle connections; their median counts.
const TRANSFERS: usize = 3;

/// The number of connections after which pings on the open ones are answered: opening ten thousand
/// takes long enough for the relay to send some.
const ANSWER_PINGS_EVERY: usize = 2000;

/// Far more bytes than all buffers on the way hold.
const ENDLESS: u64 = 1 << 40;

/// Measures the kilobytes of each connection, fresh and after traffic, and the rate of a transfer beside
/// them.
pub(crate) fn idle(
    route: &Route,
    group: Option<Group>,
    connections: usize,
    traffic: u64,
    bulk: u64,
) -> Result<()> {
    let group = group.context("nothing to watch: --group is missing")?;
    let mut buffer = ReceiveBuffer::new();
    let alone = match bulk {
        0 => None,
        bytes => Some(transfer(route, &mut buffer, bytes)?),
    };
    // Memory that a relay allocates once, at its first connection, must not count.
    drop(route.open()?);
    let before = group.settled_kilobytes()?;
    let each = |now: f64| (now - before) / connections as f64;

    let mut links: Vec<Link> = Vec::with_capacity(connections);
    let begun = Instant::now();
    while links.len() < connections {
        if links.len().is_multiple_of(ANSWER_PINGS_EVERY) {
            answer_pings(&mut links, &mut buffer)?;
        }
        let link = route.open();
        links.push(link.with_context(|| format!("connection {}", links.len() + 1))?);
    }
    figure(
        "opening",
        connections as f64 / begun.elapsed().as_secs_f64(),
    );
    figure("fresh", each(group.settled_kilobytes()?));
    answer_pings(&mut links, &mut buffer)?;

    if let Some(alone) = alone {
        let beside = transfer(route, &mut buffer, bulk)?;
        figure("bulk_alone", alone);
        figure("bulk_beside", beside);
        figure("bulk_kept", beside / alone * 100.0);
        answer_pings(&mut links, &mut buffer)?;
    }

    let pieces = (traffic / 4).div_ceil(PIECE as u64);
    for place in 0..links.len() {
        if place.is_multiple_of(ANSWER_PINGS_EVERY) {
            answer_pings(&mut links, &mut buffer)?;
        }
        let link = links.get_mut(place).context("a link")?;
        download(link, &mut buffer, traffic)?;
        upload(route, link, pieces)?;
    }
    figure("after", each(group.settled_kilobytes()?));
    answer_pings(&mut links, &mut buffer)
}

/// Answers received pings, which also proves that every connection is still open.
fn answer_pings(links: &mut [Link], buffer: &mut ReceiveBuffer) -> Result<()> {
    links
        .iter_mut()
        .try_for_each(|link| link.answer_pings(buffer))
}

/// Returns the median rate, in MB/s, of transfers to the client.
fn transfer(route: &Route, buffer: &mut ReceiveBuffer, bytes: u64) -> Result<f64> {
    let mut rates = Vec::new();
    for _ in 0..TRANSFERS {
        let mut link = route.open()?;
        download(&mut link, buffer, bytes / 8)?;
        let begun = Instant::now();
        download(&mut link, buffer, bytes)?;
        rates.push(bytes as f64 / 1e6 / begun.elapsed().as_secs_f64());
    }
    rates.sort_by(f64::total_cmp);
    rates.get(TRANSFERS / 2).copied().context("a rate")
}

/// Measures the kilobytes of each connection whose client has stopped reading.
pub(crate) fn stalled_client(
    route: &Route,
    group: Option<Group>,
    connections: usize,
) -> Result<()> {
    let stall = |link: &mut Link| link.order(Order::Send, ENDLESS);
    figure("stalled_client", stalled(route, group, connections, stall)?);
    Ok(())
}

/// Measures the kilobytes of each connection whose target has stopped reading.
pub(crate) fn stalled_target(
    route: &Route,
    group: Option<Group>,
    connections: usize,
) -> Result<()> {
    let stall = |link: &mut Link| {
        link.order(Order::Stop, 0)?;
        route.send_until_stuck(link)
    };
    figure("stalled_target", stalled(route, group, connections, stall)?);
    Ok(())
}

fn stalled(
    route: &Route,
    group: Option<Group>,
    connections: usize,
    stall: impl FnMut(&mut Link) -> Result<()>,
) -> Result<f64> {
    let group = group.context("nothing to watch: --group is missing")?;
    drop(route.open()?);
    let before = group.settled_kilobytes()?;
    let links = (0..connections).map(|_| route.open());
    let mut links = links.collect::<Result<Vec<Link>>>()?;
    links.iter_mut().try_for_each(stall)?;
    let after = group.settled_kilobytes()?;
    Ok((after - before) / connections as f64)
}
