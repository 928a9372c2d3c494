//! Long lists of recipients, which fold to their first ones.

use std::fmt::Write as _;

use yew::prelude::*;

use crate::api::mail::Address;
use crate::ui::words;

/// The number of recipients that a folded list shows.
const SHOWN: usize = 10;
/// The largest number of recipients that are all shown: folding one or two would save no room.
const MOST_SHOWN: usize = 13;

/// Splits a list into the recipients that are shown and those that fold.
pub(super) fn folded(addresses: &[Address]) -> (&[Address], &[Address]) {
    match addresses.len() {
        0..=MOST_SHOWN => (addresses, &[]),
        _ => addresses.split_at(SHOWN),
    }
}

/// Draws the fold with the other recipients, closed at first.
///
/// They are one text: thousands of elements would slow down the page.
pub(super) fn more_recipients(more: &[Address]) -> Html {
    let Some(next) = more.first() else {
        return html! {};
    };
    html! {
        <details key={next.address.clone()} class="more-recipients">
            <summary>{words::and_more(more.len())}</summary>
            <p tabindex="0">{text(more)}</p>
        </details>
    }
}

/// Returns addresses as text. Isolates keep the direction of one from changing its neighbours.
fn text(addresses: &[Address]) -> String {
    let mut text = String::new();
    for Address { name, address } in addresses {
        let separator = if text.is_empty() { "" } else { ", " };
        // Writing to a string does not fail.
        let _ = match (name.as_str(), address.as_str()) {
            (name, "") => write!(text, "{separator}\u{2068}{name}\u{2069}"),
            (name, address) if name.is_empty() || name == address => {
                write!(text, "{separator}\u{2068}{address}\u{2069}")
            }
            (name, address) => write!(
                text,
                "{separator}\u{2068}{name}\u{2069} \u{2068}<{address}>\u{2069}"
            ),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(count: usize) -> Vec<Address> {
        let address = |number| Address {
            name: String::new(),
            address: format!("r{number}@example.org"),
        };
        (0..count).map(address).collect()
    }

    #[test]
    fn only_long_lists_fold_and_every_recipient_is_in_them() {
        for (count, expected) in [(0, 0), (1, 0), (13, 0), (14, 4), (1_200, 1_190)] {
            let addresses = addresses(count);
            let (first, more) = folded(&addresses);
            assert_eq!(more.len(), expected);
            assert_eq!([first, more].concat(), addresses);
        }
        assert_eq!(words::and_more(1_190), "and 1,190 more");
    }

    #[test]
    fn names_and_addresses_are_isolated() {
        let mut list = addresses(2);
        list[0].name = "Ann".to_owned();
        assert_eq!(
            text(&list),
            "\u{2068}Ann\u{2069} \u{2068}<r0@example.org>\u{2069}, \u{2068}r1@example.org\u{2069}"
        );
    }
}
