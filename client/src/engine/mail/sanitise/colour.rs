//! Colours, and the contrast between them.

use super::named_colours::NAMED;

/// The contrast below which text has nearly the colour of its background. Pale footers have about 2.
const LEAST_CONTRAST: f32 = 2.0;
/// The contrast that a repaired colour has: the minimum for text in WCAG 2.2 (1.4.3).
const GOOD_CONTRAST: f32 = 4.5;

/// A colour in sRGB: red, green and blue from 0 to 255, and opacity from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Colour {
    rgb: [f32; 3],
    alpha: f32,
}

impl Colour {
    pub(crate) const BLACK: Self = Self::opaque([0.0; 3]);
    pub(crate) const WHITE: Self = Self::opaque([255.0; 3]);
    pub(crate) const TRANSPARENT: Self = Self {
        rgb: [0.0; 3],
        alpha: 0.0,
    };
    /// The colours of links in browsers: not visited, and visited.
    pub(crate) const LINKS: [Self; 2] = [
        Self::opaque([0.0, 0.0, 238.0]),
        Self::opaque([85.0, 26.0, 139.0]),
    ];

    const fn opaque(rgb: [f32; 3]) -> Self {
        Self { rgb, alpha: 1.0 }
    }

    fn of_number(number: u32) -> Self {
        let [_, red, green, blue] = number.to_be_bytes();
        Self::opaque([red, green, blue].map(f32::from))
    }

    /// Parses a colour of CSS ([CSS Color 4 §4]): a name, hexadecimal digits, `rgb()` or `hsl()`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        if let Some(digits) = text.strip_prefix('#') {
            return Self::of_digits(digits);
        }
        if text == "transparent" {
            return Some(Self::TRANSPARENT);
        }
        if let Ok(place) = NAMED.binary_search_by_key(&text.as_str(), |(name, _)| name) {
            return NAMED.get(place).map(|(_, number)| Self::of_number(*number));
        }
        let (name, arguments) = text.strip_suffix(')')?.split_once('(')?;
        let separators = [' ', ',', '/', '\t'];
        let mut values = arguments
            .split(separators)
            .filter(|value| !value.is_empty());
        let mut next = || values.next();
        let (first, second, third) = (next()?, next()?, next()?);
        let alpha = next().map_or(Some(1.0), |alpha| number(alpha, 1.0))?;
        let rgb = match name {
            "rgb" | "rgba" => [
                number(first, 255.0)?,
                number(second, 255.0)?,
                number(third, 255.0)?,
            ],
            "hsl" | "hsla" => {
                let hue = number(first.trim_end_matches("deg"), 360.0)?;
                let percent = |text: &str| number(text.trim_end_matches('%'), 1.0);
                of_hue(hue, percent(second)? / 100.0, percent(third)? / 100.0)
            }
            _ => return None,
        };
        Some(Self {
            rgb: rgb.map(|value| value.clamp(0.0, 255.0)),
            alpha: alpha.clamp(0.0, 1.0),
        })
    }

    /// Parses the colour of an attribute ([HTML § rules for parsing a legacy colour value]), of
    /// which every text has one.
    pub(crate) fn of_attribute(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("transparent") {
            return None;
        }
        let is_css =
            !text.contains('(') && (text.len() == 4 || text.len() == 7 || !text.starts_with('#'));
        if is_css && let Some(colour) = Self::parse(text) {
            return Some(colour);
        }
        let digit = |c: char| c.to_digit(16).unwrap_or(0);
        let mut digits: Vec<u32> = text.trim_start_matches('#').chars().map(digit).collect();
        while digits.is_empty() || !digits.len().is_multiple_of(3) {
            digits.push(0);
        }
        let length = digits.len() / 3;
        let mut rgb = [0.0; 3];
        // Of longer pieces, a browser reads the last eight digits, without zeros that all share.
        let mut pieces: Vec<&[u32]> = digits.chunks(length).collect();
        for piece in &mut pieces {
            *piece = piece.get(length.saturating_sub(8)..).unwrap_or_default();
        }
        while pieces
            .iter()
            .all(|piece| piece.len() > 2 && piece.first() == Some(&0))
        {
            for piece in &mut pieces {
                *piece = piece.get(1..).unwrap_or_default();
            }
        }
        for (value, piece) in rgb.iter_mut().zip(pieces) {
            let number = piece
                .iter()
                .take(2)
                .fold(0, |number, digit| number * 16 + digit);
            *value = f32::from(u8::try_from(number).unwrap_or(u8::MAX));
        }
        Some(Self::opaque(rgb))
    }

    fn of_digits(digits: &str) -> Option<Self> {
        let value = |at: usize, length: usize| {
            let digits = digits.get(at * length..(at + 1) * length)?;
            let number = u8::from_str_radix(digits, 16).ok()?;
            Some(f32::from(if length == 1 { number * 17 } else { number }))
        };
        let length = match digits.len() {
            3 | 4 => 1,
            6 | 8 => 2,
            _ => return None,
        };
        let alpha = match digits.len() / length {
            4 => value(3, length)? / 255.0,
            _ => 1.0,
        };
        Some(Self {
            rgb: [value(0, length)?, value(1, length)?, value(2, length)?],
            alpha,
        })
    }

    /// Returns true if nothing behind the colour is seen.
    pub(crate) fn is_opaque(self) -> bool {
        self.alpha >= 1.0
    }

    /// Returns the colour as it appears in front of an opaque one.
    pub(crate) fn over(self, behind: Self) -> Self {
        behind.mixed(self, self.alpha)
    }

    /// Returns the mean of several colours.
    pub(crate) fn mean(colours: &[Self]) -> Option<Self> {
        let mut mean = *colours.first()?;
        let mut count = 1.0;
        for colour in colours.iter().skip(1) {
            count += 1.0;
            let alpha = mean.alpha + (colour.alpha - mean.alpha) / count;
            mean = mean.mixed(*colour, 1.0 / count);
            mean.alpha = alpha;
        }
        Some(mean)
    }

    /// Returns this colour with `share` of another one, from 0 to 1.
    fn mixed(self, other: Self, share: f32) -> Self {
        let mut mixed = self;
        for (value, other) in mixed.rgb.iter_mut().zip(other.rgb) {
            *value += (other - *value) * share;
        }
        mixed
    }

    /// Returns the contrast with another opaque colour, from 1 to 21 ([WCAG 2.2 § contrast ratio]).
    fn contrast(self, other: Self) -> f32 {
        let (a, b) = (self.luminance() + 0.05, other.luminance() + 0.05);
        a.max(b) / a.min(b)
    }

    fn luminance(self) -> f32 {
        let [red, green, blue] = self.rgb.map(|value| {
            let value = value / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Returns a similar colour that can be read on `back`, if this one cannot.
    pub(crate) fn repaired(self, back: Self) -> Option<Self> {
        let text = self.over(back);
        if text.contrast(back) >= LEAST_CONTRAST {
            return None;
        }
        let is_dark = Self::WHITE.contrast(back) > Self::BLACK.contrast(back);
        let end = if is_dark { Self::WHITE } else { Self::BLACK };
        let steps = [0.2, 0.4, 0.6, 0.8];
        let mixed = steps.map(|share| text.mixed(end, share));
        let good = mixed
            .into_iter()
            .find(|mixed| mixed.contrast(back) >= GOOD_CONTRAST);
        Some(good.unwrap_or(end))
    }

    /// Returns the colour in hexadecimal digits, without its opacity.
    pub(crate) fn digits(self) -> String {
        let mut digits = "#".to_owned();
        for value in self.rgb {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // From 0 to 255.
            let value = value.round() as u8;
            digits.push_str(&format!("{value:02x}"));
        }
        digits
    }
}

/// Parses a number, or a percentage of `whole`.
fn number(text: &str, whole: f32) -> Option<f32> {
    let (digits, unit) = match text.strip_suffix('%') {
        Some(digits) => (digits, whole / 100.0),
        None => (text, 1.0),
    };
    let number: f32 = digits.parse().ok()?;
    number.is_finite().then_some(number * unit)
}

/// Returns red, green and blue of a hue in degrees, with saturation and lightness from 0 to 1.
fn of_hue(hue: f32, saturation: f32, lightness: f32) -> [f32; 3] {
    let (saturation, lightness) = (saturation.clamp(0.0, 1.0), lightness.clamp(0.0, 1.0));
    let range = saturation * lightness.min(1.0 - lightness);
    [0.0, 8.0, 4.0].map(|offset: f32| {
        let place = (offset + hue / 30.0).rem_euclid(12.0);
        let step = (place - 3.0).min(9.0 - place).clamp(-1.0, 1.0);
        (lightness - range * step) * 255.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Option<String> {
        Colour::parse(text).map(Colour::digits)
    }

    #[test]
    fn colours_of_css_are_parsed_in_every_notation() {
        let table = [
            ("#FFF", "#ffffff"),
            ("#1234", "#112233"),
            ("#a0b1c2", "#a0b1c2"),
            ("White", "#ffffff"),
            ("rebeccapurple", "#663399"),
            ("rgb(16, 32,48)", "#102030"),
            ("rgba(16 32 48 / 50%)", "#102030"),
            ("rgb(100%, 0%, 300)", "#ff00ff"),
            ("hsl(120, 100%, 25%)", "#008000"),
            ("hsl(210deg 50% 50%)", "#4080bf"),
        ];
        for (text, expected) in table {
            assert_eq!(digits(text).as_deref(), Some(expected), "{text}");
        }
        for other in [
            "",
            "#12",
            "#ggg",
            "currentcolor",
            "rgb(1,2)",
            "rgb(a,b,c)",
            "lab(1 2 3)",
        ] {
            assert_eq!(digits(other), None, "{other}");
        }
    }

    #[test]
    fn colours_of_attributes_are_read_as_browsers_do() {
        let table = [
            ("ffffff", "#ffffff"),
            ("#abc", "#aabbcc"),
            ("navy", "#000080"),
            ("chucknorris", "#c00000"),
            ("#6db6ec49efd278cd", "#6d4978"),
        ];
        for (text, expected) in table {
            let colour = Colour::of_attribute(text).map(Colour::digits);
            assert_eq!(colour.as_deref(), Some(expected), "{text}");
        }
        assert_eq!(Colour::of_attribute(" "), None);
    }

    #[test]
    fn only_text_of_nearly_the_colour_of_its_background_is_repaired() {
        let parse = |text: &str| Colour::parse(text).unwrap();
        for (text, back) in [
            ("#fff", "#fff"),
            ("#eee", "#fff"),
            ("#222", "#000"),
            ("#808080", "gray"),
            ("transparent", "#f00"),
            ("rgba(0,0,0,.1)", "#fff"),
            ("#0000ee", "#102030"),
        ] {
            let (text, back) = (parse(text), parse(back));
            let repaired = text.repaired(back).unwrap();
            assert!(
                repaired.contrast(back) >= GOOD_CONTRAST,
                "{text:?} {back:?}"
            );
            assert_eq!(repaired.repaired(back), None);
        }
        for (text, back) in [("#000", "#fff"), ("#aaa", "#fff"), ("#fff", "#ff9900")] {
            assert_eq!(parse(text).repaired(parse(back)), None, "{text} {back}");
        }
    }
}
