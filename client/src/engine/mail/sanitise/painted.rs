//! The colours that declarations and attributes set.

use super::colour::Colour;

/// The colours that one rule, one attribute or one element sets.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Painted {
    text: Option<Declared<Text>>,
    fill: Option<Declared<Colour>>,
    picture: Option<Declared<BackgroundPicture>>,
}

/// A value, and whether it was declared `!important`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Declared<T> {
    value: T,
    important: bool,
}

/// The colour of text.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Text {
    Colour(Colour),
    Inherited,
}

/// A picture in front of the colour of a background.
#[derive(Debug, Clone, Copy, PartialEq)]
enum BackgroundPicture {
    Absent,
    /// A picture of unknown colours.
    Photo,
    /// A gradient, by its mean colour.
    Gradient(Colour),
}

impl Painted {
    /// Returns the colours of a presentational attribute, which any declaration overrides.
    pub(crate) fn of_attribute(element: &str, attribute: &str, value: &str) -> Self {
        let mut painted = Self::default();
        let colour = || Colour::of_attribute(value);
        match (element, attribute) {
            ("body" | "table" | "tbody" | "td" | "tfoot" | "th" | "thead" | "tr", "bgcolor") => {
                painted.fill = colour().map(Declared::usual);
            }
            ("body", "text") | ("font", "color") => {
                painted.text = colour().map(Text::Colour).map(Declared::usual);
            }
            (_, "background") => painted.picture = Some(Declared::usual(BackgroundPicture::Photo)),
            _ => {}
        }
        painted
    }

    /// Returns the colours of an element in the style sheet of a browser.
    pub(crate) fn of_browser(element: &str) -> Self {
        let mut painted = Self::default();
        if element == "mark" {
            painted.text = Some(Declared::usual(Text::Colour(Colour::BLACK)));
            painted.fill = Colour::parse("yellow").map(Declared::usual);
        }
        painted
    }

    /// Adds a declaration. Returns whether it sets a colour, or `None` if its colour cannot be
    /// computed, and the declaration must go.
    pub(crate) fn declare(&mut self, property: &str, value: &str) -> Option<bool> {
        let plain = value
            .split_once('!')
            .map_or(value, |(plain, _)| plain)
            .trim();
        let important = plain.len() < value.len();
        let lower = plain.to_ascii_lowercase();
        let mut declared = Self::default();
        match property {
            "color" => {
                let text = match lower.as_str() {
                    "inherit" | "unset" | "currentcolor" => Text::Inherited,
                    "initial" => Text::Colour(Colour::BLACK),
                    _ => Text::Colour(Colour::parse(&lower)?),
                };
                declared.text = Some(Declared {
                    value: text,
                    important,
                });
            }
            "background-color" => {
                let value = fill(&lower)?;
                declared.fill = Some(Declared { value, important });
            }
            "background" | "background-image" => {
                let mut picture = BackgroundPicture::Absent;
                let mut colour = Colour::TRANSPARENT;
                for token in tokens(&lower) {
                    match picture_of(token) {
                        Some(found) => picture = found,
                        None if token == "currentcolor" => return None,
                        None => colour = Colour::parse(token).unwrap_or(colour),
                    }
                }
                declared.picture = Some(Declared {
                    value: picture,
                    important,
                });
                if property == "background" {
                    declared.fill = Some(Declared {
                        value: colour,
                        important,
                    });
                }
            }
            _ => return Some(false),
        }
        self.overlay(&declared);
        Some(true)
    }

    /// Adds declarations that follow in the cascade.
    pub(crate) fn overlay(&mut self, later: &Self) {
        overlay(&mut self.text, later.text);
        overlay(&mut self.fill, later.fill);
        overlay(&mut self.picture, later.picture);
    }

    /// Returns true if a colour or a picture is set.
    pub(crate) fn sets_colours(&self) -> bool {
        let is = |colour: Colour| colour != Colour::TRANSPARENT;
        self.text.is_some_and(|text| text.value != Text::Inherited)
            || self.fill.is_some_and(|fill| is(fill.value))
            || self
                .picture
                .is_some_and(|picture| picture.value != BackgroundPicture::Absent)
    }

    /// Returns true if the background is a colour or gradient through which nothing is seen.
    pub(crate) fn is_opaque(&self) -> bool {
        self.fill.is_some_and(|fill| fill.value.is_opaque())
    }

    /// Returns the colour of text, if it is set. `inherited` is the colour of the parent.
    pub(crate) fn text(&self, inherited: Colour) -> Option<Colour> {
        self.text.map(|text| match text.value {
            Text::Colour(colour) => colour,
            Text::Inherited => inherited,
        })
    }

    /// Returns the background, or `None` if it is a photo. `behind` is the background of the parent.
    pub(crate) fn back(&self, behind: Option<Colour>) -> Option<Colour> {
        let fill = self.fill.map_or(Colour::TRANSPARENT, |fill| fill.value);
        let back = match behind {
            Some(behind) => Some(fill.over(behind)),
            None => fill.is_opaque().then_some(fill),
        };
        match self.picture.map(|picture| picture.value) {
            None | Some(BackgroundPicture::Absent) => back,
            Some(BackgroundPicture::Photo) => None,
            Some(BackgroundPicture::Gradient(colour)) if colour.is_opaque() => Some(colour),
            Some(BackgroundPicture::Gradient(colour)) => back.map(|back| colour.over(back)),
        }
    }
}

impl<T> Declared<T> {
    fn usual(value: T) -> Self {
        Self {
            value,
            important: false,
        }
    }
}

fn overlay<T: Copy>(earlier: &mut Option<Declared<T>>, later: Option<Declared<T>>) {
    let wins = |later: &Declared<T>| later.important || !earlier.is_some_and(|e| e.important);
    if let Some(later) = later.filter(wins) {
        *earlier = Some(later);
    }
}

fn fill(token: &str) -> Option<Colour> {
    match token {
        "initial" | "unset" | "inherit" | "none" => Some(Colour::TRANSPARENT),
        _ => Colour::parse(token),
    }
}

/// Returns the picture that a part of a `background` draws.
fn picture_of(token: &str) -> Option<BackgroundPicture> {
    if token.starts_with("url(") {
        return Some(BackgroundPicture::Photo);
    }
    let (name, arguments) = token.strip_suffix(')')?.split_once('(')?;
    if !name.ends_with("gradient") {
        return None;
    }
    let colours: Vec<Colour> = tokens(arguments)
        .filter_map(|token| {
            let inner = token.strip_suffix(')').and_then(|token| {
                ["from(", "to(", "color-stop("]
                    .iter()
                    .find_map(|start| token.strip_prefix(start))
            });
            match inner {
                Some(inner) => tokens(inner).find_map(Colour::parse),
                None => Colour::parse(token),
            }
        })
        .collect();
    Colour::mean(&colours).map(BackgroundPicture::Gradient)
}

/// Splits a value at spaces and commas outside of brackets and strings.
fn tokens(value: &str) -> impl Iterator<Item = &str> {
    let mut open = 0_u32;
    let mut quote = None;
    value
        .split(move |character| {
            match character {
                _ if quote == Some(character) => quote = None,
                _ if quote.is_some() => {}
                '\'' | '"' => quote = Some(character),
                '(' => open += 1,
                ')' => open = open.saturating_sub(1),
                _ => return open == 0 && matches!(character, ' ' | ',' | '\t'),
            }
            false
        })
        .filter(|token| !token.is_empty())
}
