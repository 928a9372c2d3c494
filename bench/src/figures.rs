//! Medians, and the choice of measurements by name.

/// Returns true if a name contains one of these parts, in any case, or if there are no parts.
pub(crate) fn is_chosen(name: &str, only: &[String]) -> bool {
    let name = name.to_lowercase();
    only.is_empty() || only.iter().any(|part| name.contains(&part.to_lowercase()))
}

/// Returns the middle value, or the lower one of the middle two.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}
