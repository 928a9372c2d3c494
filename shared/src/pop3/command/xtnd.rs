//! The arguments of `XTND`.

use crate::pop3::argument::BoardName;

/// A service of [RFC 1082], which gives access to discussion groups. Historic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Xtnd {
    /// `XTND BBOARDS`, which lists the groups. With a name, it also switches the session to the
    /// maildrop of that group, where message numbers begin at 1 again.
    Bboards(Option<BoardName>),
    /// `XTND ARCHIVE name`, which switches the session to the archive of that group.
    Archive(BoardName),
    /// `XTND X-BBOARDS`, which returns all details of the groups, or of one.
    XBboards(Option<BoardName>),
}

impl Xtnd {
    /// Returns the text after `XTND`.
    pub(super) fn words(&self) -> String {
        let (service, name) = match self {
            Self::Bboards(name) => ("BBOARDS", name.as_ref()),
            Self::Archive(name) => ("ARCHIVE", Some(name)),
            Self::XBboards(name) => ("X-BBOARDS", name.as_ref()),
        };
        match name {
            None => service.to_owned(),
            Some(name) => format!("{service} {}", name.as_str()),
        }
    }
}
