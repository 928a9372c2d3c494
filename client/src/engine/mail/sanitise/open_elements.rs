//! The open elements, with the colours of each.

use super::cascade::{Cascade, DrawnColours, drawn};
use super::kept_attributes::KeptAttributes;
use super::painted::Painted;
use super::selector::ElementNames;

/// The open elements, from `html` and `body` to the innermost one.
#[derive(Debug)]
pub(crate) struct OpenElements<'a> {
    cascade: &'a mut Cascade,
    names: Vec<ElementNames>,
    drawn: Vec<DrawnColours>,
    /// True if a colour was set anywhere.
    pub(crate) sets_colours: bool,
}

impl<'a> OpenElements<'a> {
    /// Opens `html`.
    pub(crate) fn new(cascade: &'a mut Cascade) -> Self {
        let mut open = Self {
            cascade,
            names: Vec::new(),
            drawn: Vec::new(),
            sets_colours: false,
        };
        open.push("html", &KeptAttributes::default());
        open
    }

    /// Returns the colours of the innermost element.
    pub(crate) fn drawn(&self) -> DrawnColours {
        self.drawn.last().copied().unwrap_or(DrawnColours::PAPER)
    }

    /// Opens an element. Returns the colours that are set for it.
    pub(crate) fn push(&mut self, name: &'static str, attributes: &KeptAttributes) -> Painted {
        let is_link = name == "a" && attributes.value("href").is_some();
        self.names.push(ElementNames {
            name,
            id: attributes.value("id").unwrap_or_default().to_owned(),
            classes: attributes.value("class").unwrap_or_default().to_owned(),
            is_link,
        });
        let mut painted = Painted::of_browser(name);
        painted.overlay(&attributes.presentational);
        painted.overlay(&self.cascade.painted(&self.names));
        painted.overlay(&attributes.inline);
        self.sets_colours |= name != "mark" && painted.sets_colours();
        self.drawn.push(drawn(self.drawn(), &painted, is_link));
        painted
    }

    /// Records that the text of the innermost element has a good colour now.
    pub(crate) fn repair(&mut self) {
        if let Some(drawn) = self.drawn.last_mut()
            && let Some(colour) = drawn.repaired()
        {
            drawn.text = colour;
            drawn.is_usual_link = false;
        }
    }

    /// Closes the innermost element.
    pub(crate) fn pop(&mut self) {
        self.names.pop();
        self.drawn.pop();
    }
}
