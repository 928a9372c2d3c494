//! Reasons to doubt that a message is from its sender.

use super::entry::address_field;
use super::headers::Headers;
use super::hosts::{addresses_in, are_related, host_of, hosts_in};
use crate::api::mail::{Address, Doubt, DoubtKind};

/// Returns the reasons to doubt the sender of a message. Other domains in `Reply-To` are usual in
/// newsletters, and count only beside another reason.
pub(in crate::engine) fn doubts(headers: &Headers<'_>) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let mut add = |kind, detail| doubts.push(Doubt { kind, detail });
    let is_from = |(name, _): &(&[u8], &[u8])| name.eq_ignore_ascii_case(b"from");
    if headers.iter().filter(is_from).count() > 1 {
        add(DoubtKind::SeveralSenders, String::new());
    }
    let from = address_field(headers, "from");
    if let Some(address) = from.iter().find_map(foreign_address) {
        add(DoubtKind::ForeignAddress, address);
    }
    if let Some(server) = failed_results(headers) {
        add(DoubtKind::FailedResults, server);
    }
    let sender = from.first().map(|from| host_of(&from.address));
    let replies = address_field(headers, "reply-to");
    let reply = replies.iter().map(|reply| host_of(&reply.address));
    let elsewhere = reply.into_iter().find(|host| {
        !host.is_empty()
            && sender
                .as_ref()
                .is_some_and(|sender| !are_related(sender, host))
    });
    if let Some(host) = elsewhere.filter(|_| !doubts.is_empty()) {
        let kind = DoubtKind::RepliesElsewhere;
        doubts.push(Doubt { kind, detail: host });
    }
    doubts
}

/// Returns the sender for the list: the display name, after the address if the name shows another
/// address or host.
pub(in crate::engine) fn sender_line(from: &Address) -> String {
    let Address { name, address } = from;
    let own = address.to_ascii_lowercase();
    let claims_other = || {
        addresses_in(name).iter().any(|other| *other != own)
            || hosts_in(name)
                .iter()
                .any(|host| !are_related(host, &host_of(address)))
    };
    if name.is_empty() {
        address.clone()
    } else if !address.is_empty() && claims_other() {
        format!("{address} ({name})")
    } else {
        name.clone()
    }
}

/// Returns the address of another domain that a display name contains.
fn foreign_address(from: &Address) -> Option<String> {
    let host = host_of(&from.address);
    addresses_in(&from.name)
        .into_iter()
        .find(|other| !host.is_empty() && !are_related(&host_of(other), &host))
}

/// Returns the server that could not confirm the sender, by its `Authentication-Results` ([RFC 8601
/// §2.2]). Only fields above the topmost `Received` count: the sender may have written the others.
/// The server's name is as the message gives it, and means nothing until the user confirms it.
fn failed_results(headers: &Headers<'_>) -> Option<String> {
    let above = headers
        .iter()
        .take_while(|(name, _)| !name.eq_ignore_ascii_case(b"received"));
    let mut results: Vec<(String, String)> = Vec::new();
    for (name, value) in above {
        if name.eq_ignore_ascii_case(b"authentication-results") {
            let text = without_comments(&String::from_utf8_lossy(value).to_ascii_lowercase());
            let (server, outcome) = text.split_once(';').unwrap_or((&text, ""));
            let server = server.split_ascii_whitespace().next().unwrap_or_default();
            results.push((server.to_owned(), outcome.to_owned()));
        }
    }
    let (server, _) = results.first()?.clone();
    let own = results.iter().filter(|(name, _)| *name == server);
    let outcomes: Vec<&str> = own
        .flat_map(|(_, outcome)| outcome.split(';'))
        .map(str::trim)
        .collect();
    let is = |result: &str| {
        outcomes.iter().any(|outcome| {
            let word = outcome.split_ascii_whitespace().next().unwrap_or_default();
            word == result
        })
    };
    let has_dmarc = outcomes.iter().any(|outcome| outcome.starts_with("dmarc="));
    let failed = match has_dmarc {
        true => is("dmarc=fail") && !is("dmarc=pass"),
        false => {
            (is("spf=fail") && !is("dkim=pass"))
                || (is("dkim=fail") && !is("spf=pass") && !is("dkim=pass"))
        }
    };
    let is_host = server.contains('.') && server.len() <= 253;
    (failed && is_host).then_some(server)
}

/// Removes comments, which may contain semicolons.
fn without_comments(text: &str) -> String {
    let mut depth = 0_u32;
    let keep = |character: &char| match character {
        '(' => {
            depth += 1;
            false
        }
        ')' => {
            depth = depth.saturating_sub(1);
            false
        }
        _ => depth == 0,
    };
    text.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<DoubtKind> {
        let doubts = doubts(&Headers::parse(text.as_bytes()).0);
        doubts.into_iter().map(|doubt| doubt.kind).collect()
    }

    #[test]
    fn honest_mail_raises_no_doubts() {
        for text in [
            "From: Ann <ann@example.com>\n",
            "From: \"ann@example.com\" <ann@example.com>\nReply-To: x@other.org\n",
            "From: \"help@example.com\" <no-reply@mail.example.com>\n",
            "From: Example.com <news@example.com>\nFrom-Other: x\n",
            "Authentication-Results: mx.a.net; dmarc=pass; spf=fail\nFrom: a@b.com\n",
            "Authentication-Results: mx.a.net (c; dmarc=fail); spf=none; dkim=none\nFrom: a@b.com\n",
            "Received: by x\nAuthentication-Results: mx.a.net; dmarc=fail\nFrom: a@b.com\n",
            "Authentication-Results: mx.a.net; none\nFrom: a@b.com\n",
            "Subject: nothing\n",
            "",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn each_reason_for_doubt_is_found() {
        use DoubtKind::{FailedResults, ForeignAddress, RepliesElsewhere, SeveralSenders};
        for (text, expected) in [
            ("From: a@b.com\nFROM: c@d.com\n", vec![SeveralSenders]),
            (
                "From: \"pay@bank.com\" <x@evil.net>\n",
                vec![ForeignAddress],
            ),
            (
                "From: \"pay@bank.com\" <x@evil.net>\nReply-To: y@third.org\n",
                vec![ForeignAddress, RepliesElsewhere],
            ),
            (
                "Authentication-Results: mx.a.net 1;\n dmarc=fail (p=reject) header.from=b.com\nFrom: a@b.com\n",
                vec![FailedResults],
            ),
            (
                "Authentication-Results: mx.a.net; spf=fail; dkim=none\nFrom: a@b.com\n",
                vec![FailedResults],
            ),
        ] {
            assert_eq!(kinds(text), expected, "{text}");
        }
    }

    #[test]
    fn only_the_topmost_server_is_reported() {
        let text = "Authentication-Results: mx.a.net; dmarc=pass\n\
                    Authentication-Results: mx.evil.net; dmarc=fail\nFrom: a@b.com\n";
        assert_eq!(kinds(text), []);
        let text = "Authentication-Results: MX.a.net; dmarc=fail\nFrom: a@b.com\n";
        let doubts = doubts(&Headers::parse(text.as_bytes()).0);
        assert_eq!(doubts[0].detail, "mx.a.net");
    }

    #[test]
    fn the_list_shows_the_address_of_a_sender_whose_name_claims_another() {
        let line = |name: &str, address: &str| {
            sender_line(&Address {
                name: name.to_owned(),
                address: address.to_owned(),
            })
        };
        assert_eq!(line("Ann", "a@b.com"), "Ann");
        assert_eq!(line("", "a@b.com"), "a@b.com");
        assert_eq!(line("Example.com", "a@news.example.com"), "Example.com");
        assert_eq!(line("Bank.com", "a@b.net"), "a@b.net (Bank.com)");
        assert_eq!(line("x@b.com", "a@b.com"), "a@b.com (x@b.com)");
        assert_eq!(line("A@b.com", "a@b.com"), "A@b.com");
    }
}
