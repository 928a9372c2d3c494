//! The colours of elements, computed as a browser would compute them ([CSS Cascade 4]).
//!
//! A mail is shown without scripts, in a frame that the page cannot look into. So the colours of
//! its texts are computed here, before a browser draws them. The style sheet contains no colour
//! that this module does not know about: [`stylesheet`](super::stylesheet) removes the others.

use std::collections::HashMap;

use super::colour::Colour;
use super::painted::Painted;
use super::selector::{ElementNames, Selector};

/// The maximum number of rules with colours. Newsletters have about a hundred.
const MOST_RULES: usize = 2_000;
/// The maximum number of comparisons of an element with a selector: about half a second.
const MOST_STEPS: u32 = 30_000_000;

/// The rules of a mail that set colours.
#[derive(Debug)]
pub(crate) struct Cascade {
    rules: Vec<(Selector, Painted)>,
    /// The positions of rules by [`Selector::key`].
    by_key: HashMap<String, Vec<usize>>,
    steps: u32,
}

impl Default for Cascade {
    fn default() -> Self {
        Self {
            rules: Vec::new(),
            by_key: HashMap::new(),
            steps: MOST_STEPS,
        }
    }
}

/// The colours of an element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct DrawnColours {
    /// The colour of its text.
    pub(crate) text: Colour,
    /// The colour behind its text, or `None` behind which a photo is.
    pub(crate) back: Option<Colour>,
    /// True if the text has the colour of links in the browser.
    pub(crate) is_usual_link: bool,
}

impl DrawnColours {
    /// The colours of a document without any of its own, on white paper.
    pub(crate) const PAPER: Self = Self {
        text: Colour::BLACK,
        back: Some(Colour::WHITE),
        is_usual_link: false,
    };

    /// Returns a colour in which the text can be read, if its own is nearly the one behind it.
    pub(crate) fn repaired(self) -> Option<Colour> {
        let back = self.back?;
        if self.is_usual_link {
            return Colour::LINKS.iter().find_map(|link| link.repaired(back));
        }
        self.text.repaired(back)
    }
}

impl Cascade {
    /// Adds a rule. Returns false if there are too many.
    pub(crate) fn add(&mut self, selector: Selector, painted: Painted) -> bool {
        if self.rules.len() >= MOST_RULES {
            return false;
        }
        let places = self.by_key.entry(selector.key()).or_default();
        places.push(self.rules.len());
        self.rules.push((selector, painted));
        true
    }

    /// Returns the colours that rules set for the last of the open elements.
    pub(crate) fn painted(&mut self, open: &[ElementNames]) -> Painted {
        let mut painted = Painted::default();
        let Some(element) = open.last() else {
            return painted;
        };
        if self.rules.is_empty() {
            return painted;
        }
        let classes = element.classes.split(' ').map(|class| format!(".{class}"));
        let others = [
            String::new(),
            element.name.to_owned(),
            format!("#{}", element.id),
        ];
        let keys = classes.chain(others);
        let mut found: Vec<(u32, usize)> = Vec::new();
        for place in keys.filter_map(|key| self.by_key.get(&key)).flatten() {
            if let Some((selector, _)) = self.rules.get(*place)
                && selector.matches(open, &mut self.steps)
            {
                found.push((selector.specificity, *place));
            }
        }
        found.sort_unstable();
        for (_, place) in found {
            if let Some((_, rule)) = self.rules.get(place) {
                painted.overlay(rule);
            }
        }
        painted
    }
}

/// Returns the colours of an element. `parent` has those of its parent.
pub(crate) fn drawn(parent: DrawnColours, painted: &Painted, is_link: bool) -> DrawnColours {
    let text = painted.text(parent.text);
    DrawnColours {
        text: text.unwrap_or(parent.text),
        back: painted.back(parent.back),
        is_usual_link: text.is_none() && (is_link || parent.is_usual_link),
    }
}
