//! The numbers of parts of a message and of the messages attached to it.
//!
//! A number has a digit for each message on the way to the part: the position of the part in its
//! message, plus one. The digits have base 1,024, and there are at most five, so that the number is
//! exact in JavaScript.

use crate::api::ids::PartId;

const BITS: u32 = 10;
/// The maximum number of digits.
const LONGEST: u32 = 5;

/// Returns the number of the part at a position in the message `outer`; `None` if it has no number.
pub(in crate::engine) fn within(outer: PartId, position: usize) -> Option<PartId> {
    let digit = u64::try_from(position + 1)
        .ok()
        .filter(|digit| digit >> BITS == 0)?;
    let number = outer.0.checked_shl(BITS)? | digit;
    (number >> (BITS * LONGEST) == 0).then_some(PartId(number))
}

/// Returns true if the parts of an attached message have numbers, too.
pub(in crate::engine) fn can_open(part: PartId) -> bool {
    within(part, 0).is_some()
}

/// Returns the positions on the way to a part, from the outermost message.
pub(in crate::engine) fn positions(part: PartId) -> impl Iterator<Item = usize> {
    (0..LONGEST).rev().filter_map(move |place| {
        let digit = part.0 >> (BITS * place) & ((1 << BITS) - 1);
        usize::try_from(digit).ok()?.checked_sub(1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_gives_the_positions_that_it_was_made_of() {
        let mut part = PartId::default();
        let path = [0, 999, 1, 0, 1022];
        for (depth, position) in path.into_iter().enumerate() {
            assert!(can_open(part));
            part = within(part, position).unwrap();
            assert!(positions(part).eq(path[..=depth].iter().copied()));
        }
        assert!(part.0 < 1 << 53);
        assert!(!can_open(part));
        assert_eq!(within(PartId::default(), 1023), None);
        assert_eq!(positions(PartId::default()).count(), 0);
    }
}
