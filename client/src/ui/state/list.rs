//! The message list: a window on the engine's list that never holds all of it.
//!
//! Rows are asked for by the chunk, a few at a time, where the reader looks. When messages come or
//! go, the rows in sight are asked for again, and [`List::moved`] tells the view by how much the
//! first of them has moved, so that what the reader looks at stays where it is.

use std::ops::Range;
use std::rc::Rc;

use crate::api::command::EngineCommand;
use crate::api::ids::{MessageId, RequestId};
use crate::api::mail::{MailCommand, MessageQuery, MessageRow};

/// Rows asked for at once.
const CHUNK: u32 = 100;
/// Rows above and below those in sight that are asked for ahead.
const AHEAD: u32 = 30;
/// Chunks kept: twenty screens at the least, and a fraction of a megabyte.
const CHUNKS_KEPT: usize = 40;
/// Chunks asked for at a time, so that a fast scroll does not queue up what nobody sees any more.
const ASKED_AT_ONCE: usize = 2;

/// The message list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// What is listed, or about to be.
    pub query: MessageQuery,
    /// How many messages the query has; absent until the first answer.
    pub total: Option<u32>,
    /// How many messages the search has not looked at yet.
    pub unsearched: u32,
    /// The row that has, or would get, the keyboard's focus.
    pub active: u32,
    /// By how many rows the row first in sight has moved down since the page began.
    pub moved: i64,
    /// How often the active row was to be brought into sight.
    pub reveals: u32,
    /// How often the list has begun again at its top.
    pub restarts: u32,
    /// The chunks that are here, by number, in no order: a handful.
    chunks: Vec<(u32, Rc<[MessageRow]>)>,
    visible: Range<u32>,
    /// The requests under way: a handful.
    asked: Vec<(RequestId, Asked)>,
    refresh: Refresh,
    stuck: bool,
}

/// What a request was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// The rows of one chunk.
    Chunk(u32),
    /// The rows in sight, after a change; `again` if they were not where they were looked for.
    Refresh { again: bool },
}

/// Whether what is held is still true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Refresh {
    /// As far as is known.
    #[default]
    None,
    /// Being asked for.
    Running,
    /// Being asked for, and has changed meanwhile.
    RunningStale,
}

impl List {
    /// The row at a position, if it is here.
    #[must_use]
    pub fn row(&self, index: u32) -> Option<&MessageRow> {
        let number = index / CHUNK;
        let (_, chunk) = self.chunks.iter().find(|(held, _)| *held == number)?;
        chunk.get(usize::try_from(index % CHUNK).ok()?)
    }

    /// The position of a message, if it is among the rows that are here.
    #[must_use]
    pub fn position(&self, id: MessageId) -> Option<u32> {
        self.chunks.iter().find_map(|(number, rows)| {
            let at = rows.iter().position(|row| row.id == id)?;
            Some(number * CHUNK + u32::try_from(at).ok()?)
        })
    }

    /// Whether the rows on screen do not answer the query yet.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.total.is_none() || self.refresh != Refresh::None
    }

    /// Whether the rows are what a search found.
    #[must_use]
    pub fn is_search(&self) -> bool {
        !self.query.search.trim().is_empty()
    }

    /// Lists something else, from its top. The old rows stay until the new ones are here.
    pub(super) fn list(&mut self, query: MessageQuery, next: &mut RequestId) -> Vec<EngineCommand> {
        let visible = 0..(self.visible.end - self.visible.start);
        let old = std::mem::replace(
            self,
            Self {
                query,
                visible,
                restarts: self.restarts + 1,
                ..Self::default()
            },
        );
        self.total = old.total;
        self.chunks = old.chunks;
        self.moved = old.moved;
        self.reveals = old.reveals;
        self.ask_refresh(0, false, next)
    }

    /// Makes a row the active one and brings it into sight.
    pub(super) fn activate(&mut self, index: u32) {
        self.active = index.min(self.total.unwrap_or(0).saturating_sub(1));
        self.reveals += 1;
    }

    /// Takes note of the rows in sight.
    pub(super) fn look(&mut self, visible: Range<u32>, next: &mut RequestId) -> Vec<EngineCommand> {
        if self.visible == visible {
            return Vec::new();
        }
        self.visible = visible;
        self.stuck = false;
        self.ask_missing(next)
    }

    /// Asks again for the rows in sight, since messages came, went or changed.
    pub(super) fn refresh(&mut self, next: &mut RequestId) -> Vec<EngineCommand> {
        match self.refresh {
            Refresh::None => self.ask_refresh(self.visible.start, false, next),
            Refresh::Running | Refresh::RunningStale => {
                self.refresh = Refresh::RunningStale;
                Vec::new()
            }
        }
    }

    /// Shows a message as read or unread before the engine has said so.
    pub(super) fn mark(&mut self, id: MessageId, unread: bool) {
        for (_, rows) in &mut self.chunks {
            if rows.iter().any(|row| row.id == id && row.unread != unread) {
                *rows = rows
                    .iter()
                    .map(|row| MessageRow {
                        unread: if row.id == id { unread } else { row.unread },
                        ..row.clone()
                    })
                    .collect();
            }
        }
    }

    /// Takes rows in; rows that nobody asked for any more are passed over.
    pub(super) fn receive(
        &mut self,
        request: RequestId,
        total: u32,
        offset: u32,
        rows: Vec<MessageRow>,
        next: &mut RequestId,
    ) -> Vec<EngineCommand> {
        match self.take_asked(request) {
            None => Vec::new(),
            Some(Asked::Chunk(number)) => {
                if self.total != Some(total) {
                    return self.refresh(next);
                }
                self.chunks.retain(|(held, _)| *held != number);
                self.chunks.push((number, rows.into()));
                self.ask_missing(next)
            }
            Some(Asked::Refresh { again }) => {
                self.receive_refresh(again, total, offset, rows, next)
            }
        }
    }

    /// Takes note that rows could not be given; they are asked for again when the reader moves on.
    pub(super) fn fail(&mut self, request: RequestId) -> bool {
        let was_asked = self.take_asked(request);
        self.stuck |= was_asked.is_some();
        if matches!(was_asked, Some(Asked::Refresh { .. })) {
            self.refresh = Refresh::None;
        }
        was_asked.is_some()
    }

    fn receive_refresh(
        &mut self,
        again: bool,
        total: u32,
        offset: u32,
        rows: Vec<MessageRow>,
        next: &mut RequestId,
    ) -> Vec<EngineCommand> {
        // At the top of the list new mail pushes down what is there; below it, nothing moves.
        let anchor = match self.visible.start {
            0 => None,
            first => self.row(first).map(|row| row.id),
        };
        let found = anchor.and_then(|id| {
            let at = rows.iter().position(|row| row.id == id)?;
            Some(i64::from(offset) + i64::try_from(at).ok()? - i64::from(self.visible.start))
        });
        if anchor.is_some() && found.is_none() && !again {
            let grown = i64::from(total) - i64::from(self.total.unwrap_or(total));
            let shifted = (i64::from(self.visible.start) + grown).clamp(0, total.into());
            return self.ask_refresh(u32::try_from(shifted).unwrap_or(0), true, next);
        }
        let focused = self.row(self.active).map(|row| row.id);
        let by = found.unwrap_or(0);
        let moved = |index: u32| {
            let last = i64::from(total.saturating_sub(1)).max(0);
            u32::try_from((i64::from(index) + by).clamp(0, last)).unwrap_or(0)
        };
        let visible = moved(self.visible.start)..moved(self.visible.end.saturating_sub(1)) + 1;
        self.total = Some(total);
        self.moved += by;
        self.active = moved(self.active);
        self.visible = visible;
        self.chunks.clear();
        let chunks = rows.chunks(CHUNK as usize).map(Rc::from);
        self.chunks.extend((offset / CHUNK..).zip(chunks));
        if let Some(at) = focused.and_then(|id| self.position(id)) {
            self.active = at;
        }
        let stale = self.refresh == Refresh::RunningStale;
        self.refresh = Refresh::None;
        self.stuck = false;
        let mut commands = self.ask_missing(next);
        if stale {
            commands.extend(self.refresh(next));
        }
        commands
    }

    fn ask_refresh(
        &mut self,
        around: u32,
        again: bool,
        next: &mut RequestId,
    ) -> Vec<EngineCommand> {
        self.refresh = match self.refresh {
            Refresh::RunningStale => Refresh::RunningStale,
            Refresh::None | Refresh::Running => Refresh::Running,
        };
        // A chunk before and two after: the anchor is found though some forty rows came or went.
        let offset = (around / CHUNK).saturating_sub(1) * CHUNK;
        // Chunks asked for before the change may hold what is not true any more.
        self.asked.clear();
        vec![self.ask(Asked::Refresh { again }, offset, 4 * CHUNK, next)]
    }

    fn ask_missing(&mut self, next: &mut RequestId) -> Vec<EngineCommand> {
        let mut commands = Vec::new();
        let Some(total) = self.total.filter(|total| *total > 0 && !self.stuck) else {
            return commands;
        };
        if self.refresh != Refresh::None {
            return commands;
        }
        let first = self.visible.start.saturating_sub(AHEAD) / CHUNK;
        let last = (self.visible.end + AHEAD).min(total).saturating_sub(1) / CHUNK;
        for number in first..=last {
            let known = self.chunks.iter().any(|(held, _)| *held == number)
                || self.asked.iter().any(|(_, a)| *a == Asked::Chunk(number));
            if !known && self.asked.len() < ASKED_AT_ONCE {
                commands.push(self.ask(Asked::Chunk(number), number * CHUNK, CHUNK, next));
            }
        }
        self.drop_far_chunks();
        commands
    }

    fn take_asked(&mut self, request: RequestId) -> Option<Asked> {
        let at = self.asked.iter().position(|(asked, _)| *asked == request)?;
        Some(self.asked.swap_remove(at).1)
    }

    fn drop_far_chunks(&mut self) {
        let here = self.visible.start / CHUNK;
        while self.chunks.len() > CHUNKS_KEPT {
            let chunks = self.chunks.iter().enumerate();
            let farthest = chunks.max_by_key(|(_, (number, _))| number.abs_diff(here));
            let Some((at, _)) = farthest else { return };
            self.chunks.swap_remove(at);
        }
    }

    fn ask(&mut self, what: Asked, offset: u32, limit: u32, next: &mut RequestId) -> EngineCommand {
        *next += 1;
        self.asked.push((*next, what));
        EngineCommand::Mail(MailCommand::List {
            request: *next,
            query: self.query.clone(),
            offset,
            limit,
        })
    }
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
