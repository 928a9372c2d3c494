//! Broken mail: every modification of a message still gives a readable result, and none panics.

mod alarms;

use proptest::prelude::*;

use super::{MessageFacts, attachment, open_message, summary, terms};
use crate::api::ids::{MailboxId, MessageId, PartId};
use crate::api::mail::{Body, OpenMessage};

const FACTS: MessageFacts = MessageFacts {
    id: MessageId(1),
    part: PartId(0),
    mailbox: MailboxId(1),
    date: 0,
};

fn open(message: &[u8]) -> OpenMessage {
    open_message(message, FACTS, false)
}

/// Opens a message without remote images.
pub(super) fn open_text(message: &str) -> OpenMessage {
    open(message.as_bytes())
}

fn text(message: &[u8]) -> String {
    match open(message).body {
        Body::Text { text } => text,
        Body::Html { html, .. } => html,
    }
}

/// A message with an example of every feature.
const SAMPLE: &[u8] = b"Received: from x by y; Fri, 21 Nov 1997 09:55:06 -0600\r\n\
    From: =?iso-2022-jp?B?GyRCJU8lbSE8GyhC?= <a@example.org>, \"B, C\" <b@example.org>\r\n\
    To: Group: x@example.org, y@example.org;, =?utf-8?Q?J=C3=BC?= (comment (nested)) <j@x>\r\n\
    Subject: =?gb2312?Q?=C4=E3=BA=C3?= and\r\n\tmore =?utf-8?B?w7w=?=\r\n\
    Date: Fri, 21 Nov 1997 09:55:06 -0600 (CST)\r\n\
    Message-ID: <1@x>\r\nIn-Reply-To: <0@x>\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=\"outer\"\r\n\r\npreamble\r\n--outer\r\n\
    Content-Type: multipart/alternative; boundary=inner\r\n\r\n--inner\r\n\
    Content-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
    =F0=D2=C9=D7=C5=D4 =\r\n\r\n--inner\r\nContent-Type: text/html; charset=shift_jis\r\n\r\n\
    <html><style>p{color:red}</style><body bgcolor=\"#fff\"><p title='x'>\x83n\x83\x8D\x81[\
    <img src=\"cid:i@x\"></body></html>\r\n--inner--\r\n--outer\r\n\
    Content-Type: image/png\r\nContent-ID: <i@x>\r\nContent-Transfer-Encoding: base64\r\n\r\n\
    iVBORw0KGgo=\r\n--outer\r\n\
    Content-Type: application/pdf; name*0*=utf-8''%E2%82%AC; name*1=\"x.pdf\"\r\n\
    Content-Disposition: attachment; filename=\"=?utf-8?Q?=E2=82=AC.pdf?=\"\r\n\r\npdf\r\n\
    --outer\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ntext\r\n--outer--\r\n";

#[test]
fn the_sample_is_parsed_completely() {
    let message = open(SAMPLE);
    assert_eq!(message.subject, "你好 and\tmore ü");
    assert_eq!(message.from[0].name, "ハロー");
    assert_eq!(message.from[1].name, "B, C");
    let Body::Html { html, .. } = message.body else {
        panic!("not HTML");
    };
    assert!(
        html.contains("ハロー<img src=\"data:image/png;base64,iVBORw0KGgo=\">"),
        "{html}"
    );
    let names: Vec<_> = message
        .attachments
        .iter()
        .map(|a| a.name.as_str())
        .collect();
    assert_eq!(names, ["€.pdf", "inner.eml"]);
    assert!(terms(SAMPLE).text.contains("ハロー") && summary(SAMPLE).has_attachments);
}

#[test]
fn every_prefix_of_a_message_is_parsed() {
    for end in 0..SAMPLE.len() {
        let cut = &SAMPLE[..end];
        let message = open(cut);
        for listed in message.attachments {
            assert!(attachment(cut, listed.part).is_some());
        }
        assert!(summary(cut).snippet.chars().count() <= 200);
    }
}

#[test]
fn broken_structures_give_readable_text() {
    let table: &[&[u8]] = &[
        b"words without any header",
        b"\r\nwords after an empty header",
        b"Content-Type: multipart/mixed\r\n\r\nwords",
        b"Content-Type: multipart/mixed; boundary=\"\"\r\n\r\nwords",
        b"Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\nwords",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a--\r\nwords",
        b"Content-Type: text/plain; charset=\"\r\n\r\nwords",
        b"Content-Type: text/html\r\n\r\n<p>words<",
        b"Content-Type: text\r\n\r\nwords",
        b"Content-Type: ;;;=\r\n\r\nwords",
        b"Content-Transfer-Encoding: base64\r\n\r\nd29yZHM",
        b"Content-Transfer-Encoding: x-uuencode-ish\r\n\r\nwords",
        b"Content-Disposition: attachment\r\n\r\nwords",
        b"Subject: x\rContent-Type: text/html\r\r\nwords",
    ];
    for message in table {
        assert!(
            text(message).contains("words"),
            "{}",
            String::from_utf8_lossy(message)
        );
    }
}

/// Returns fragments of markup and header syntax, for the positions and contents of mutations.
fn scraps() -> Vec<&'static [u8]> {
    vec![
        b"\r\n",
        b"\n\n",
        b"--outer",
        b"--inner--",
        b"=?utf-8?B?",
        b"?=",
        b"\"",
        b"(",
        b")",
        b"<",
        b">",
        b";",
        b":",
        b",",
        b"@",
        b"\\",
        b"=",
        b"%",
        b"''",
        b"*0*=",
        b"\0",
        b"\xFF",
        b"\x1B$B",
        b"Content-Type: multipart/mixed; boundary=a\n",
        b"Content-Type: message/rfc822\n\n",
        b"Content-Transfer-Encoding: base64\n",
        b"Date: 99 99 99999 99:99:99 +9999\n",
        b"Date: -1 Jan 0000 00:00:00 -9999\n",
        b"<svg>",
        b"</style>",
        b"<!--",
        b"&#x110000;",
    ]
}

proptest! {
    #[test]
    fn no_mutation_of_a_message_panics(
        mutations in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..60_usize, prop::sample::select(scraps())),
            1..8,
        )
    ) {
        let mut message = SAMPLE.to_vec();
        for (place, length, scrap) in mutations {
            let start = place.index(message.len() + 1);
            let end = (start + length).min(message.len());
            message.splice(start..end, scrap.iter().copied());
        }
        prop_assert!(summary(&message).snippet.chars().count() <= 200);
        prop_assert!(terms(&message).text.len() <= 400_000);
        for listed in open(&message).attachments {
            prop_assert!(attachment(&message, listed.part).is_some());
        }
    }
}
