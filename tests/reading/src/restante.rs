//! The native reader of Restante: the code that the engine runs in the browser.

use anyhow::{Result, anyhow};
use futures::executor::block_on;
use restante_client::api::mail::{Address, Body, MessageQuery};
use restante_client::api::problem::Problem;
use restante_client::clock::SystemClock;
use restante_client::engine::sink::Delivery as _;
use restante_client::engine::store::Store;
use restante_client::engine::store::index::IndexPlace;
use restante_client::engine::store::spool::MemoryFiles;

use super::expectation::Expectation;
use super::reading::{ReadFile, Reading, sha256};

/// Stores a message, opens it and searches for it.
///
/// # Errors
/// If the store fails.
pub fn restante(octets: &[u8], expected: &Expectation) -> Result<Reading> {
    block_on(read(octets, expected)).map_err(|problem| anyhow!("{problem:?}"))
}

async fn read(octets: &[u8], expected: &Expectation) -> Result<Reading, Problem> {
    let (mut store, _) =
        Store::open(MemoryFiles::default(), IndexPlace::Memory, SystemClock).await?;
    let mailbox = store.add_mailbox().await?;
    let mut incoming = store.begin(mailbox, Some("1")).await?;
    store.push(&mut incoming, octets).await?;
    let id = store.finish(incoming).await?;
    store.commit().await?;
    while store.make_searchable().await? {}
    let (_, rows) = store.rows(&MessageQuery::default(), 0, 1).await?;
    let message = store.open_message(id, false).await?;
    let mut files = Vec::new();
    for listed in message.attachments {
        let octets = store.attachment(id, listed.part).await?;
        files.push(ReadFile {
            name: listed.name,
            sha: sha256(&octets),
        });
    }
    let mut found = Vec::new();
    for (search, _) in &expected.search {
        let query = MessageQuery {
            search: search.clone(),
            ..MessageQuery::default()
        };
        let (hits, _) = store.rows(&query, 0, 1).await?;
        found.push((search.clone(), hits > 0));
    }
    // The card of an event is shown above the text.
    let event = message.event.map_or_else(String::new, |event| {
        let people: Vec<_> = event.people.iter().map(shown).collect();
        format!(
            "{}\n{}\n{}\n",
            event.summary,
            event.place,
            people.join(", ")
        )
    });
    let (texts, html) = match message.body {
        Body::Text { text } => (vec![event + &text], Vec::new()),
        Body::Html { html, .. } => (Vec::new(), vec![html]),
    };
    let drawn = |html: &String| html.matches("src=\"data:image/").count();
    Ok(Reading {
        subject: message.subject,
        from: message.from.iter().map(shown).collect(),
        to: message.to.iter().map(shown).collect(),
        images: Some(html.iter().map(drawn).sum()),
        texts,
        html,
        files,
        date: Some(message.date),
        snippet: rows.into_iter().next().map(|row| row.snippet),
        found,
    })
}

fn shown(address: &Address) -> String {
    match (address.name.as_str(), address.address.as_str()) {
        ("", address) => format!("<{address}>"),
        (name, "") => name.to_owned(),
        (name, address) => format!("{name} <{address}>"),
    }
}
