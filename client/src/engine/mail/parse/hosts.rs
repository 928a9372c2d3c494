//! Host names and addresses within text that people read.

/// Generic top-level domains that names and texts of links have. Of two letters, every one counts.
const GENERIC: &[&str] = &[
    "app", "bank", "biz", "cloud", "club", "com", "dev", "edu", "example", "gov", "info", "live",
    "mil", "net", "online", "org", "page", "pro", "shop", "site", "store", "support", "tech",
    "test", "top", "xyz",
];
/// Two-letter domains that are more often the ends of file names.
const FILES: &[&str] = &["am", "cc", "md", "mk", "pm", "ps", "py", "rs", "sh", "so"];

/// Returns the host names in a text, in lower case, without those of addresses.
pub(in crate::engine) fn hosts_in(text: &str) -> Vec<String> {
    // After a scheme, every word is a host.
    let of_links = text.split("://").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && !".-_".contains(c));
        let host = rest.get(..end.unwrap_or(rest.len()))?;
        host.contains('.').then(|| host.to_ascii_lowercase())
    });
    let named = words(text)
        .into_iter()
        .filter(|word| !word.contains('@') && is_host(word));
    of_links.chain(named).collect()
}

/// Returns the mail addresses in a text, in lower case.
pub(in crate::engine) fn addresses_in(text: &str) -> Vec<String> {
    let is_address = |word: &String| {
        word.rsplit_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
    };
    words(text).into_iter().filter(is_address).collect()
}

/// Returns the host of an address, in lower case.
pub(in crate::engine) fn host_of(address: &str) -> String {
    let (_, host) = address.rsplit_once('@').unwrap_or_default();
    host.to_ascii_lowercase()
}

/// Returns true if two hosts belong to one registered domain, as far as their names tell: its last
/// two labels, or three of names such as `example.co.uk`.
pub(in crate::engine) fn are_related(a: &str, b: &str) -> bool {
    registered(a).eq_ignore_ascii_case(registered(b))
}

fn registered(host: &str) -> &str {
    let host = host.trim_end_matches('.');
    let mut dots = host.rmatch_indices('.').map(|(position, _)| position);
    let (Some(last), Some(second)) = (dots.next(), dots.next()) else {
        return host;
    };
    let is_shared = host.len() - last == 3 && last - second <= 4;
    let cut = match is_shared {
        false => Some(second),
        true => dots.next(),
    };
    cut.and_then(|dot| host.get(dot + 1..)).unwrap_or(host)
}

/// Splits a text into the words that may be hosts or addresses. Characters that only look like the
/// separators of addresses count as these.
fn words(text: &str) -> Vec<String> {
    let text: String = text
        .chars()
        .map(|character| match character {
            '\u{FF20}' | '\u{FE6B}' => '@',
            '\u{FF0E}' | '\u{3002}' | '\u{2024}' | '\u{FE52}' => '.',
            character => character.to_ascii_lowercase(),
        })
        .collect();
    text.split(|c: char| !c.is_alphanumeric() && !"@.-_+".contains(c))
        .map(|word| word.trim_matches(['.', '-', '_', '+']).to_owned())
        .filter(|word| word.contains('.'))
        .collect()
}

fn is_host(word: &str) -> bool {
    let Some((rest, last)) = word.rsplit_once('.') else {
        return false;
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    let is_country = last.len() == 2 && last.bytes().all(|octet| octet.is_ascii_lowercase());
    let is_known = is_country && (!FILES.contains(&last) || word.starts_with("www."))
        || GENERIC.binary_search(&last).is_ok()
        || last.starts_with("xn--");
    // `e.g` and `p.s` are no hosts.
    let is_long = last.len() > 2 || rest.rsplit('.').next().is_some_and(|label| label.len() > 1);
    is_known && is_long && rest.split('.').all(is_label)
}

/// Returns the real host of a link, if the link does not show where it leads: its text names
/// another host, or its address has a user name, punycode or letters that look like others.
pub(in crate::engine) fn disguised_host(address: &str, text: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let host = host
        .split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let labels = || host.split('.');
    // An address may contain others, to which its host passes on.
    let is_address = !text.trim().contains(char::is_whitespace);
    let named = if is_address { 1 } else { usize::MAX };
    let is_disguised = !user.is_empty()
        || labels().any(|label| label.starts_with("xn--"))
        || labels().any(has_mixed_scripts)
        || hosts_in(text)
            .iter()
            .take(named)
            .any(|named| !are_related(named, &host));
    is_disguised.then_some(host)
}

/// Returns true if a label mixes Latin letters with those of Greek or Cyrillic, or consists of
/// letters that look Latin.
fn has_mixed_scripts(label: &str) -> bool {
    const LOOK_LATIN: &str = "асԁеһіјӏоорԛѕԝхуүαονρυιꜱ";
    let is_other = |c: char| ('\u{370}'..='\u{52F}').contains(&c);
    let others = label.chars().filter(|c| is_other(*c)).count();
    let has_latin = label.chars().any(|c| c.is_ascii_alphabetic());
    let looks_latin = || {
        label
            .chars()
            .all(|c| c.is_ascii() || LOOK_LATIN.contains(c))
    };
    others > 0 && (has_latin || looks_latin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_can_be_searched() {
        assert!(GENERIC.is_sorted());
    }

    #[test]
    fn hosts_and_addresses_are_found_in_texts() {
        assert_eq!(
            hosts_in("Visit WWW.Bank.example.com, now"),
            ["www.bank.example.com"]
        );
        assert_eq!(hosts_in("https://shop.intern/x?y"), ["shop.intern"]);
        assert_eq!(hosts_in("(Mühle.de)"), ["mühle.de"]);
        for none in [
            "Dr. Smith",
            "e.g. this",
            "lib.rs and README.md",
            "3.14",
            "a@b.com",
            "x.",
            "",
        ] {
            assert!(hosts_in(none).is_empty(), "{none}");
        }
        assert_eq!(addresses_in("\"Ann\" <ann@b.com>"), ["ann@b.com"]);
        assert_eq!(
            addresses_in("help\u{FF20}bank\u{FF0E}com"),
            ["help@bank.com"]
        );
        assert!(addresses_in("@home and a@b").is_empty());
    }

    #[test]
    fn hosts_of_one_registered_domain_are_related() {
        assert!(are_related("mail.example.com", "www.Example.com"));
        assert!(are_related("a.example.co.uk", "example.co.uk"));
        assert!(!are_related("a.co.uk", "b.co.uk"));
        assert!(!are_related("example.com", "example.org"));
        assert!(!are_related("example.com.evil.test", "example.com"));
    }

    #[test]
    fn links_that_hide_their_host_are_recognised() {
        for (address, text, host) in [
            ("https://evil.test/x", "www.bank.com", "evil.test"),
            ("https://bank.com@evil.test:8/", "here", "evil.test"),
            ("https://xn--pypal-4ve.com/", "here", "xn--pypal-4ve.com"),
            ("https://p\u{430}ypal.com/", "here", "p\u{430}ypal.com"),
            (
                "https://\u{430}\u{440}\u{440}\u{4cf}\u{435}.com",
                "x",
                "\u{430}\u{440}\u{440}\u{4cf}\u{435}.com",
            ),
        ] {
            assert_eq!(
                disguised_host(address, text).as_deref(),
                Some(host),
                "{address}"
            );
        }
        for (address, text) in [
            ("https://www.bank.com/x", "bank.com"),
            ("https://login.bank.com/x", "https://www.bank.com/"),
            ("https://evil.test/x", "Click here"),
            ("https://github.test/lib.rs", "lib.rs"),
            ("https://a.test/?b", "https://a.test/?u=https://b.test"),
            (
                "https://\u{44f}\u{43d}\u{434}\u{435}\u{43a}\u{441}.test",
                "x",
            ),
            ("https://m\u{fc}ller.test", "x"),
            ("mailto:a@b.test", "c@d.com"),
        ] {
            assert_eq!(disguised_host(address, text), None, "{address}");
        }
    }
}
