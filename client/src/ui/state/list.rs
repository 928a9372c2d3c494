//! The message list: a window on the engine's list that never holds all of it.
//!
//! Rows are requested in chunks, a few at a time, around the visible ones. When messages are added or
//! removed, the visible rows are requested again, and [`ListState::moved`] reports by how much the
//! first of them has moved, so that the view can keep them in place.

use std::ops::Range;
use std::rc::Rc;

use crate::api::command::EngineCommand;
use crate::api::ids::{MessageId, RequestId};
use crate::api::mail::{MailCommand, MessageQuery, MessageRow};

/// The number of rows in a chunk.
const CHUNK: u32 = 100;
/// The number of rows above and below the visible ones that are requested ahead.
const AHEAD: u32 = 30;
/// The maximum number of chunks held: at least twenty screens, and a fraction of a megabyte.
const MAX_CHUNKS: usize = 40;
/// The maximum number of pending chunks. It keeps a fast scroll from queueing rows that are no
/// longer visible.
const MAX_PENDING: usize = 2;

/// The message list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListState {
    /// The query of the rows shown or requested.
    pub query: MessageQuery,
    /// The number of messages that match the query; absent until the first answer.
    pub total: Option<u32>,
    /// The number of messages that could not be searched yet.
    pub unsearched: u32,
    /// The number of messages whose text is too long to be searched to its end.
    pub cut: u32,
    /// The row that has the keyboard focus, or gets it when the list is focused.
    pub active: u32,
    /// The number of rows by which the first visible row has moved down since the page started.
    pub moved: i64,
    /// The number of requests to scroll the active row into view.
    pub reveals: u32,
    /// The number of times that the list has restarted at its top.
    pub restarts: u32,
    /// The loaded chunks with their numbers, unordered: a handful.
    chunks: Vec<(u32, Rc<[MessageRow]>)>,
    visible: Range<u32>,
    /// The pending requests: a handful.
    pending: Vec<(RequestId, ListRequest)>,
    refresh: Refresh,
    stuck: bool,
}

/// The purpose of a pending request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ListRequest {
    /// The rows of one chunk.
    Chunk(u32),
    /// The visible rows, after a change; `again` if they were not found at the first try.
    Refresh { again: bool },
}

/// The state of a refresh of the loaded rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Refresh {
    /// No refresh is running.
    #[default]
    None,
    /// A refresh is running.
    Running,
    /// A refresh is running, and the messages have changed since it was requested.
    RunningStale,
}

impl ListState {
    /// Returns the row at a position, if it is loaded.
    #[must_use]
    pub fn row(&self, index: u32) -> Option<&MessageRow> {
        let number = index / CHUNK;
        let (_, chunk) = self.chunks.iter().find(|(held, _)| *held == number)?;
        chunk.get(usize::try_from(index % CHUNK).ok()?)
    }

    /// Returns the position of a message, if its row is loaded.
    #[must_use]
    pub fn position(&self, id: MessageId) -> Option<u32> {
        self.chunks.iter().find_map(|(number, rows)| {
            let at = rows.iter().position(|row| row.id == id)?;
            Some(number * CHUNK + u32::try_from(at).ok()?)
        })
    }

    /// True while the rows shown are not those of the query.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.total.is_none() || self.refresh != Refresh::None
    }

    /// True if the rows are the result of a search.
    #[must_use]
    pub fn is_search(&self) -> bool {
        !self.query.search.trim().is_empty()
    }

    /// Lists the result of a query from its top. The old rows stay until the new ones have loaded.
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
        self.request_refresh(0, false, next)
    }

    /// Makes a row the active one and scrolls it into view.
    pub(super) fn activate(&mut self, index: u32) {
        self.active = index.min(self.total.unwrap_or(0).saturating_sub(1));
        self.reveals += 1;
    }

    /// Sets the visible rows, and requests those that are missing.
    pub(super) fn look(&mut self, visible: Range<u32>, next: &mut RequestId) -> Vec<EngineCommand> {
        if self.visible == visible {
            return Vec::new();
        }
        self.visible = visible;
        self.stuck = false;
        self.request_missing(next)
    }

    /// Requests the visible rows again, because messages were added, removed or changed.
    pub(super) fn refresh(&mut self, next: &mut RequestId) -> Vec<EngineCommand> {
        match self.refresh {
            Refresh::None => self.request_refresh(self.visible.start, false, next),
            Refresh::Running | Refresh::RunningStale => {
                self.refresh = Refresh::RunningStale;
                Vec::new()
            }
        }
    }

    /// Shows a message as read or unread before the engine has reported it.
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

    /// Stores rows. Ignores them if their request is outdated.
    pub(super) fn receive(
        &mut self,
        request: RequestId,
        total: u32,
        offset: u32,
        rows: Vec<MessageRow>,
        next: &mut RequestId,
    ) -> Vec<EngineCommand> {
        match self.take_request(request) {
            None => Vec::new(),
            Some(ListRequest::Chunk(number)) => {
                if self.total != Some(total) {
                    return self.refresh(next);
                }
                self.chunks.retain(|(held, _)| *held != number);
                self.chunks.push((number, rows.into()));
                self.request_missing(next)
            }
            Some(ListRequest::Refresh { again }) => {
                self.receive_refresh(again, total, offset, rows, next)
            }
        }
    }

    /// Records that rows could not be loaded. They are requested again after the user scrolls.
    pub(super) fn fail(&mut self, request: RequestId) -> bool {
        let was_pending = self.take_request(request);
        self.stuck |= was_pending.is_some();
        if matches!(was_pending, Some(ListRequest::Refresh { .. })) {
            self.refresh = Refresh::None;
        }
        was_pending.is_some()
    }

    fn receive_refresh(
        &mut self,
        again: bool,
        total: u32,
        offset: u32,
        rows: Vec<MessageRow>,
        next: &mut RequestId,
    ) -> Vec<EngineCommand> {
        // At the top of the list, new mail moves the visible rows down; below it, they stay.
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
            return self.request_refresh(u32::try_from(shifted).unwrap_or(0), true, next);
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
        let mut commands = self.request_missing(next);
        if stale {
            commands.extend(self.refresh(next));
        }
        commands
    }

    fn request_refresh(
        &mut self,
        around: u32,
        again: bool,
        next: &mut RequestId,
    ) -> Vec<EngineCommand> {
        self.refresh = match self.refresh {
            Refresh::RunningStale => Refresh::RunningStale,
            Refresh::None | Refresh::Running => Refresh::Running,
        };
        // One chunk before and two after, so that the anchor is found even if some forty rows were
        // added or removed.
        let offset = (around / CHUNK).saturating_sub(1) * CHUNK;
        // Chunks that were requested before the change may be outdated.
        self.pending.clear();
        vec![self.request(ListRequest::Refresh { again }, offset, 4 * CHUNK, next)]
    }

    fn request_missing(&mut self, next: &mut RequestId) -> Vec<EngineCommand> {
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
                || self
                    .pending
                    .iter()
                    .any(|(_, a)| *a == ListRequest::Chunk(number));
            if !known && self.pending.len() < MAX_PENDING {
                commands.push(self.request(
                    ListRequest::Chunk(number),
                    number * CHUNK,
                    CHUNK,
                    next,
                ));
            }
        }
        self.drop_far_chunks();
        commands
    }

    fn take_request(&mut self, request: RequestId) -> Option<ListRequest> {
        let at = self
            .pending
            .iter()
            .position(|(pending, _)| *pending == request)?;
        Some(self.pending.swap_remove(at).1)
    }

    fn drop_far_chunks(&mut self) {
        let here = self.visible.start / CHUNK;
        while self.chunks.len() > MAX_CHUNKS {
            let chunks = self.chunks.iter().enumerate();
            let farthest = chunks.max_by_key(|(_, (number, _))| number.abs_diff(here));
            let Some((at, _)) = farthest else { return };
            self.chunks.swap_remove(at);
        }
    }

    fn request(
        &mut self,
        purpose: ListRequest,
        offset: u32,
        limit: u32,
        next: &mut RequestId,
    ) -> EngineCommand {
        *next += 1;
        self.pending.push((*next, purpose));
        EngineCommand::Mail(MailCommand::List {
            request: *next,
            query: self.query.clone(),
            offset,
            limit,
        })
    }
}

#[cfg(test)]
mod tests;
