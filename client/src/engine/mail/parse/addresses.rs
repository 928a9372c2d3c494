//! Address fields ([RFC 5322 §3.4]).

use mail_parser::parsers::MessageStream;

use super::words::{in_utf8, unstructured};
use crate::api::mail::Address;

/// The maximum number of addresses of a field, as many as its maximum length has room for.
const MOST_ADDRESSES: usize = 10_000;

/// Parses the addresses of an unfolded field. Text that is not an address becomes a name.
pub(in crate::engine) fn addresses(field: &[u8]) -> Vec<Address> {
    let mut readable = in_utf8(field).into_owned();
    // The parser needs the end of the line.
    readable.push(b'\n');
    let parsed = MessageStream::new(&readable).parse_address();
    let mut addresses = Vec::new();
    match parsed.into_address() {
        Some(mail_parser::Address::List(list)) => addresses.extend(list.into_iter().map(one)),
        Some(mail_parser::Address::Group(groups)) => {
            for group in groups {
                if let Some(name) = group.name {
                    addresses.push(Address {
                        name: one_line(&name),
                        address: String::new(),
                    });
                }
                addresses.extend(group.addresses.into_iter().map(one));
            }
        }
        None => {}
    }
    addresses.retain(|address| !address.name.is_empty() || !address.address.is_empty());
    addresses.truncate(MOST_ADDRESSES);
    if addresses.is_empty() {
        let name = unstructured(field);
        if !name.is_empty() {
            addresses.push(Address {
                name,
                address: String::new(),
            });
        }
    }
    addresses
}

fn one(address: mail_parser::Addr<'_>) -> Address {
    Address {
        name: address.name.as_deref().map(one_line).unwrap_or_default(),
        address: address.address.as_deref().map(one_line).unwrap_or_default(),
    }
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
        addresses(field)
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
}
