//! Fields with parameters, as the RFCs and real senders write them.

use super::*;

fn parameter(field: &str, name: &str) -> Option<String> {
    ContentField::parse(field.as_bytes(), None)
        .parameter(name)
        .map(ToOwned::to_owned)
}

#[test]
fn value_and_parameters_are_parsed_in_every_spelling() {
    let content = ContentField::parse(b"Text / HTML (c;=) ; CharSet=\"us-ascii\" ;x=y", None);
    assert_eq!(content.value, "text/html");
    assert_eq!(content.parameter("charset"), Some("us-ascii"));
    assert_eq!(content.parameter("x"), Some("y"));
    assert_eq!(ContentField::parse(b"", None).value, "");
}

#[test]
fn parameters_without_a_semicolon_do_not_spoil_the_value() {
    let table = [
        ("text/html charset=utf-8", "text/html", "charset", "utf-8"),
        (
            "Text/HTML, Charset=KOI8-R",
            "text/html",
            "charset",
            "KOI8-R",
        ),
        ("text\\html; charset=utf-8", "text/html", "charset", "utf-8"),
        (
            "multipart/mixed boundary=\"a B\"",
            "multipart/mixed",
            "boundary",
            "a B",
        ),
        (
            "attachment filename=\"the log.txt\"",
            "attachment",
            "filename",
            "the log.txt",
        ),
        (
            "text/plain x=1 charset=utf-8; y=2",
            "text/plain",
            "charset",
            "utf-8",
        ),
    ];
    for (field, value, name, parameter) in table {
        let content = ContentField::parse(field.as_bytes(), None);
        assert_eq!(content.value, value, "{field}");
        assert_eq!(content.parameter(name), Some(parameter), "{field}");
    }
}

#[test]
fn quoted_semicolons_and_unquoted_brackets_belong_to_the_value() {
    let name = |field| parameter(field, "name");
    assert_eq!(name(r#"a/b; name="x;y\"z""#).unwrap(), "x;y\"z");
    assert_eq!(name("a/b; name=a (1).pdf").unwrap(), "a (1).pdf");
    assert_eq!(name("a/b; name=a b.pdf (a comment)").unwrap(), "a b.pdf");
    assert_eq!(name("a/b; name=(a) b").unwrap(), "(a) b");
    assert_eq!(name("a/b; name= a  b.pdf ; x=y").unwrap(), "a  b.pdf");
    assert_eq!(
        name(r#"a/b; name="a "b" c.pdf"; x=y"#).unwrap(),
        r#"a "b c.pdf"#
    );
    assert_eq!(
        name(r#"a/b; name="a"b"c.pdf"; x=y"#).unwrap(),
        r#"a"b"c.pdf"#
    );
    assert_eq!(name(r#"a/b; name="a.pdf; x=y"#).unwrap(), "a.pdf");
    assert_eq!(name("a/b; name=a(1).pdf").unwrap(), "a(1).pdf");
    assert_eq!(
        name(r#"a/b; name="C:\dir\f.txt""#).unwrap(),
        r"C:\dir\f.txt"
    );
}

#[test]
fn the_examples_of_rfc_2231_are_parsed() {
    let url = "message/external-body; access-type=URL; URL*0=\"ftp://\"; \
               URL*1=\"cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar\"";
    assert_eq!(
        parameter(url, "url").unwrap(),
        "ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"
    );
    let title = "application/x-stuff; title*1*=%2A%2A%2Afun%2A%2A%2A%20; \
                 title*0*=us-ascii'en'This%20is%20even%20more%20; title*2=\"isn't it!\"";
    assert_eq!(
        parameter(title, "title").unwrap(),
        "This is even more ***fun*** isn't it!"
    );
}

#[test]
fn extended_parameters_are_decoded_from_multi_byte_charsets() {
    let table = [
        ("attachment; filename*=gb2312''%C4%E3%BA%C3.txt", "你好.txt"),
        (
            "attachment; filename*=iso-2022-jp''%1B$B%25O%25m!%3C%1B(B.txt",
            "ハロー.txt",
        ),
        ("attachment; filename*=UTF-8''%E2%82%AC%20rates", "€ rates"),
        (
            "attachment; filename=\"=?gb2312?B?xOO6ww==?=.txt\"",
            "你好.txt",
        ),
        (
            "attachment; filename=old.txt; filename*=utf-8''n%C3%A9w.txt",
            "néw.txt",
        ),
        ("attachment; filename*=%zz%e", "%zz%e"),
    ];
    for (field, name) in table {
        assert_eq!(
            parameter(field, "filename").as_deref(),
            Some(name),
            "{field}"
        );
    }
}

#[test]
fn blanks_stay_where_a_value_is_split() {
    let name = |field| parameter(field, "filename").unwrap();
    assert_eq!(
        name(r#"attachment; filename*0="the old "; filename*1="map.pdf""#),
        "the old map.pdf"
    );
    assert_eq!(
        name("attachment; filename*0*=utf-8''the%20; filename*1*=old%20; filename*2=map.pdf"),
        "the old map.pdf"
    );
}

#[test]
fn encoded_words_and_escapes_in_the_wrong_place_are_decoded() {
    let table = [
        (
            "attachment; filename*0=\"=?utf-8?Q?K=C3=BC\"; filename*1=\"che.pdf?=\"",
            "Küche.pdf",
        ),
        (
            "attachment; filename*0=\"=?utf-8?Q?K=C3=BC?=\"; filename*1=\"che.pdf\"",
            "Küche.pdf",
        ),
        (
            "attachment; filename*0*=utf-8''K%C3; filename*1=%BCche.pdf",
            "Küche.pdf",
        ),
        (
            "attachment; filename=\"utf-8''K%C3%BCche.pdf\"",
            "Küche.pdf",
        ),
        (
            "attachment; filename*=utf-8''=?utf-8?Q?K=C3=BCche.pdf?=",
            "Küche.pdf",
        ),
        (
            "attachment; filename*=\"utf-8''K%C3%BCche.pdf\"",
            "Küche.pdf",
        ),
        (
            "attachment; filename=O'Neill's 100%.pdf",
            "O'Neill's 100%.pdf",
        ),
    ];
    for (field, name) in table {
        assert_eq!(
            parameter(field, "filename").as_deref(),
            Some(name),
            "{field}"
        );
    }
}

#[test]
fn raw_names_are_in_the_charset_of_the_message() {
    let field = ContentField::parse(b"a/b; name=\xF0\xD2.txt", MailCharset::of("koi8-r"));
    assert_eq!(field.parameter("name"), Some("Пр.txt"));
}

#[test]
fn parameters_without_semicolons_are_parsed() {
    for field in [
        "text/html charset=koi8-r",
        "text/html, charset=koi8-r",
        "text / html charset=koi8-r; format=flowed",
        "text/html; format=flowed charset=koi8-r",
        "text/html; format=flowed, charset=\"koi8-r\"",
        "text/html; charset = koi8-r (Russian)",
    ] {
        let content = ContentField::parse(field.as_bytes(), None);
        assert_eq!(content.value, "text/html", "{field}");
        assert_eq!(content.parameter("charset"), Some("koi8-r"), "{field}");
    }
}
