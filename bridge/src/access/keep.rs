//! Files of tokens and users, read again when they change or an operator asks.
//!
//! They are compared by what they hold, as certificates are. What is new has to be found twice, since
//! editors write into the very file, and half a token would let in as well. What cannot be used changes
//! nothing: a slip of the pen locks nobody out, and nobody in.

use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use tracing::{error, info, warn};

use super::Gate;
use super::entries::{Entries, Entry};
use super::error::{AccessError, read_text};
use crate::files::{CHECK_INTERVAL, is_open_to_all};
use crate::reload::Wishes;

/// A file, and what tells whether it still holds the same.
#[derive(Debug, Clone)]
pub(super) struct Source {
    path: PathBuf,
    mark: Vec<u8>,
}

impl Source {
    pub(super) fn new(path: &Path, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            mark: mark(Ok(text)),
        }
    }
}

/// Differs where the text differs, or the reason that there is none.
fn mark(found: Result<&str, &AccessError>) -> Vec<u8> {
    match found {
        Ok(text) => digest(&SHA256, text.as_bytes()).as_ref().to_vec(),
        Err(error) => error.to_string().into_bytes(),
    }
}

impl Gate {
    /// Whether it was made from files.
    pub(crate) fn has_files(&self) -> bool {
        let access = self.access();
        access.tokens.is_some() || access.users.is_some()
    }

    /// Looks at the files for ever, and lets in whoever is in them then.
    pub(crate) async fn keep(&self, mut wishes: Wishes) {
        let access = self.access();
        let mut tokens = access.tokens.as_ref().map(Watch::of);
        let mut users = access.users.as_ref().map(Watch::of);
        drop(access);
        loop {
            let wish = tokio::select! {
                () = tokio::time::sleep(CHECK_INTERVAL) => None,
                wish = wishes.next() => Some(wish),
            };
            if let Some(watch) = &mut tokens
                && let Some(new) = watch.look(wish.is_some()).await
            {
                self.change(|access| access.tokens = Some(new));
            }
            if let Some(watch) = &mut users
                && let Some(new) = watch.look(wish.is_some()).await
            {
                self.change(|access| access.users = Some(new));
            }
        }
    }
}

/// One file that is watched.
struct Watch {
    path: PathBuf,
    change: Change,
}

impl Watch {
    fn of<E>(entries: &Entries<E>) -> Self {
        let Source { path, mark } = entries.source.clone();
        warn_if_open(&path);
        Self {
            path,
            change: Change::since(mark),
        }
    }

    /// Looks at the file, and returns what is new and can be used.
    async fn look<E: Entry>(&mut self, asked: bool) -> Option<Entries<E>> {
        let path = self.path.clone();
        // Not in place: a network file system may let one wait.
        let found = tokio::task::spawn_blocking(move || read_text(&path));
        let found = found.await.ok()?;
        let mark = mark(found.as_deref());
        if !self.change.is_due(mark, asked) {
            return None;
        }
        match found.and_then(|text| Entries::<E>::of(&self.path, &text)) {
            Ok(new) => {
                let (file, entries) = (self.path.display(), new.all.len());
                info!(%file, entries, "who may use the bridge was read again");
                warn_if_open(&self.path);
                Some(new)
            }
            Err(error) => {
                error!(%error, "who may use the bridge stays as it was: mend the file");
                None
            }
        }
    }
}

fn warn_if_open(path: &Path) {
    if is_open_to_all(path) {
        let file = path.display();
        warn!(%file, "every user of this machine can read who may use the bridge: chmod 640 mends it");
    }
}

/// What one look at a file found, compared with the look before.
#[derive(Debug)]
struct Change {
    mark: Vec<u8>,
    /// Whether what it holds was taken or refused. Until then it may be half written.
    settled: bool,
}

impl Change {
    /// Begins with what the file held when it was first read.
    fn since(mark: Vec<u8>) -> Self {
        Self {
            mark,
            settled: true,
        }
    }

    /// Whether what a look found, of which `mark` is a digest, is to be judged: when it is `asked`
    /// for, or when it is new and was found twice.
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
    fn what_is_found_twice_is_due_once() {
        let mut change = Change::since(b"old".to_vec());
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
