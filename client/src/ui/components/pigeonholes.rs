//! The picture on the first page: a rack of pigeonholes with a few letters in it.

use yew::prelude::*;

const COLUMNS: u8 = 7;
const ROWS: u8 = 3;
/// The pigeonholes that hold a letter: column, row, and whether it is the user's own.
const LETTERS: [(u8, u8, bool); 6] = [
    (0, 2, false),
    (1, 0, false),
    (2, 1, true),
    (4, 2, false),
    (5, 0, false),
    (6, 1, false),
];

/// Draws the rack.
pub(crate) fn pigeonholes() -> Html {
    let holes = (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |column| (column, row)));
    html! {
        <svg class="pigeonholes" viewBox="3 3 442 186" aria-hidden="true" focusable="false">
            {for holes.map(hole)}
            {for LETTERS.iter().map(letter)}
        </svg>
    }
}

fn hole((column, row): (u8, u8)) -> Html {
    let (x, y) = corner(column, row);
    html! { <rect class="hole" x={x.to_string()} y={y.to_string()} width="56" height="56" rx="5" /> }
}

fn letter((column, row, own): &(u8, u8, bool)) -> Html {
    let (x, y) = corner(*column, *row);
    let class = classes!("letter", own.then_some("is-own"));
    html! {
        <g {class} transform={format!("translate({x} {y})")}>
            <path d="M10 22h36v34H10z" />
            <path class="letter-flap" d="m10 23 18 15 18-15" />
        </g>
    }
}

/// Returns the upper left corner of a pigeonhole.
fn corner(column: u8, row: u8) -> (u16, u16) {
    (u16::from(column) * 64 + 4, u16::from(row) * 64 + 4)
}
