//! The markup that must never come out, the markup that must, and the stability of a second pass.

mod vectors;

use proptest::prelude::*;

use super::{Document, Images};
use vectors::VECTORS;

fn sanitised(html: &str, remote: bool) -> (String, u32) {
    let mut images = Images::new(remote);
    images.add(
        1,
        vec!["pic@x".to_owned()],
        "image/png",
        b"\x89PNG".to_vec(),
    );
    let mut document = Document::new(images);
    document.html(html);
    document.finish()
}

/// Returns the content of the body.
fn body(html: &str) -> String {
    let (document, _) = sanitised(html, false);
    let (_, body) = document.split_once("</head>").unwrap();
    let (_, content) = body.split_once('>').unwrap();
    content.strip_suffix("</body></html>").unwrap().to_owned()
}

/// Elements that run code, load or send data, or change the parser's state.
const ACTIVE_ELEMENTS: &[&str] = &[
    "applet",
    "audio",
    "base",
    "button",
    "details",
    "dialog",
    "embed",
    "form",
    "frame",
    "frameset",
    "iframe",
    "image",
    "input",
    "isindex",
    "keygen",
    "link",
    "listing",
    "marquee",
    "math",
    "meta",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "option",
    "param",
    "picture",
    "plaintext",
    "script",
    "select",
    "slot",
    "source",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "track",
    "video",
    "xmp",
];

/// Attributes that load, send or name something, except event handlers, and except `id`: without
/// scripts, it names only a place for links.
const ACTIVE_ATTRIBUTES: &[&str] = &[
    "action",
    "archive",
    "autofocus",
    "cite",
    "data",
    "download",
    "dynsrc",
    "formaction",
    "http-equiv",
    "is",
    "lowsrc",
    "name",
    "ping",
    "poster",
    "slot",
    "srcdoc",
    "srcset",
    "usemap",
    "xlink",
    "xmlns",
];

/// Asserts that a browser would act on no part of the document. This check is independent of the
/// sanitiser's lists.
fn assert_inert(document: &str) {
    let (head, rest) = document.split_once("<style>").unwrap();
    assert_eq!(head.matches('<').count(), 9, "{head}");
    let (style, rest) = rest.split_once("</style>").unwrap();
    let lower = style.to_ascii_lowercase();
    assert!(
        !style.contains('<') && !lower.contains("@import"),
        "{style}"
    );
    assert_only_data_pictures(&lower);
    assert!(
        !lower.contains("expression") && !style.contains('\\') && !lower.contains("fixed"),
        "{style}"
    );
    let mut rest = rest.strip_prefix("</head>").unwrap();
    while let Some((_, behind)) = rest.split_once('<') {
        let (tag, behind) = behind.split_once('>').unwrap();
        rest = behind;
        let mut words = tag.splitn(2, ' ');
        let name = words.next().unwrap().trim_start_matches('/');
        assert!(!ACTIVE_ELEMENTS.contains(&name), "element {name}");
        assert!(
            name.bytes().all(|octet| octet.is_ascii_alphanumeric()),
            "element {name}"
        );
        let mut attributes = words.next().unwrap_or_default();
        while let Some((attribute, behind)) = attributes.split_once("=\"") {
            let attribute = attribute.trim_start();
            let (value, behind) = behind.split_once('"').unwrap();
            attributes = behind;
            let is_active = attribute.starts_with("on") || ACTIVE_ATTRIBUTES.contains(&attribute);
            assert!(!is_active, "attribute {attribute}");
            let value = value.to_ascii_lowercase();
            match attribute {
                "src" | "background" => assert!(value.starts_with("data:image/"), "{value}"),
                "href" => assert!(
                    ["http://", "https://", "mailto:", "#"]
                        .iter()
                        .any(|scheme| value.starts_with(scheme)),
                    "{value}"
                ),
                "style" => {
                    assert!(!value.contains("expression"), "{value}");
                    assert_only_data_pictures(&value);
                }
                _ => {}
            }
        }
        assert!(!attributes.contains(['=', '"', '\'']), "{attributes}");
    }
}

/// Asserts that declarations load nothing but pictures that are in their own address.
fn assert_only_data_pictures(css: &str) {
    for (position, _) in css.match_indices("url") {
        let address = &css[position..];
        let is_word = css[..position].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        assert!(
            address.starts_with("url('data:image/") || is_word || !address.contains('('),
            "{css}"
        );
    }
    assert!(!css.contains("image-set") && !css.contains("//"), "{css}");
}

#[test]
fn every_vector_becomes_inert() {
    for vector in VECTORS {
        let (document, _) = sanitised(vector, false);
        assert_inert(&document);
        let (document, _) = sanitised(&format!("<div><table><tr><td>{vector}"), false);
        assert_inert(&document);
    }
}

#[test]
fn every_pair_of_vectors_becomes_inert() {
    for first in VECTORS {
        for second in VECTORS {
            assert_inert(&sanitised(&format!("{first}{second}"), false).0);
        }
    }
}

#[test]
fn ordinary_markup_is_kept() {
    let table = [
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<b>x<i>y</b>z", "<b>x<i>y</i></b>z"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        (
            "<table><tr><td>a<td>b<tr><td>c</table>",
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
        ),
        ("<td>a</div></td>", "<td>a</td>"),
        (
            "<table width=600 cellpadding=\"0\" bgcolor=#ffffff align=center></table>",
            "<table width=\"600\" cellpadding=\"0\" bgcolor=\"#ffffff\" align=\"center\"></table>",
        ),
        (
            "<p style=\"color: red; position: fixed\">x",
            "<p style=\"color:red\">x</p>",
        ),
        (
            "<a href=https://a.test/?a=1&amp;b=2>x</a>",
            "<a href=\"https://a.test/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener noreferrer\">x</a>",
        ),
        ("1 < 2 & 3 &gt; 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        (
            "<form>Name <input value=x> <button>Go</button></form>",
            "Name  Go",
        ),
        (
            "<a name=top>x</a><h2 id='part 2' name=y>y</h2><a href='#part 2'>z</a>",
            "<a id=\"top\">x</a><h2 id=\"part 2\">y</h2>\
             <a href=\"#part 2\" target=\"_self\" rel=\"noopener noreferrer\">z</a>",
        ),
        (
            "<base href=https://a.test/d/><base href=https://b.test><a href=x>x</a>",
            "<a href=\"https://a.test/d/x\" target=\"_blank\" rel=\"noopener noreferrer\">x</a>",
        ),
        ("<a href='http:?x'>x</a>", "<a>x</a>"),
        ("<svg><text>gone</text></svg>kept", "kept"),
        ("<o:p>Outlook</o:p>", "Outlook"),
    ];
    for (html, kept) in table {
        assert_eq!(body(html), kept);
    }
}

#[test]
fn inline_images_are_shown_and_remote_images_counted() {
    let html =
        "<img src=cid:pic@x alt=a><img src=https://x.test/b width=1><img src=http://x.test/c>";
    let (document, blocked) = sanitised(html, false);
    assert_eq!(blocked, 2);
    assert!(
        document.contains(
            "<img src=\"data:image/png;base64,iVBORw==\" alt=\"a\"><img width=\"1\"><img>"
        )
    );
    assert!(document.contains("img-src data:;"));
    let (document, blocked) = sanitised(html, true);
    assert_eq!(blocked, 0);
    assert!(
        document
            .contains("<img src=\"https://x.test/b\" width=\"1\"><img src=\"https://x.test/c\">")
    );
    assert!(document.contains("img-src data: https:;"));
}

#[test]
fn remote_backgrounds_are_counted_once_and_shown_when_asked_for() {
    let html = "<style>.h{background:#123 url(//x.test/a) center}</style>\
        <td class=h background=https://x.test/a style='background-image:url(\"http://x.test/b\")'>x";
    let (document, blocked) = sanitised(html, false);
    assert_eq!(blocked, 2);
    assert!(document.contains(".h{background:#123 none center}"));
    assert!(document.contains("<td class=\"h\" style=\"background-image:none\">"));
    let (document, blocked) = sanitised(html, true);
    assert_eq!(blocked, 0);
    assert!(document.contains(".h{background:#123 url('https://x.test/a') center}"));
    assert!(document.contains("style=\"background-image:url('https://x.test/b')\""));
    let (document, _) = sanitised("<p style='background:url(cid:pic@x)'>x", false);
    assert!(document.contains("background:url('data:image/png;base64,iVBORw==')"));
}

#[test]
fn text_of_nearly_the_colour_behind_it_gets_another_one() {
    // The words, and whether their colour is repaired.
    let table = [
        ("<p style='color:#fff'>x", true),
        ("<p style='color:#333'>x", false),
        ("<td bgcolor=#102030><p>x", true),
        ("<td bgcolor=#102030 style='color:#fff'><p>x", false),
        (
            "<td style='background:#102030 url(//x.test/a)'><font color=white>x",
            false,
        ),
        ("<td style='background:url(//x.test/a);color:#fff'>x", true),
        ("<td background='cid:pic@x'><font color=white>x", false),
        (
            "<td style='background:linear-gradient(#000,#333);color:#fff'>x",
            false,
        ),
        (
            "<td style='background:linear-gradient(#fff,#eee);color:#fff'>x",
            true,
        ),
        (
            "<div style='background:#000;color:#fff'><p style='background:#fff'>x",
            true,
        ),
        ("<div style='background:#111'><a href=//a.test>x", true),
        (
            "<div style='background:#111'><a href=//a.test style='color:#eee'>x",
            false,
        ),
        ("<style>.w{color:#fff}</style><p class=w>x", true),
        (
            "<style>.d{background:#000}.d p{color:#fff}</style><div class=d><p>x",
            false,
        ),
        (
            "<style>p{color:#fff}p.k{color:#000}</style><p class=k>x",
            false,
        ),
        (
            "<style>p{color:#fff!important}</style><p style='color:#000'>x",
            true,
        ),
        ("<p class=w>x<style>.w{color:#fff}</style>", true),
        ("<style>p:first-child{color:#fff}</style><p>x", false),
        (
            "<style>@media (prefers-color-scheme:dark){p{color:#fff}}</style><p style='color:#222'>x",
            false,
        ),
        ("<style>@media screen{p{color:#fefefe}}</style><p>x", true),
        ("<p style='color:rgba(0,0,0,.05)'>x", true),
        ("<p style='color:transparent'>x", true),
    ];
    for (html, repaired) in table {
        let (document, _) = sanitised(html, false);
        assert_eq!(
            document.contains("<span style=\"color:#"),
            repaired,
            "{html}: {document}"
        );
    }
    // A body that only has a background colours all of its text.
    let (document, _) = sanitised(
        "<body bgcolor=#111>x<p>y<p style='background:#999'>z",
        false,
    );
    assert!(document.contains("style=\"color:#"), "{document}");
    assert_eq!(document.matches("<span").count(), 1, "{document}");
    // The text for an image that is left out.
    let (document, _) = sanitised("<p style='color:#fff'><img alt=Logo src=//x.test/a>", false);
    assert!(
        document.contains("<img alt=\"Logo\" style=\"color:#"),
        "{document}"
    );
}

#[test]
fn a_link_that_hides_its_host_shows_it_and_asks() {
    let html = "<p><a class=c href='https://evil.test/x'>www.<b>bank</b>.com</a> or \
                <a href='https://a@b.test/'>this</a>, <a href=https://bank.com/>bank.com</a>";
    let content = body(html);
    assert!(
        content.starts_with(
            "<p><a class=\"c\" href=\"#restante-1\" target=\"_self\" rel=\"noopener noreferrer\">\
             www.<b>bank</b>.com</a> [evil.test]<span id=\"restante-1\" class=\"restante-note\" \
             style=\"background:#fff;color:#000\"> (<i class=\"restante-leads\"></i>\
             <a style=\"color:#00e\" href=\"https://evil.test/x\" target=\"_blank\""
        ),
        "{content}"
    );
    assert!(
        content.contains("this</a> [b.test]<span id=\"restante-2\""),
        "{content}"
    );
    assert!(content.ends_with("bank.com</a></p>"), "{content}");
    assert_inert(&sanitised(html, false).0);
}

#[test]
fn the_style_of_a_mail_follows_ours() {
    let html = "<style>.h{color:red}</style><style>@media (max-width:600px){.h{width:100%}}</style><p class=h>x";
    let (document, _) = sanitised(html, false);
    assert!(document.contains("/**/.h{color:red}@media (max-width:600px){.h{width:100%}}</style>"));
    assert!(document.contains("<p class=\"h\">"));
}

#[test]
fn the_colour_of_the_body_fills_the_frame() {
    let is_white = |html: &str| sanitised(html, false).0.contains("html{background:#fff}");
    assert!(is_white("<body><p style='color:#123456'>x"));
    assert!(!is_white(
        "<body style='margin:0; background: #fbf7ee; padding:16px'>x"
    ));
    assert!(!is_white("<body bgcolor='#fbf7ee'>x"));
    assert!(is_white(
        "<body style='background:transparent;color:#000'>x"
    ));
    assert!(!is_white("<p>x"));
    assert!(!is_white("<style>body{background-color:#eee}</style><p>x"));
}

#[test]
fn only_mail_without_colours_follows_the_users_theme() {
    let scheme = |html| {
        let (document, _) = sanitised(html, false);
        document.contains("content=\"light dark\"")
    };
    assert!(scheme("<p>plain words about color: red</p>") || scheme("<p>plain words</p>"));
    assert!(!scheme("<p style='color:red'>x"));
    assert!(!scheme("<body bgcolor=white>x"));
}

#[test]
fn depth_and_size_are_bounded() {
    let (document, _) = sanitised(&"<div>".repeat(500_000), false);
    assert!(document.len() < 10_000);
    assert_inert(&document);
    let (document, _) = sanitised(&"<img src=cid:pic@x>".repeat(100_000), false);
    assert!(document.len() < 10_000_000);
    let huge = format!("<p title=\"{}\">x", "&".repeat(3_000_000));
    assert!(sanitised(&huge, false).0.len() < 50_000);
}

proptest! {
    #[test]
    fn sanitising_a_document_again_does_not_change_it(
        pieces in prop::collection::vec(prop::sample::select(pieces()), 0..12),
        remote: bool,
    ) {
        let (once, _) = sanitised(&pieces.concat(), remote);
        let (twice, _) = sanitised(&once, remote);
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn every_mixture_becomes_inert(
        pieces in prop::collection::vec(prop::sample::select(pieces()), 0..12),
        noise in ".{0,20}",
    ) {
        let html: String = pieces.iter().flat_map(|piece| [piece, noise.as_str()]).collect();
        assert_inert(&sanitised(&html, false).0);
    }
}

/// Returns the vectors, and pieces of markup to mix with them.
fn pieces() -> Vec<&'static str> {
    let bits = [
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<table>",
        "<tr>",
        "<td>",
        "</td>",
        "</table>",
        "<a href=",
        "https://a.test",
        "<b>",
        "</i>",
        "<ul>",
        "<li>",
        "</ul>",
        "\"",
        "'",
        ">",
        "<",
        "=",
        "/",
        "<!--",
        "-->",
        "&lt;",
        "&#x",
        "style=",
        "color:red",
        "{",
        "}",
        "text",
        "\n",
        "</style>",
        "<style>",
        "<body bgcolor=red>",
        "<pre>\n",
        "<svg>",
        "</svg>",
        "<title>",
        "</title>",
    ];
    VECTORS.iter().copied().chain(bits).collect()
}
