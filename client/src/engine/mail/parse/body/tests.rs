//! The choice of texts and attachments.

use super::*;

fn contents(message: &str) -> Contents {
    Contents::of(&Tree::parse(message.as_bytes()))
}

fn multipart(kind: &str, parts: &[&str]) -> String {
    let parts: String = parts
        .iter()
        .map(|part| format!("--{kind}\n{part}\n"))
        .collect();
    format!("Content-Type: multipart/{kind}; boundary={kind}\n\n{parts}--{kind}--\n")
}

/// Asserts the blocks and attachments of a message.
fn assert_contents(message: &str, blocks: &[BodyBlock], attachments: &[usize]) {
    let contents = contents(message);
    assert_eq!(contents.blocks, blocks, "{message}");
    assert_eq!(contents.attachments, attachments, "{message}");
}

const PLAIN: &str = "Content-Type: text/plain\n\nwords";
const HTML: &str = "Content-Type: text/html\n\n<p>words</p><img src=cid:i@x>";
const BLANK_HTML: &str = "Content-Type: text/html\n\n<html><body>&nbsp;<br></body></html>";
const IMAGE: &str = "Content-Type: image/png\nContent-ID: <i@x>\n\
    Content-Transfer-Encoding: base64\n\niVBORw0KGgo=";
const PDF: &str = "Content-Type: application/pdf; name=a.pdf\n\npdf";
const LOG: &str = "Content-Type: text/plain; name=log.txt\n\nlog";

#[test]
fn the_html_alternative_is_shown_in_any_order() {
    for parts in [[PLAIN, HTML], [HTML, PLAIN]] {
        let contents = contents(&multipart("alternative", &parts));
        assert!(matches!(contents.blocks.as_slice(), [BodyBlock::Html(_)]));
        assert!(contents.attachments.is_empty());
    }
}

#[test]
fn an_alternative_without_content_loses_to_one_with_words() {
    let alternative = |parts: &[&str]| multipart("alternative", parts);
    assert_contents(
        &alternative(&[PLAIN, BLANK_HTML]),
        &[BodyBlock::Text(1)],
        &[],
    );
    let related = multipart("related", &[BLANK_HTML]);
    assert_contents(&alternative(&[PLAIN, &related]), &[BodyBlock::Text(1)], &[]);
    let blank = "Content-Type: text/plain\n\n \n";
    assert_contents(&alternative(&[blank, HTML]), &[BodyBlock::Html(2)], &[]);
    assert_contents(
        &alternative(&[blank, BLANK_HTML]),
        &[BodyBlock::Html(2)],
        &[],
    );
    let picture = "Content-Type: text/html\n\n<img src=cid:i@x>";
    assert_contents(&alternative(&[PLAIN, picture]), &[BodyBlock::Html(2)], &[]);
}

#[test]
fn alternatives_with_file_names_are_texts() {
    let html = HTML.replace("html", "html; name=body.html");
    let plain = LOG.replace(
        "\n\n",
        "\nContent-Disposition: inline; filename=body.txt\n\n",
    );
    let message = multipart("alternative", &[&plain, &html]);
    assert_contents(&message, &[BodyBlock::Html(2)], &[]);
    let attached = HTML.replace("\n\n", "\nContent-Disposition: attachment\n\n");
    let message = multipart("alternative", &[PLAIN, &attached]);
    assert_contents(&message, &[BodyBlock::Text(1)], &[2]);
}

#[test]
fn renditions_for_one_program_are_not_shown() {
    for kind in ["text/x-amp-html", "text/watch-html", "text/enriched"] {
        let other = PLAIN.replace("text/plain", kind);
        let message = multipart("alternative", &[PLAIN, &other, HTML]);
        assert_contents(&message, &[BodyBlock::Html(3)], &[]);
    }
}

#[test]
fn a_calendar_among_the_alternatives_is_an_attachment() {
    let calendar = "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR";
    let message = multipart("alternative", &[PLAIN, HTML, calendar]);
    assert_contents(&message, &[BodyBlock::Html(2)], &[3]);
    assert_eq!(contents(&message).calendar, Some(3));
}

#[test]
fn only_the_root_of_a_related_multipart_is_shown() {
    let frame = "Content-Type: text/html\nContent-ID: <f>\n\nframe";
    assert_contents(
        &multipart("related", &[HTML, frame, IMAGE]),
        &[BodyBlock::Html(1), BodyBlock::Picture(3)],
        &[2, 3],
    );
    let root = frame.replace("<f>", "<root@x>");
    let message = multipart("related", &[frame, IMAGE, &root]);
    let started = message.replace("related;", "related; start=\"<Root@x>\";");
    assert_contents(
        &started,
        &[BodyBlock::Picture(2), BodyBlock::Html(3)],
        &[1, 2],
    );
    let footer = multipart("related", &[IMAGE, HTML, PLAIN]);
    assert_contents(
        &footer,
        &[
            BodyBlock::Picture(1),
            BodyBlock::Html(2),
            BodyBlock::Text(3),
        ],
        &[1],
    );
    let alternatives = multipart("alternative", &[PLAIN, HTML]);
    let outlook = multipart("related", &[&alternatives, IMAGE]);
    assert_contents(&outlook, &[BodyBlock::Html(3), BodyBlock::Picture(4)], &[4]);
}

#[test]
fn consecutive_texts_are_shown_unless_they_are_files() {
    let attached = "Content-Disposition: attachment\n\nx";
    let message = multipart("mixed", &[PLAIN, LOG, attached, PLAIN]);
    assert_contents(&message, &[BodyBlock::Text(1), BodyBlock::Text(4)], &[2, 3]);
}

#[test]
fn a_named_text_is_shown_if_there_is_no_other() {
    let inline = LOG.replace(
        "\n\n",
        "\nContent-Disposition: inline; filename=log.txt\n\n",
    );
    assert_contents(&multipart("mixed", &[&inline]), &[BodyBlock::Text(1)], &[]);
    assert_contents(
        &multipart("mixed", &[PDF, LOG, LOG]),
        &[BodyBlock::Text(2)],
        &[1, 3],
    );
    let blank = "Content-Type: text/plain\n\n\r\n";
    assert_contents(
        &multipart("mixed", &[blank, LOG]),
        &[BodyBlock::Text(1), BodyBlock::Text(2)],
        &[],
    );
    // Beside another text, an inline one is shown and can be saved.
    assert_contents(
        &multipart("mixed", &[PLAIN, &inline]),
        &[BodyBlock::Text(1), BodyBlock::Text(2)],
        &[2],
    );
    let exchange = inline.replace("log.txt", "ATT00001.txt");
    assert_contents(
        &multipart("mixed", &[PLAIN, &exchange]),
        &[BodyBlock::Text(1), BodyBlock::Text(2)],
        &[],
    );
}

#[test]
fn every_other_type_of_text_is_shown() {
    for kind in [
        "text/x-diff",
        "text/markdown",
        "text/unheard-of",
        "text",
        "plain",
    ] {
        let part = PLAIN.replace("text/plain", kind);
        assert_contents(&part, &[BodyBlock::Text(0)], &[]);
        assert_contents(
            &multipart("mixed", &[PLAIN, &part]),
            &[BodyBlock::Text(1), BodyBlock::Text(2)],
            &[],
        );
    }
}

#[test]
fn pictures_are_shown_between_the_texts() {
    let inline = "Content-Type: image/jpg; name=a.jpg\nContent-Disposition: inline\n\
        Content-Transfer-Encoding: base64\n\niVBORw0KGgo=";
    let message = multipart("mixed", &[PLAIN, inline, PLAIN]);
    let blocks = [
        BodyBlock::Text(1),
        BodyBlock::Picture(2),
        BodyBlock::Text(3),
    ];
    assert_contents(&message, &blocks, &[2]);
    let attached = inline.replace("inline", "attachment");
    assert_contents(
        &multipart("mixed", &[PLAIN, &attached]),
        &[BodyBlock::Text(1)],
        &[2],
    );
    assert_contents(
        &multipart("mixed", &[PDF, &attached]),
        &[BodyBlock::Picture(2)],
        &[1, 2],
    );
    assert_contents(inline, &[BodyBlock::Picture(0)], &[0]);
}

#[test]
fn a_report_is_shown_if_it_has_no_other_text() {
    let status = "Content-Type: message/delivery-status\n\nStatus: 5.1.1";
    let returned = "Content-Type: message/rfc822\n\nSubject: x\n\ny";
    let headers = "Content-Type: text/rfc822-headers\n\nSubject: x";
    assert_contents(
        &multipart("report", &[status, returned]),
        &[BodyBlock::Text(1)],
        &[2],
    );
    assert_contents(
        &multipart("report", &[PLAIN, status, headers]),
        &[BodyBlock::Text(1)],
        &[2, 3],
    );
}

#[test]
fn an_encrypted_message_offers_its_encrypted_part() {
    let control = "Content-Type: application/pgp-encrypted\n\nVersion: 1";
    let data = "Content-Type: application/octet-stream; name=encrypted.asc\n\npgp";
    let message = multipart("encrypted", &[control, data]);
    assert_contents(&message, &[], &[2]);
    assert_eq!(contents(&message).hidden, Some(HiddenContent::Encrypted));
    let inline = "Content-Type: text/plain\n\n-----BEGIN PGP MESSAGE-----\n\nhQ";
    assert_eq!(contents(inline).hidden, Some(HiddenContent::Encrypted));
    let smime = "Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n\
        MIIBoAYJKoZIhvcNAQcDoIIBkTCCAY0=";
    assert_eq!(contents(smime).hidden, Some(HiddenContent::Encrypted));
    assert_eq!(contents(PLAIN).hidden, None);
}

#[test]
fn a_piece_of_a_message_is_named() {
    let piece = "Content-Type: message/partial; number=2; total=3; id=x\n\nwords";
    assert_contents(piece, &[], &[0]);
    assert_eq!(contents(piece).hidden, Some(HiddenContent::Piece));
}

#[test]
fn a_nested_message_is_an_attachment() {
    let nested = "Content-Type: message/rfc822\n\nSubject: inner\n\ntext";
    assert_contents(
        &multipart("mixed", &[PLAIN, nested]),
        &[BodyBlock::Text(1)],
        &[2],
    );
}
