//! Reloading of the files of tokens and users, when they change or the operator asks.
//!
//! Files are compared by content, like certificates. New content has to be found twice, because editors
//! write in place, and a truncated token would be accepted as well. Invalid content changes nothing, so
//! a typing error neither locks users out nor admits anyone.

use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use tracing::{error, info, warn};

use super::Authenticator;
use super::entries::{AccessEntry, Entries};
use super::error::{AccessError, read_text};
use crate::files::{CHECK_INTERVAL, is_open_to_all};
use crate::reload::ReloadRequests;

/// A file, and the mark of the content that was read.
#[derive(Debug, Clone)]
pub(super) struct EntriesSource {
    path: PathBuf,
    mark: Vec<u8>,
}

impl EntriesSource {
    pub(super) fn new(path: &Path, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            mark: mark(Ok(text)),
        }
    }
}

/// Returns a value that differs if the text or the error differs.
fn mark(found: Result<&str, &AccessError>) -> Vec<u8> {
    match found {
        Ok(text) => digest(&SHA256, text.as_bytes()).as_ref().to_vec(),
        Err(error) => error.to_string().into_bytes(),
    }
}

impl Authenticator {
    /// Returns true if some entries come from files.
    pub(crate) fn has_files(&self) -> bool {
        let access = self.access();
        access.tokens.is_some() || access.users.is_some()
    }

    /// Checks the files at intervals and on request, and never returns.
    pub(crate) async fn watch(&self, mut requests: ReloadRequests) {
        let access = self.access();
        let mut tokens = access.tokens.as_ref().map(EntriesWatch::of);
        let mut users = access.users.as_ref().map(EntriesWatch::of);
        drop(access);
        loop {
            let request = tokio::select! {
                () = tokio::time::sleep(CHECK_INTERVAL) => None,
                request = requests.next() => Some(request),
            };
            if let Some(watch) = &mut tokens
                && let Some(new) = watch.look(request.is_some()).await
            {
                self.change(|access| access.tokens = Some(new));
            }
            if let Some(watch) = &mut users
                && let Some(new) = watch.look(request.is_some()).await
            {
                self.change(|access| access.users = Some(new));
            }
        }
    }
}

/// One watched file.
struct EntriesWatch {
    path: PathBuf,
    change: ChangeDetector,
}

impl EntriesWatch {
    fn of<E>(entries: &Entries<E>) -> Self {
        let EntriesSource { path, mark } = entries.source.clone();
        warn_if_open(&path);
        Self {
            path,
            change: ChangeDetector::since(mark),
        }
    }

    /// Checks the file, and returns new content if it is valid.
    async fn look<E: AccessEntry>(&mut self, asked: bool) -> Option<Entries<E>> {
        let path = self.path.clone();
        // On a blocking thread, because a network file system may block for long.
        let found = tokio::task::spawn_blocking(move || read_text(&path));
        let found = found.await.ok()?;
        let mark = mark(found.as_deref());
        if !self.change.is_due(mark, asked) {
            return None;
        }
        match found.and_then(|text| Entries::<E>::of(&self.path, &text)) {
            Ok(new) => {
                let (file, entries) = (self.path.display(), new.all.len());
                info!(%file, entries, "access list reloaded");
                warn_if_open(&self.path);
                Some(new)
            }
            Err(error) => {
                error!(%error, "access list not reloaded, the previous one stays in use: correct the file");
                None
            }
        }
    }
}

fn warn_if_open(path: &Path) {
    if is_open_to_all(path) {
        let file = path.display();
        warn!(%file, "the access list is readable by all users of this machine: restrict it with chmod 640");
    }
}

/// Compares the content of a file with the previous check.
#[derive(Debug)]
struct ChangeDetector {
    mark: Vec<u8>,
    /// True if the content was accepted or refused. Before that, the file may be half written.
    settled: bool,
}

impl ChangeDetector {
    /// Starts with the content of the first read.
    fn since(mark: Vec<u8>) -> Self {
        Self {
            mark,
            settled: true,
        }
    }

    /// Returns true if content with this `mark` is to be processed: when `asked`, or when it is new and was
    /// found twice.
    fn is_due(&mut self, mark: Vec<u8>, asked: bool) -> bool {
        let is_new = mark != self.mark;
        self.mark = mark;
        let due = asked || (!is_new && !self.settled);
        self.settled = due || (self.settled && !is_new);
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_content_is_due_once_when_found_twice() {
        let mut change = ChangeDetector::since(b"old".to_vec());
        let mut looks = |marks: &[&[u8]]| {
            let due = marks.iter().map(|mark| change.is_due(mark.to_vec(), false));
            due.collect::<Vec<_>>()
        };
        assert_eq!(looks(&[b"old", b"old"]), [false, false]);
        assert_eq!(looks(&[b"ha", b"half", b"half"]), [false, false, true]);
        assert_eq!(
            looks(&[b"half", b"new", b"new", b"new"]),
            [false, false, true, false]
        );
        assert!(change.is_due(b"new".to_vec(), true));
        assert!(change.is_due(b"asked".to_vec(), true));
        assert!(!change.is_due(b"asked".to_vec(), false));
    }
}
