//! Command lines that the user types and that this codec does not know.

use super::argument::{ArgumentError, check_line};
use super::command::Command;
use super::limits::MAX_COMMAND_BYTES;

/// The form of the reply to a typed line. It does not follow from the line itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RawReplyForm {
    /// A status line only.
    OneLine,
    /// Lines up to one with a single dot, each of limited length.
    Listing,
    /// A message, or text with lines of any length.
    Body,
}

/// A command line that the user typed, and the form of its reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawCommand {
    line: String,
    reply: RawReplyForm,
}

impl RawCommand {
    /// Checks a line, without its line end.
    ///
    /// # Errors
    /// [`ArgumentError`]: [`Empty`](ArgumentError::Empty), [`TooLong`](ArgumentError::TooLong) for
    /// more than 253 bytes, [`Character`](ArgumentError::Character) for CR, LF and NUL, and
    /// [`KnownCommand`](ArgumentError::KnownCommand) if [`Command::parse`] knows the keyword: such
    /// a line changes what the session expects, so it must be sent as that command.
    pub fn new(line: impl Into<String>, reply: RawReplyForm) -> Result<Self, ArgumentError> {
        let line = line.into();
        check_line(line.as_bytes(), MAX_COMMAND_BYTES - "\r\n".len())?;
        let keyword = line.split_whitespace().next().ok_or(ArgumentError::Empty)?;
        if Command::knows(keyword) {
            return Err(ArgumentError::KnownCommand);
        }
        Ok(Self { line, reply })
    }

    /// Returns the line without its line end.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// Returns the form of the reply.
    #[must_use]
    pub fn reply(&self) -> RawReplyForm {
        self.reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_line_is_one_line_of_no_known_command() {
        let typed = |line: &str| RawCommand::new(line, RawReplyForm::OneLine).map(|raw| raw.line);
        assert_eq!(typed("XSENDER 1"), Ok("XSENDER 1".to_owned()));
        assert_eq!(typed(&"x".repeat(253)).map(|line| line.len()), Ok(253));
        for (line, error) in [
            ("", ArgumentError::Empty),
            (" ", ArgumentError::Empty),
            ("X\r\nDELE 1", ArgumentError::Character),
            ("X\0", ArgumentError::Character),
            (&"x".repeat(254), ArgumentError::TooLong),
            ("quit", ArgumentError::KnownCommand),
            ("\tRETR 1", ArgumentError::KnownCommand),
            ("  Dele\t1", ArgumentError::KnownCommand),
        ] {
            assert_eq!(typed(line), Err(error), "{line:?}");
        }
    }
}
