//! Capabilities, which `CAPA` lists ([RFC 2449 §6] and its registry).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::sasl::MechanismName;

/// One capability. Tags without a meaning for this client are [`Other`](Capability::Other).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Capability {
    /// `TOP`.
    Top,
    /// `USER`: the server accepts `USER` and `PASS`.
    User,
    /// `SASL`: the mechanisms that `AUTH` accepts.
    Sasl(Vec<MechanismName>),
    /// `RESP-CODES`: text in brackets after `-ERR` is a response code.
    RespCodes,
    /// `AUTH-RESP-CODE`: `[AUTH]` distinguishes wrong credentials from other errors ([RFC 3206 §6]).
    AuthRespCode,
    /// `LOGIN-DELAY`: the minimum time between two logins.
    LoginDelay {
        /// The time in seconds.
        seconds: u32,
        /// True if the value depends on the user, so that the client must send `CAPA` again after
        /// the login.
        by_user: bool,
    },
    /// `PIPELINING`: the server accepts commands before it has answered earlier ones.
    Pipelining,
    /// `EXPIRE`: the time for which the server keeps messages.
    Expire {
        /// The time in days; `None` if messages never expire.
        days: Option<u32>,
        /// True if the value depends on the user, so that the client must send `CAPA` again after
        /// the login.
        by_user: bool,
    },
    /// `UIDL`.
    Uidl,
    /// `STLS` ([RFC 2595 §4]).
    Stls,
    /// `UTF8`: headers and names may be UTF-8 after the command `UTF8` ([RFC 6856 §2]).
    Utf8 {
        /// True if user names and passwords may be UTF-8, too.
        user: bool,
    },
    /// `LANG`: the server has reply texts in several languages ([RFC 6856 §3]).
    Lang,
    /// `IMPLEMENTATION`: the name of the server, for diagnosis only.
    Implementation(String),
    /// Any other line, as received.
    Other(String),
}

impl Capability {
    /// Parses one line of the reply to `CAPA`, without its line end.
    ///
    /// A line whose known tag has invalid arguments is [`Capability::Other`].
    #[must_use]
    pub fn parse(line: &[u8]) -> Self {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_matches(' ');
        // Some servers write `SASL=PLAIN`, and some `EXPIRE30`.
        let parts = line.split_once([' ', '=']).or_else(|| split_number(line));
        let (tag, rest) = parts.unwrap_or((line, ""));
        let mut words = rest.split([' ', '=']).filter(|word| !word.is_empty());
        let known = match tag.to_ascii_uppercase().as_str() {
            "TOP" => Some(Self::Top),
            "USER" => Some(Self::User),
            "SASL" => Some(Self::Sasl(
                words
                    .filter_map(|word| MechanismName::new(word).ok())
                    .collect(),
            )),
            "RESP-CODES" => Some(Self::RespCodes),
            "AUTH-RESP-CODE" => Some(Self::AuthRespCode),
            "LOGIN-DELAY" => words
                .next()
                .and_then(|word| word.parse().ok())
                .map(|seconds| Self::LoginDelay {
                    seconds,
                    by_user: is_user(words.next()),
                }),
            "PIPELINING" => Some(Self::Pipelining),
            "EXPIRE" => words
                .next()
                .and_then(|word| match word.parse() {
                    Ok(days) => Some(Some(days)),
                    Err(_) => word.eq_ignore_ascii_case("NEVER").then_some(None),
                })
                .map(|days| Self::Expire {
                    days,
                    by_user: is_user(words.next()),
                }),
            "UIDL" => Some(Self::Uidl),
            "STLS" => Some(Self::Stls),
            "UTF8" => Some(Self::Utf8 {
                user: words.any(|word| is_user(Some(word))),
            }),
            "LANG" => Some(Self::Lang),
            "IMPLEMENTATION" => Some(Self::Implementation(rest.to_owned())),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Other(line.to_owned()))
    }
}

/// Splits a tag from a number that follows it without a blank.
fn split_number(line: &str) -> Option<(&str, &str)> {
    let tag = line.trim_end_matches(|c: char| c.is_ascii_digit());
    let takes_number = ["EXPIRE", "LOGIN-DELAY"];
    let known = takes_number
        .iter()
        .any(|known| known.eq_ignore_ascii_case(tag));
    known.then(|| line.split_at(tag.len()))
}

fn is_user(word: Option<&str>) -> bool {
    word.is_some_and(|word| word.eq_ignore_ascii_case("USER"))
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = |by_user: &bool| if *by_user { " USER" } else { "" };
        match self {
            Self::Top => f.write_str("TOP"),
            Self::User => f.write_str("USER"),
            Self::Sasl(mechanisms) => {
                f.write_str("SASL")?;
                for mechanism in mechanisms {
                    write!(f, " {}", mechanism.as_str())?;
                }
                Ok(())
            }
            Self::RespCodes => f.write_str("RESP-CODES"),
            Self::AuthRespCode => f.write_str("AUTH-RESP-CODE"),
            Self::LoginDelay { seconds, by_user } => {
                write!(f, "LOGIN-DELAY {seconds}{}", user(by_user))
            }
            Self::Pipelining => f.write_str("PIPELINING"),
            Self::Expire {
                days: Some(days),
                by_user,
            } => write!(f, "EXPIRE {days}{}", user(by_user)),
            Self::Expire {
                days: None,
                by_user,
            } => write!(f, "EXPIRE NEVER{}", user(by_user)),
            Self::Uidl => f.write_str("UIDL"),
            Self::Stls => f.write_str("STLS"),
            Self::Utf8 { user: by_user } => write!(f, "UTF8{}", user(by_user)),
            Self::Lang => f.write_str("LANG"),
            Self::Implementation(text) => write!(f, "IMPLEMENTATION {text}"),
            Self::Other(line) => f.write_str(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sasl::Mechanism;

    #[test]
    fn every_capability_is_parsed_as_it_was_written() {
        for (line, capability) in [
            ("TOP", Capability::Top),
            ("USER", Capability::User),
            (
                "SASL PLAIN SCRAM-SHA-256",
                Capability::Sasl(vec![
                    Mechanism::Plain.into(),
                    MechanismName::new("SCRAM-SHA-256").unwrap(),
                ]),
            ),
            ("RESP-CODES", Capability::RespCodes),
            ("AUTH-RESP-CODE", Capability::AuthRespCode),
            (
                "LOGIN-DELAY 900",
                Capability::LoginDelay {
                    seconds: 900,
                    by_user: false,
                },
            ),
            ("PIPELINING", Capability::Pipelining),
            (
                "EXPIRE 60",
                Capability::Expire {
                    days: Some(60),
                    by_user: false,
                },
            ),
            (
                "EXPIRE NEVER USER",
                Capability::Expire {
                    days: None,
                    by_user: true,
                },
            ),
            ("UIDL", Capability::Uidl),
            ("STLS", Capability::Stls),
            (
                "IMPLEMENTATION Shlemazle-Plotz-v302",
                Capability::Implementation("Shlemazle-Plotz-v302".into()),
            ),
            ("UTF8", Capability::Utf8 { user: false }),
            ("UTF8 USER", Capability::Utf8 { user: true }),
            ("LANG", Capability::Lang),
            ("X-MOON", Capability::Other("X-MOON".into())),
        ] {
            assert_eq!(Capability::parse(line.as_bytes()), capability);
            assert_eq!(capability.to_string(), line);
        }
    }

    #[test]
    fn irregular_lines_are_kept_or_parsed() {
        assert_eq!(Capability::parse(b"stls "), Capability::Stls);
        assert_eq!(
            Capability::parse(b"SASL=PLAIN"),
            Capability::Sasl(vec![Mechanism::Plain.into()])
        );
        assert_eq!(
            Capability::parse(b"EXPIRE soon"),
            Capability::Other("EXPIRE soon".into())
        );
        assert_eq!(Capability::parse(b""), Capability::Other(String::new()));
    }

    #[test]
    fn a_number_may_follow_its_tag_without_a_blank() {
        let days = Some(30);
        let by_user = false;
        let expire = Capability::Expire { days, by_user };
        assert_eq!(Capability::parse(b"expire30"), expire);
        for line in ["EXPIRE", "UTF9", "EXPIRED30", "30"] {
            let other = Capability::Other(line.to_owned());
            assert_eq!(Capability::parse(line.as_bytes()), other);
        }
    }
}
