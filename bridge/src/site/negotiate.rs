//! The choice of the compressed form for a client: `Accept-Encoding`, [RFC 9110 §12.5.3].

use super::asset::Asset;

/// The content coding of an asset's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
    Brotli,
}

impl Coding {
    /// Returns the name in `Content-Encoding`, if there is one.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    /// Returns the bytes of `asset` in this coding.
    fn of(self, asset: &Asset) -> Option<&'static [u8]> {
        match self {
            Self::Identity => Some(asset.identity),
            Self::Gzip => asset.gzip,
            Self::Brotli => asset.brotli,
        }
    }
}

/// Selects the form that the client prefers, and the smallest of equal ones. Without the header, or if
/// the client accepts no form, selects the uncompressed one.
pub(super) fn negotiate(asset: &Asset, accept: Option<&str>) -> (Coding, &'static [u8]) {
    let mut best = (Coding::Identity, asset.identity);
    let Some(accept) = accept else {
        return best;
    };
    let mut best_weight = weight(accept, "identity");
    for coding in [Coding::Gzip, Coding::Brotli] {
        let (Some(bytes), Some(name)) = (coding.of(asset), coding.name()) else {
            continue;
        };
        let weight = weight(accept, name);
        if weight > 0 && weight >= best_weight {
            best = (coding, bytes);
            best_weight = weight;
        }
    }
    best
}

/// Returns the weight that a client gives to a coding, in thousandths. A coding that is not mentioned has
/// no weight; the identity remains acceptable, with the lowest weight.
fn weight(accept: &str, coding: &str) -> u16 {
    let mut any = None;
    for entry in accept.split(',') {
        let mut parts = entry.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let quality = parts
            .find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")))
            .map_or(Some(1000), thousandths)
            .unwrap_or(0);
        if name.eq_ignore_ascii_case(coding)
            || (coding == "gzip" && name.eq_ignore_ascii_case("x-gzip"))
        {
            return quality;
        }
        if name == "*" {
            any = Some(quality);
        }
    }
    any.unwrap_or(0)
}

/// Parses a weight of 0 to 1 with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match whole {
        "1" if decimals.bytes().all(|byte| byte == b'0') => Some(1000),
        "0" => format!("{decimals:0<3}").parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASSET: Asset = Asset {
        path: "a.js",
        content_type: "text/javascript",
        digest: "d",
        immutable: false,
        identity: b"identity",
        gzip: Some(b"gzip"),
        brotli: Some(b"br"),
    };

    fn picked(accept: &str) -> &'static str {
        negotiate(&ASSET, Some(accept)).0.name().unwrap_or("none")
    }

    #[test]
    fn the_client_gets_the_smallest_form_it_prefers() {
        for (accept, coding) in [
            ("gzip, deflate, br, zstd", "br"),
            ("br;q=1.0, gzip;q=0.8, *;q=0.1", "br"),
            ("br;q=0.5, gzip;q=0.8", "gzip"),
            ("gzip;q=0.8, br;q=0.800", "br"),
            ("gzip", "gzip"),
            ("x-gzip", "gzip"),
            ("GZIP", "gzip"),
            ("*", "br"),
            ("*;q=0", "none"),
            ("br;q=0, *", "gzip"),
            ("br;q=0", "none"),
            ("identity", "none"),
            ("identity;q=0.5, gzip;q=0.4", "none"),
            ("identity;q=0.5, gzip;q=0.5", "gzip"),
            ("deflate", "none"),
            ("", "none"),
            ("br;q=2", "none"),
            ("br;q=x, gzip", "gzip"),
            ("br;q=0.1234, gzip", "gzip"),
        ] {
            assert_eq!(picked(accept), coding, "{accept:?}");
        }
        assert_eq!(negotiate(&ASSET, None).0, Coding::Identity);
    }

    #[test]
    fn a_missing_form_is_not_selected() {
        let raw = Asset {
            gzip: None,
            brotli: None,
            ..ASSET
        };
        assert_eq!(negotiate(&raw, Some("br, gzip")).0, Coding::Identity);
    }
}
