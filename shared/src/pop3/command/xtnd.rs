//! The arguments of `XTND`.

use crate::pop3::argument::BoardName;

/// An extended service of [RFC 1082]: mail of discussion groups. Historic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Xtnd {
    /// `XTND BBOARDS`: which groups there are; with a name, the session's maildrop becomes that
    /// group's, and message numbers begin anew.
    Bboards(Option<BoardName>),
    /// `XTND ARCHIVE name`: the session's maildrop becomes that group's archive.
    Archive(BoardName),
    /// `XTND X-BBOARDS`: all that is known of the groups, or of one.
    XBboards(Option<BoardName>),
}

impl Xtnd {
    /// What stands behind `XTND`.
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
