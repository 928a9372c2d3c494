//! Selectors of elements, classes and ids: those of which it is known what they match.

/// The maximum number of elements that a selector names.
const MOST_COMPOUNDS: usize = 8;

/// A selector that can be evaluated without a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selector {
    /// The compound of the element itself, then those of its ancestors.
    compounds: Vec<Compound>,
    /// The numbers of ids, of classes, and of names, each in a byte.
    pub(crate) specificity: u32,
}

/// A selector of one element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Compound {
    name: String,
    id: String,
    classes: Vec<String>,
    /// True if only links match.
    is_link: bool,
    /// True if the next compound must match the parent, and not any ancestor.
    is_child: bool,
}

/// An open element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ElementNames {
    pub(crate) name: &'static str,
    pub(crate) id: String,
    pub(crate) classes: String,
    pub(crate) is_link: bool,
}

impl Selector {
    /// Parses a selector. Returns `None` for one that depends on anything but names, classes, ids
    /// and ancestors.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.replace('>', " > ");
        let mut compounds: Vec<Compound> = Vec::new();
        let mut specificity = 0;
        let mut is_child = false;
        for word in text.split_ascii_whitespace() {
            if word == ">" {
                if is_child || compounds.is_empty() {
                    return None;
                }
                is_child = true;
                continue;
            }
            let mut compound = Compound::parse(word, &mut specificity)?;
            compound.is_child = std::mem::take(&mut is_child);
            compounds.push(compound);
        }
        compounds.reverse();
        let is_bounded = (1..=MOST_COMPOUNDS).contains(&compounds.len()) && !is_child;
        is_bounded.then_some(Self {
            compounds,
            specificity,
        })
    }

    /// Returns the word under which an element that matches can be found: its id, one of its
    /// classes or its name.
    pub(crate) fn key(&self) -> String {
        let Some(own) = self.compounds.first() else {
            return String::new();
        };
        match (own.id.as_str(), own.classes.first()) {
            ("", None) => own.name.clone(),
            ("", Some(class)) => format!(".{class}"),
            (id, _) => format!("#{id}"),
        }
    }

    /// Returns true if the last of the open elements matches. Every comparison takes one of `steps`;
    /// without any left, no element matches.
    pub(crate) fn matches(&self, open: &[ElementNames], steps: &mut u32) -> bool {
        matches(&self.compounds, open, true, steps)
    }
}

fn matches(
    compounds: &[Compound],
    mut open: &[ElementNames],
    exact: bool,
    steps: &mut u32,
) -> bool {
    let Some((first, others)) = compounds.split_first() else {
        return true;
    };
    while let Some((element, ancestors)) = open.split_last() {
        let Some(left) = steps.checked_sub(1) else {
            return false;
        };
        *steps = left;
        if first.matches(element) && matches(others, ancestors, first.is_child, steps) {
            return true;
        }
        if exact {
            return false;
        }
        open = ancestors;
    }
    false
}

impl Compound {
    fn parse(text: &str, specificity: &mut u32) -> Option<Self> {
        let mut compound = Self::default();
        let end = text.find(['.', '#', ':']).unwrap_or(text.len());
        let (name, mut rest) = text.split_at(end);
        if !name.is_empty() && name != "*" {
            if !is_name(name) {
                return None;
            }
            compound.name = name.to_ascii_lowercase();
            *specificity += 1;
        }
        while let Some(kind) = rest.chars().next() {
            let behind = rest.get(1..)?;
            let end = behind.find(['.', '#', ':']).unwrap_or(behind.len());
            let (name, after) = behind.split_at(end);
            rest = after;
            if !is_name(name) {
                return None;
            }
            *specificity += match kind {
                '.' => {
                    compound.classes.push(name.to_owned());
                    0x100
                }
                '#' if compound.id.is_empty() => {
                    name.clone_into(&mut compound.id);
                    0x1_0000
                }
                ':' if name == "any-link" => {
                    compound.is_link = true;
                    0x100
                }
                ':' if name == "root" => {
                    compound.name = "html".to_owned();
                    0x100
                }
                _ => return None,
            };
        }
        Some(compound)
    }

    fn matches(&self, element: &ElementNames) -> bool {
        let has = |class: &String| element.classes.split(' ').any(|own| own == class);
        (self.name.is_empty() || self.name == element.name)
            && (self.id.is_empty() || self.id == element.id)
            && (!self.is_link || element.is_link)
            && self.classes.iter().all(has)
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(name: &'static str, id: &str, classes: &str) -> ElementNames {
        ElementNames {
            name,
            id: id.to_owned(),
            classes: classes.to_owned(),
            is_link: name == "a",
        }
    }

    #[test]
    fn selectors_match_names_classes_ids_and_ancestors() {
        let open = [
            element("html", "", ""),
            element("body", "b", ""),
            element("table", "", "x"),
            element("td", "", "y z"),
            element("a", "", "w"),
        ];
        let matches = |text: &str| Selector::parse(text).unwrap().matches(&open, &mut 1_000);
        for text in [
            "a",
            "*",
            ".w",
            "a.w",
            "td a",
            "td > a",
            "#b a",
            ".x .y.z>a",
            "table td > a",
            "A",
            "a:any-link",
            ":root a",
            "body > table a",
        ] {
            assert!(matches(text), "{text}");
        }
        for text in ["b", ".v", "table > a", "a td", "#c a", ".x > .w", "td"] {
            assert!(!matches(text), "{text}");
        }
    }

    #[test]
    fn selectors_that_depend_on_more_are_not_evaluated() {
        for text in [
            "",
            ">",
            "> a",
            "a >",
            "a > > b",
            "a:hover",
            "a::before",
            "a[href]",
            "a + b",
            "a ~ b",
            "a:not(.x)",
            "a:first-child",
            "#a#b",
            "a..b",
            "a b c d e f g h i",
        ] {
            assert_eq!(Selector::parse(text), None, "{text}");
        }
    }

    #[test]
    fn specificity_counts_ids_before_classes_before_names() {
        let specificity = |text: &str| Selector::parse(text).unwrap().specificity;
        assert!(specificity("#a") > specificity(".a.b.c td td"));
        assert!(specificity(".a") > specificity("body td a"));
        assert!(specificity("td a") > specificity("a"));
    }

    #[test]
    fn matching_is_bounded() {
        let open = vec![element("div", "", ""); 200];
        let selector = Selector::parse("p div div div div div div div").unwrap();
        let mut steps = 100_000;
        assert!(!selector.matches(&open, &mut steps));
        assert_eq!(steps, 0);
    }
}
