//! Safe file names for attachments.

use super::visible::visible;

/// The maximum length in bytes. File systems refuse names of more than 255 bytes.
const LONGEST: usize = 150;

/// Returns a file name without path, control or direction characters. It is never empty, and has an
/// extension if the media type implies one.
pub(in crate::engine) fn safe(name: Option<&str>, media_type: &str) -> String {
    let name = name.unwrap_or_default();
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let cleaned: String = last
        .chars()
        .map(|character| match character {
            '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
            '\u{A0}' | '\u{3000}' => ' ',
            character => character,
        })
        .filter(|character| !character.is_control() && !is_invisible(*character))
        .collect();
    // A leading dot hides a file. Windows drops a trailing dot or space.
    let cleaned = cleaned.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let cleaned = shortened(&visible(cleaned));
    if cleaned.is_empty() {
        return format!(
            "{}.{}",
            stem(media_type),
            extension(media_type).unwrap_or("bin")
        );
    }
    match extension(media_type) {
        Some(extension) if !cleaned.contains('.') => format!("{cleaned}.{extension}"),
        _ => cleaned,
    }
}

/// Returns true for characters that disguise a name: direction marks ("fdp.exe" would be shown as
/// "exe.pdf"), separators, and characters without width. Joiners are not among them: Persian, the
/// scripts of India and emoji need them.
pub(super) fn is_invisible(character: char) -> bool {
    matches!(character, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}')
}

/// Shortens a name to at most [`LONGEST`] bytes, and keeps its extension.
fn shortened(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 10 => (stem, extension),
        _ => (name, ""),
    };
    let stem: String = stem
        .char_indices()
        .take_while(|(position, c)| position + c.len_utf8() + extension.len() < LONGEST)
        .map(|(_, c)| c)
        .collect();
    if extension.is_empty() {
        stem
    } else {
        format!("{stem}.{extension}")
    }
}

fn stem(media_type: &str) -> &'static str {
    match media_type.split('/').next().unwrap_or_default() {
        "image" => "image",
        "audio" => "audio",
        "video" => "video",
        "message" => "message",
        "text" if media_type == "text/calendar" => "invitation",
        "text" => "text",
        _ => "attachment",
    }
}

fn extension(media_type: &str) -> Option<&'static str> {
    Some(match media_type {
        "application/gzip" => "gz",
        "application/json" => "json",
        "application/ics" | "text/calendar" => "ics",
        "application/msword" => "doc",
        "application/pdf" => "pdf",
        "application/pgp-signature" => "asc",
        "application/pkcs7-signature" | "application/x-pkcs7-signature" => "p7s",
        "application/rtf" | "text/rtf" => "rtf",
        "application/vnd.ms-excel" => "xls",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => "pptx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/zip" => "zip",
        "audio/mpeg" => "mp3",
        "image/avif" => "avif",
        "image/gif" => "gif",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/svg+xml" => "svg",
        "image/webp" => "webp",
        "message/rfc822" | "message/global" => "eml",
        "text/csv" => "csv",
        "text/html" => "html",
        "text/plain" | "message/delivery-status" => "txt",
        "text/vcard" | "text/x-vcard" => "vcf",
        "video/mp4" => "mp4",
        // Any type of text can be opened as such.
        _ if media_type.starts_with("text/") => "txt",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_safe() {
        let table = [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd.txt"),
            (r"C:\Users\x\a.txt", "a.txt"),
            ("a\u{202E}fdp.exe", "afdp.exe"),
            ("a\u{0}b\r\nc.txt", "abc.txt"),
            (".htaccess", "htaccess.txt"),
            ("x.exe . ", "x.exe"),
            ("what?.txt", "what_.txt"),
            ("übung.txt", "übung.txt"),
            ("نامه\u{200C}ها.txt", "نامه\u{200C}ها.txt"),
            ("क्\u{200D}ष.txt", "क्\u{200D}ष.txt"),
            ("a\u{200D}b\u{2028}\u{2066}c.txt", "abc.txt"),
            ("..", "text.txt"),
            ("", "text.txt"),
        ];
        for (name, safe_name) in table {
            assert_eq!(safe(Some(name), "text/plain"), safe_name, "{name}");
        }
    }

    #[test]
    fn a_part_without_a_name_is_named_after_its_type() {
        assert_eq!(safe(None, "message/rfc822"), "message.eml");
        assert_eq!(safe(None, "text/calendar"), "invitation.ics");
        assert_eq!(safe(None, "x/unheard-of"), "attachment.bin");
        assert_eq!(safe(None, "text/rfc822-headers"), "text.txt");
        assert_eq!(safe(Some("scan"), "image/jpeg"), "scan.jpg");
    }

    #[test]
    fn a_long_name_is_shortened_before_its_extension() {
        let name = safe(Some(&format!("{}.pdf", "ä".repeat(500))), "application/pdf");
        assert!(name.len() <= LONGEST && name.ends_with("ä.pdf"));
    }
}
