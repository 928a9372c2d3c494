//! The parser and the writer of transcripts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One line of a transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// A comment, without its `#`; an empty one is an empty line.
    Comment(String),
    /// A line that the client sends, without its line end.
    Client(#[serde(with = "serde_bytes")] Vec<u8>),
    /// A line that the server sends, without its line end.
    Server(#[serde(with = "serde_bytes")] Vec<u8>),
    /// Bytes that the server sends unchanged.
    Raw(#[serde(with = "serde_bytes")] Vec<u8>),
    /// Text that the server sends, by its size in bytes, as lines that need no byte-stuffing.
    Octets(u64),
    /// The end of the bytes that arrive in one read.
    Split,
    /// A pause in milliseconds.
    Wait(u64),
    /// The beginning of TLS.
    Tls,
    /// The end of the connection, which the server closes.
    Close,
}

/// A session from its greeting on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// The line of a transcript that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line} is not a step of a transcript: {text}")]
pub struct TranscriptError {
    /// The number of the line, counted from 1.
    pub line: usize,
    /// The text of the line.
    pub text: String,
}

impl FromStr for Transcript {
    type Err = TranscriptError;

    fn from_str(text: &str) -> Result<Self, TranscriptError> {
        let step = |(at, line): (usize, &str)| {
            read(line).ok_or_else(|| TranscriptError {
                line: at + 1,
                text: line.to_owned(),
            })
        };
        let steps = text
            .lines()
            .enumerate()
            .map(step)
            .collect::<Result<_, _>>()?;
        Ok(Self { steps })
    }
}

fn read(line: &str) -> Option<Step> {
    let line = line.trim_ascii_start();
    if let Some(directive) = line.strip_prefix('[') {
        let directive = directive.trim_ascii_end().strip_suffix(']')?;
        return match directive.split_once(' ') {
            None => match directive {
                "split" => Some(Step::Split),
                "tls" => Some(Step::Tls),
                "close" => Some(Step::Close),
                _ => None,
            },
            Some(("wait", time)) => Some(Step::Wait(time.strip_suffix(" ms")?.parse().ok()?)),
            Some((size, "octets")) => Some(Step::Octets(size.parse().ok()?)),
            Some(_) => None,
        };
    }
    if line.is_empty() {
        return Some(Step::Comment(String::new()));
    }
    let (side, rest) = line.split_at_checked(1)?;
    if side == "#" {
        return Some(Step::Comment(rest.to_owned()));
    }
    let text = unescape(rest.strip_prefix(": ").or((rest == ":").then_some(""))?)?;
    match side {
        "C" => Some(Step::Client(text)),
        "S" => Some(Step::Server(text)),
        "R" => Some(Step::Raw(text)),
        _ => None,
    }
}

fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next()? {
            b'r' => b'\r',
            b'n' => b'\n',
            b'\\' => b'\\',
            b'x' => {
                let digits = [rest.next()?, rest.next()?];
                let digits = str::from_utf8(&digits).ok()?;
                u8::from_str_radix(digits, 16).ok()?
            }
            _ => return None,
        });
    }
    Some(bytes)
}

/// The bytes of a line in the form that a transcript has: printable ASCII, and escapes for the rest.
#[derive(Debug, Clone, Copy)]
pub struct EscapedBytes<'a>(pub &'a [u8]);

impl fmt::Display for EscapedBytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| match byte {
            b'\r' => f.write_str("\\r"),
            b'\n' => f.write_str("\\n"),
            b'\\' => f.write_str("\\\\"),
            b' '..=b'~' => write!(f, "{}", char::from(*byte)),
            _ => write!(f, "\\x{byte:02x}"),
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Comment(text) if text.is_empty() => Ok(()),
            Self::Comment(text) => write!(f, "#{text}"),
            Self::Client(line) => write!(f, "C: {}", EscapedBytes(line)),
            Self::Server(line) => write!(f, "S: {}", EscapedBytes(line)),
            Self::Raw(bytes) => write!(f, "R: {}", EscapedBytes(bytes)),
            Self::Octets(size) => write!(f, "[{size} octets]"),
            Self::Split => f.write_str("[split]"),
            Self::Wait(millis) => write!(f, "[wait {millis} ms]"),
            Self::Tls => f.write_str("[tls]"),
            Self::Close => f.write_str("[close]"),
        }
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_is_parsed_as_it_was_written() {
        let text = "# a server that cannot pipeline\n\nS: +OK caf\\xe9 \\\\ ready\nC: PASS ***\n\
                    R: +O\n[split]\nR: K\\r\\n\n[wait 250 ms]\n[3200 octets]\nS: .\n[tls]\n[close]\n";
        let transcript: Transcript = text.parse().unwrap();
        assert_eq!(transcript.steps.len(), 12);
        assert_eq!(
            transcript.steps.get(2),
            Some(&Step::Server(b"+OK caf\xe9 \\ ready".to_vec()))
        );
        assert_eq!(transcript.to_string(), text);
    }

    #[test]
    fn an_invalid_line_is_named() {
        for line in [
            "X: what",
            "S:+OK",
            "[wait]",
            "[-1 octets]",
            "[tls",
            "C: \\q",
            "S: \\x4",
        ] {
            let error = format!("S: +OK\n{line}\n")
                .parse::<Transcript>()
                .unwrap_err();
            assert_eq!((error.line, error.text.as_str()), (2, line));
        }
    }
}
