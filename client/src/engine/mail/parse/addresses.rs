//! Address fields ([RFC 5322 §3.4], and §4.4 for obsolete forms).

use super::address_scanner::AddressScanner;
use super::labels::MailCharset;
use super::words::unstructured;
use crate::api::mail::Address;

/// The maximum number of addresses of a field, as many as its maximum length has room for.
const MOST_ADDRESSES: usize = 10_000;

/// Parses the addresses of an unfolded field. Text that is not an address becomes a name. Raw 8-bit
/// text is in UTF-8 or in the charset `likely`.
pub(in crate::engine) fn addresses(field: &[u8], likely: Option<MailCharset>) -> Vec<Address> {
    let mut list = AddressList {
        likely,
        addresses: Vec::new(),
        surname: None,
    };
    let mut scanner = AddressScanner::new(field);
    while list.addresses.len() < MOST_ADDRESSES
        && let Some(entry) = scanner.next()
    {
        list.add(&entry);
    }
    list.keep_surname();
    list.addresses
}

/// An entry of an address field, as it was sent: the text between two separators.
#[derive(Debug, Default)]
pub(super) struct AddressEntry {
    /// The display name or the address, without comments, quotes and escapes.
    pub(super) phrase: Vec<u8>,
    /// The same with quotes and escapes.
    pub(super) verbatim: Vec<u8>,
    /// The last comment.
    pub(super) comment: Vec<u8>,
    /// The text in angle brackets.
    pub(super) angle: Option<Vec<u8>>,
    /// True for the name of a group.
    pub(super) is_group: bool,
    /// True if a comma follows.
    pub(super) has_comma: bool,
}

struct AddressList {
    likely: Option<MailCharset>,
    addresses: Vec<Address>,
    /// The words before a comma, which may be the first half of a name: `Doe, Jane <jane@x>`.
    surname: Option<String>,
}

impl AddressList {
    fn add(&mut self, entry: &AddressEntry) {
        let phrase = self.text(&entry.phrase);
        if entry.is_group {
            self.keep_surname();
            return self.push(phrase, String::new());
        }
        if let Some(angle) = &entry.angle {
            let name = match (self.surname.take(), phrase) {
                (Some(surname), phrase) if !phrase.is_empty() => format!("{surname}, {phrase}"),
                (Some(surname), _) => {
                    self.push(surname, String::new());
                    self.text(&entry.comment)
                }
                (None, phrase) if phrase.is_empty() => self.text(&entry.comment),
                (None, phrase) => phrase,
            };
            return self.push(name, self.address(angle));
        }
        self.keep_surname();
        if !entry.verbatim.contains(&b'@') {
            if entry.has_comma {
                self.surname = Some(phrase).filter(|phrase| !phrase.is_empty());
            } else {
                self.push(phrase, String::new());
            }
            return;
        }
        let (name, address) = bare(&entry.verbatim);
        let name = if name.is_empty() {
            self.text(&entry.comment)
        } else {
            self.text(&name)
        };
        self.push(name, self.address(&address));
    }

    /// Adds the words before a comma as a name of their own.
    fn keep_surname(&mut self) {
        if let Some(name) = self.surname.take() {
            self.push(name, String::new());
        }
    }

    fn push(&mut self, name: String, address: String) {
        if !name.is_empty() || !address.is_empty() {
            self.addresses.push(Address { name, address });
        }
    }

    fn text(&self, octets: &[u8]) -> String {
        one_line(&unstructured(octets, self.likely))
    }

    /// Returns an address without its route and blanks.
    fn address(&self, octets: &[u8]) -> String {
        let mut octets = octets.trim_ascii();
        // A route ([RFC 5322 §4.4]).
        if octets.starts_with(b"@")
            && let Some(colon) = memchr::memchr(b':', octets)
        {
            octets = octets.get(colon + 1..).unwrap_or_default();
        }
        let scheme = octets.split_at_checked(7);
        if let Some((scheme, rest)) = scheme
            && scheme.eq_ignore_ascii_case(b"mailto:")
        {
            octets = rest;
        }
        one_line(&unstructured(&without_blanks(octets), self.likely))
    }
}

/// Splits an address without angle brackets from words around it.
fn bare(verbatim: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let text = without_blanks(verbatim);
    let words: Vec<&[u8]> = text
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
        .collect();
    // A quoted local part may have blanks.
    if words.len() == 1 || text.starts_with(b"\"") {
        return (Vec::new(), text);
    }
    let (addresses, names): (Vec<&[u8]>, Vec<&[u8]>) =
        words.into_iter().partition(|word| word.contains(&b'@'));
    (names.join(&b' '), addresses.join(&b' '))
}

/// Removes blanks around the dots and the at sign of an address ([RFC 5322 §4.4]).
fn without_blanks(address: &[u8]) -> Vec<u8> {
    let mut kept: Vec<u8> = Vec::with_capacity(address.len());
    let mut quoted = false;
    for octet in address.trim_ascii() {
        if *octet == b'"' {
            quoted = !quoted;
        }
        let joins = !quoted && matches!(octet, b'.' | b'@');
        while joins && kept.last().is_some_and(u8::is_ascii_whitespace) {
            kept.pop();
        }
        let follows = !quoted
            && octet.is_ascii_whitespace()
            && matches!(kept.last(), Some(b'.' | b'@') | None);
        if !follows {
            kept.push(*octet);
        }
    }
    kept
}

/// Returns text without line breaks and other control characters, trimmed.
fn one_line(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(field: &[u8]) -> Vec<(String, String)> {
        addresses(field, None)
            .into_iter()
            .map(|address| (address.name, address.address))
            .collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected
            .iter()
            .map(|(name, address)| ((*name).to_owned(), (*address).to_owned()))
            .collect()
    }

    #[test]
    fn lists_groups_comments_and_bare_addresses_are_parsed() {
        assert_eq!(
            read(b"\"Joe Q. Public\" <john.q@example.com>, Who? <one@y.test>, jdoe@test.example"),
            pairs(&[
                ("Joe Q. Public", "john.q@example.com"),
                ("Who?", "one@y.test"),
                ("", "jdoe@test.example"),
            ])
        );
        assert_eq!(
            read(b"A Group:Ed Jones <c@a.test>,joe@where.test;"),
            pairs(&[
                ("A Group", ""),
                ("Ed Jones", "c@a.test"),
                ("", "joe@where.test")
            ])
        );
        assert_eq!(
            read(b"Undisclosed recipients:;"),
            pairs(&[("Undisclosed recipients", "")])
        );
    }

    #[test]
    fn names_are_decoded_from_every_charset_and_from_raw_text() {
        assert_eq!(
            read(b"=?gb2312?B?xOO6ww==?= <a@b.c>"),
            pairs(&[("你好", "a@b.c")])
        );
        assert_eq!(read(b"Andr\xE9 <a@b.c>"), pairs(&[("André", "a@b.c")]));
        assert_eq!(
            read(b"\"=?utf-8?Q?J=C3=BC?=\" <a@b.c>"),
            pairs(&[("Jü", "a@b.c")])
        );
    }

    #[test]
    fn a_comma_or_address_in_an_encoded_name_has_no_syntactic_meaning() {
        assert_eq!(
            read(b"=?utf-8?Q?x=2C_boss=40bank=2Ecom_=3Cboss=40bank=2Ecom=3E?= <evil@b.c>"),
            pairs(&[("x, boss@bank.com <boss@bank.com>", "evil@b.c")])
        );
    }

    #[test]
    fn text_that_is_not_an_address_becomes_a_name() {
        assert_eq!(read(b"no address at all").len(), 1);
        assert!(read(b"").is_empty());
    }

    #[test]
    fn the_examples_of_rfc_5322_appendix_a_5_are_parsed() {
        assert_eq!(
            read(b"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>"),
            pairs(&[("Pete", "pete@silly.test")])
        );
        let to =
            b"A Group(Some people)     :Chris Jones <c@(Chris's host.)public.example>,         \
                   joe@example.org,  John <jdoe@one.test> (my dear friend); (the end of the group)";
        assert_eq!(
            read(to),
            pairs(&[
                ("A Group", ""),
                ("Chris Jones", "c@public.example"),
                ("", "joe@example.org"),
                ("John", "jdoe@one.test"),
            ])
        );
        assert_eq!(
            read(b"(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;"),
            pairs(&[("Hidden recipients", "")])
        );
    }

    #[test]
    fn the_examples_of_rfc_5322_appendix_a_6_are_parsed() {
        assert_eq!(
            read(b"Joe Q. Public <john.q.public@example.com>"),
            pairs(&[("Joe Q. Public", "john.q.public@example.com")])
        );
        assert_eq!(
            read(b"Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example"),
            pairs(&[
                ("Mary Smith", "mary@example.net"),
                ("", "jdoe@test.example")
            ])
        );
        assert_eq!(
            read(b"<@a.test,@b.test:x@c.test>"),
            pairs(&[("", "x@c.test")])
        );
    }

    #[test]
    fn a_comma_in_an_unquoted_name_does_not_make_a_recipient() {
        assert_eq!(
            read(b"Roe, Ann <ann@x.test>, Low, Ben <ben@x.test>"),
            pairs(&[("Roe, Ann", "ann@x.test"), ("Low, Ben", "ben@x.test")])
        );
        assert_eq!(
            read(b"staff, ann@x.test, all"),
            pairs(&[("staff", ""), ("", "ann@x.test"), ("all", "")])
        );
    }

    #[test]
    fn addresses_in_unusual_forms_are_parsed() {
        let table: [(&[u8], (&str, &str)); 12] = [
            (b"ann@x.test (Ann Roe)", ("Ann Roe", "ann@x.test")),
            (b"Ann Roe ann@x.test", ("Ann Roe", "ann@x.test")),
            (b"\"ann roe\"@x.test", ("", "\"ann roe\"@x.test")),
            (
                b"\"Ann \\\"A\\\" Roe\" <ann@x.test>",
                ("Ann \"A\" Roe", "ann@x.test"),
            ),
            (b"\"Ann <ann@x.test>", ("\"Ann", "ann@x.test")),
            (b"Ann (Roe <ann@x.test>", ("Ann (Roe", "ann@x.test")),
            (b"Ann <ann@x.test", ("Ann", "ann@x.test")),
            (b"<mailto:ann@x.test>", ("", "ann@x.test")),
            (b"'Ann Roe' <ann@x.test>", ("'Ann Roe'", "ann@x.test")),
            (b"ann@x.test <ann@x.test>", ("ann@x.test", "ann@x.test")),
            (
                b"=?utf-8?Q?Roe, Ann?= <ann@x.test>",
                ("Roe, Ann", "ann@x.test"),
            ),
            (b"Ann\t Roe <ann@x.test>", ("Ann Roe", "ann@x.test")),
        ];
        for (field, pair) in table {
            assert_eq!(
                read(field),
                pairs(&[pair]),
                "{}",
                String::from_utf8_lossy(field)
            );
        }
        assert_eq!(
            read(b"ann@x.test; ben@x.test;"),
            pairs(&[("", "ann@x.test"), ("", "ben@x.test")])
        );
        assert!(read(b"<>").is_empty());
    }

    #[test]
    fn raw_names_are_in_the_charset_of_the_message() {
        let found = addresses(b"\xF0\xD2 <a@b.c>", MailCharset::of("koi8-r"));
        assert_eq!(found[0].name, "Пр");
    }
}
