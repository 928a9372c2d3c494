//! The allowed attributes of one element.

use html5ever::Attribute;

use super::attributes::{self, AttributeRule, escape};
use super::images::Images;
use super::painted::Painted;
use super::{css, urls};

/// The allowed attributes of one element, and the colours that they set.
#[derive(Debug, Default)]
pub(crate) struct KeptAttributes {
    list: Vec<(String, String)>,
    /// The colours of its attributes other than `style`.
    pub(crate) presentational: Painted,
    /// The colours of its `style`.
    pub(crate) inline: Painted,
}

impl KeptAttributes {
    /// Returns the allowed attributes of an element.
    pub(crate) fn of(element: &str, given: &[Attribute], images: &mut Images) -> Self {
        let mut kept = Self::default();
        for attribute in given {
            let name: &str = &attribute.name.local;
            if let Some(rule) = attributes::rule(element, name)
                && let Some(value) = kept.clean(rule, name, &attribute.value, images)
            {
                let colours = Painted::of_attribute(element, name, &value);
                kept.presentational.overlay(&colours);
                kept.add(rule, name, value);
            }
        }
        kept
    }

    fn clean(
        &mut self,
        rule: AttributeRule,
        name: &str,
        value: &str,
        images: &mut Images,
    ) -> Option<String> {
        match rule {
            AttributeRule::Plain => attributes::plain(value).map(str::to_owned),
            AttributeRule::Text => Some(attributes::text(value).to_owned()),
            AttributeRule::Id => attributes::id(value),
            AttributeRule::Classes => {
                Some(attributes::classes(value)).filter(|kept| !kept.is_empty())
            }
            AttributeRule::Style => {
                let kept = css::declarations(value, images);
                self.inline = kept.painted;
                Some(kept.text).filter(|kept| !kept.is_empty())
            }
            AttributeRule::Link => urls::link(value, images.base.as_ref()),
            AttributeRule::Image => images.source(value, name == "src"),
        }
    }

    fn add(&mut self, rule: AttributeRule, name: &str, value: String) {
        // `name` is the older spelling of `id`. Of both, the first one stays.
        let name = if rule == AttributeRule::Id {
            "id"
        } else {
            name
        };
        if self.value(name).is_some() {
            return;
        }
        if rule == AttributeRule::Link {
            // A place in the mail opens in the frame, everything else in a tab of its own.
            let target = if value.starts_with('#') {
                "_self"
            } else {
                "_blank"
            };
            self.list.push((name.to_owned(), value));
            self.list.push(("target".to_owned(), target.to_owned()));
            let rel = "noopener noreferrer".to_owned();
            self.list.push(("rel".to_owned(), rel));
        } else {
            self.list.push((name.to_owned(), value));
        }
    }

    /// Returns the value of an attribute.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let mut list = self.list.iter();
        list.find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// Changes the value of an attribute.
    pub(crate) fn set(&mut self, name: &str, value: String) {
        if let Some((_, old)) = self.list.iter_mut().find(|(found, _)| found == name) {
            *old = value;
        }
    }

    /// Adds a declaration that wins over all others.
    pub(crate) fn add_style(&mut self, declaration: &str) {
        match self.list.iter_mut().find(|(name, _)| name == "style") {
            Some((_, style)) => style.push_str(&format!(";{declaration}")),
            None => self.list.push(("style".to_owned(), declaration.to_owned())),
        }
    }

    /// Writes the attributes, each with a space before it.
    pub(crate) fn write(&self, out: &mut String) {
        for (name, value) in &self.list {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(value, out);
            out.push('"');
        }
    }
}
