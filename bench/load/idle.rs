//! How large: memory of connections that carry nothing, and of those whose reader has stopped.

use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::figure;
use crate::link::{Link, Room, Way};
use crate::rates::{download, upload};
use crate::target::{Order, PIECE};
use crate::watch::Group;

/// How often the transfer beside idle connections is made; its median counts.
const TRANSFERS: usize = 3;

/// After so many connections, those that are open are asked whether a ping has come: ten thousand
/// take long enough for that.
const TEND_EVERY: usize = 2000;

/// Far more than all buffers in between hold.
const ENDLESS: u64 = 1 << 40;

/// Kilobytes for each connection, fresh and after traffic, and what is left of a transfer's rate
/// beside them.
pub(crate) fn idle(
    way: &Way,
    group: Option<Group>,
    connections: usize,
    traffic: u64,
    bulk: u64,
) -> Result<()> {
    let group = group.context("nothing to watch: --group is missing")?;
    let mut room = Room::new();
    let alone = match bulk {
        0 => None,
        octets => Some(transfer(way, &mut room, octets)?),
    };
    // Whatever is made once, at the first connection, is none of the connections'.
    drop(way.open()?);
    let before = group.settled_kilobytes()?;
    let each = |now: f64| (now - before) / connections as f64;

    let mut links: Vec<Link> = Vec::with_capacity(connections);
    let begun = Instant::now();
    while links.len() < connections {
        if links.len().is_multiple_of(TEND_EVERY) {
            tend(&mut links, &mut room)?;
        }
        let link = way.open();
        links.push(link.with_context(|| format!("connection {}", links.len() + 1))?);
    }
    figure(
        "opening",
        connections as f64 / begun.elapsed().as_secs_f64(),
    );
    figure("fresh", each(group.settled_kilobytes()?));
    tend(&mut links, &mut room)?;

    if let Some(alone) = alone {
        let beside = transfer(way, &mut room, bulk)?;
        figure("bulk_alone", alone);
        figure("bulk_beside", beside);
        figure("bulk_kept", beside / alone * 100.0);
        tend(&mut links, &mut room)?;
    }

    let pieces = (traffic / 4).div_ceil(PIECE as u64);
    for place in 0..links.len() {
        if place.is_multiple_of(TEND_EVERY) {
            tend(&mut links, &mut room)?;
        }
        let link = links.get_mut(place).context("a link")?;
        download(link, &mut room, traffic)?;
        upload(way, link, pieces)?;
    }
    figure("after", each(group.settled_kilobytes()?));
    tend(&mut links, &mut room)
}

/// Answers what pings have come, and so sees that every connection is still there.
fn tend(links: &mut [Link], room: &mut Room) -> Result<()> {
    links.iter_mut().try_for_each(|link| link.tend(room))
}

/// The median rate, in MB/s, of transfers to the client.
fn transfer(way: &Way, room: &mut Room, octets: u64) -> Result<f64> {
    let mut rates = Vec::new();
    for _ in 0..TRANSFERS {
        let mut link = way.open()?;
        download(&mut link, room, octets / 8)?;
        let begun = Instant::now();
        download(&mut link, room, octets)?;
        rates.push(octets as f64 / 1e6 / begun.elapsed().as_secs_f64());
    }
    rates.sort_by(f64::total_cmp);
    rates.get(TRANSFERS / 2).copied().context("a rate")
}

/// Kilobytes for each connection whose client does not read any more.
pub(crate) fn stalled_client(way: &Way, group: Option<Group>, connections: usize) -> Result<()> {
    let stall = |link: &mut Link| link.order(Order::Send, ENDLESS);
    figure("stalled_client", stalled(way, group, connections, stall)?);
    Ok(())
}

/// Kilobytes for each connection whose target does not read any more.
pub(crate) fn stalled_target(way: &Way, group: Option<Group>, connections: usize) -> Result<()> {
    let stall = |link: &mut Link| {
        link.order(Order::Stop, 0)?;
        way.send_until_stuck(link)
    };
    figure("stalled_target", stalled(way, group, connections, stall)?);
    Ok(())
}

fn stalled(
    way: &Way,
    group: Option<Group>,
    connections: usize,
    stall: impl FnMut(&mut Link) -> Result<()>,
) -> Result<f64> {
    let group = group.context("nothing to watch: --group is missing")?;
    drop(way.open()?);
    let before = group.settled_kilobytes()?;
    let links = (0..connections).map(|_| way.open());
    let mut links = links.collect::<Result<Vec<Link>>>()?;
    links.iter_mut().try_for_each(stall)?;
    let after = group.settled_kilobytes()?;
    Ok((after - before) / connections as f64)
}
