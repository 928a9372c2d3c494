//! The SQL for the messages that a list or a search shows: the only place that knows the filters.

use rusqlite::ToSql;

use super::words::WordQuery;
use crate::api::mail::MessageQuery;

/// The columns of a row, in the order in which they are read.
const COLUMNS: &str = "id, mailbox, sender, subject, snippet, date, unread, has_attachments";

/// The identities of the messages with the searched words.
const WITH_WORDS: &str = "SELECT rowid FROM text WHERE text MATCH :words";
/// The identities of the messages with the searched pieces of runs.
const WITH_RUNS: &str = "SELECT rowid FROM runs WHERE runs MATCH :runs";

/// The conditions that a message meets to be shown.
#[derive(Default)]
pub(super) struct Selection {
    conditions: Vec<String>,
    parameters: Vec<(&'static str, Box<dyn ToSql>)>,
    /// The SQL for the identities of the messages that a search finds.
    found: Option<String>,
}

impl Selection {
    /// Returns the conditions of a query; `None` if no message can meet them.
    pub(super) fn new(query: &MessageQuery) -> Option<Self> {
        let mut selection = Self::default();
        if let Some(mailbox) = query.mailbox {
            selection.add("mailbox = :mailbox".to_owned(), ":mailbox", mailbox.0);
        }
        if !query.search.trim().is_empty() {
            selection.search(WordQuery::of(&query.search)?);
        }
        Some(selection)
    }

    fn add(&mut self, condition: String, name: &'static str, value: impl ToSql + 'static) {
        self.conditions.push(condition);
        self.parameters.push((name, Box::new(value)));
    }

    fn search(&mut self, query: WordQuery) {
        let terms = [
            (WITH_WORDS, ":words", query.words),
            (WITH_RUNS, ":runs", query.runs),
        ];
        let mut found = Vec::new();
        for (sql, name, value) in terms {
            if let Some(value) = value {
                found.push(sql);
                self.parameters.push((name, Box::new(value)));
            }
        }
        let found = found.join(" INTERSECT ");
        self.conditions.push(format!("id IN ({found})"));
        self.found = Some(found);
    }

    /// Returns the values for the SQL.
    pub(super) fn parameters(&self) -> Vec<(&str, &dyn ToSql)> {
        let parameters = self.parameters.iter();
        parameters.map(|(name, value)| (*name, &**value)).collect()
    }

    /// Returns the SQL that counts the messages.
    pub(super) fn count(&self) -> String {
        let filter = self.filter();
        match (&self.found, self.conditions.len()) {
            // The mailboxes have counters.
            (None, _) => format!(
                "SELECT coalesce(sum(messages), 0)
                 FROM (SELECT id AS mailbox, messages FROM mailboxes) {filter}"
            ),
            (Some(found), 1) => format!("SELECT count(*) FROM ({found})"),
            (Some(_), _) => format!("SELECT count(*) FROM messages {filter}"),
        }
    }

    /// Returns the SQL for the rows of a window, newest first. It has the parameters `:limit` and
    /// `:offset` besides the [others](Self::parameters).
    pub(super) fn window(&self) -> String {
        let filter = self.filter();
        // The inner query of a list uses only a covering index, so that a large offset is cheap.
        // The plus sign keeps SQLite from scanning all messages by date to find the few that match
        // a search.
        let plus = if self.found.is_some() { "+" } else { "" };
        format!(
            "SELECT {COLUMNS} FROM messages WHERE id IN (
                 SELECT id FROM messages {filter}
                 ORDER BY {plus}date DESC, id DESC LIMIT :limit OFFSET :offset
             ) ORDER BY date DESC, id DESC"
        )
    }

    fn filter(&self) -> String {
        match self.conditions.as_slice() {
            [] => String::new(),
            conditions => format!("WHERE {}", conditions.join(" AND ")),
        }
    }
}
