//! Dates and times in the user's language and time zone.

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::JsValue;

/// The date formats of the page.
struct Formats {
    time: Function,
    day: Function,
    date: Function,
    full: Function,
    moment: Function,
    long: Function,
}

thread_local! {
    // Creating a format takes longer than using it a hundred times.
    static FORMATS: Formats = Formats {
        time: format(&[("hour", "2-digit"), ("minute", "2-digit")]),
        day: format(&[("day", "numeric"), ("month", "short")]),
        date: format(&[("day", "numeric"), ("month", "short"), ("year", "numeric")]),
        full: format(&[("dateStyle", "full"), ("timeStyle", "short")]),
        moment: format(&[("dateStyle", "medium"), ("timeStyle", "medium")]),
        long: format(&[("dateStyle", "full")]),
    };
}

/// Formats a date for a list, from seconds since 1970: the time if today, the day if this year,
/// else the date.
pub(crate) fn short(seconds: i64) -> String {
    let date = date(seconds);
    FORMATS.with(|formats| {
        let format = match distance(&date) {
            Distance::Today => &formats.time,
            Distance::ThisYear => &formats.day,
            Distance::Far => &formats.date,
        };
        apply(format, &date)
    })
}

/// Formats a time for a sentence, from seconds since 1970: "at 14:05", "on 3 May".
pub(crate) fn when(seconds: i64) -> String {
    let preposition = match distance(&date(seconds)) {
        Distance::Today => "at",
        Distance::ThisYear | Distance::Far => "on",
    };
    format!("{preposition} {}", short(seconds))
}

/// The distance of a date from today.
enum Distance {
    Today,
    ThisYear,
    Far,
}

fn distance(date: &Date) -> Distance {
    let now = Date::new_0();
    if date.get_full_year() != now.get_full_year() {
        Distance::Far
    } else if (date.get_month(), date.get_date()) != (now.get_month(), now.get_date()) {
        Distance::ThisYear
    } else {
        Distance::Today
    }
}

/// Formats a date and time in full, from seconds since 1970.
pub(crate) fn full(seconds: i64) -> String {
    FORMATS.with(|formats| apply(&formats.full, &date(seconds)))
}

/// Formats a date and time to the second, from seconds since 1970.
pub(crate) fn moment(seconds: i64) -> String {
    FORMATS.with(|formats| apply(&formats.moment, &date(seconds)))
}

/// Formats the time of an event, from its start and end in seconds since 1970. With `all_day`, the
/// end is the last day. With `local`, they are times on a clock, as if that showed UTC.
pub(crate) fn span(start: i64, end: i64, all_day: bool, local: bool) -> String {
    let shown = |seconds| {
        let utc = date(seconds);
        if local {
            #[allow(clippy::cast_possible_truncation)] // At most a day.
            let behind = utc.get_timezone_offset() as i64;
            date(seconds + behind * 60)
        } else {
            utc
        }
    };
    let (first, last) = (shown(start), shown(end));
    let same_day = first.to_date_string() == last.to_date_string();
    FORMATS.with(|formats| {
        let format = if all_day {
            &formats.long
        } else {
            &formats.full
        };
        let from = apply(format, &first);
        if end <= start || (all_day && same_day) {
            return from;
        }
        let format = if same_day { &formats.time } else { format };
        format!("{from} \u{2013} {}", apply(format, &last))
    })
}

/// Returns true if a time, in seconds since 1970, is in the future.
pub(crate) fn is_ahead(seconds: i64) -> bool {
    date(seconds).get_time() > Date::now()
}

/// Formats a time for machines, from seconds since 1970: "2026-11-22T14:05:00.000Z".
pub(crate) fn machine(seconds: i64) -> String {
    date(seconds).to_iso_string().into()
}

/// Converts seconds to a date, within the range of JavaScript (some 275,000 years).
fn date(seconds: i64) -> Date {
    const FARTHEST: i64 = 8_640_000_000_000;
    let seconds = seconds.clamp(-FARTHEST, FARTHEST);
    #[allow(clippy::cast_precision_loss)] // 8.64e15 is less than 2^53.
    let milliseconds = (seconds * 1000) as f64;
    Date::new(&JsValue::from_f64(milliseconds))
}

fn format(options: &[(&str, &str)]) -> Function {
    let object = Object::new();
    for (name, value) in options {
        // Setting a property of a plain object cannot fail.
        _ = Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    Intl::DateTimeFormat::new(&Array::new(), &object).format()
}

fn apply(format: &Function, date: &Date) -> String {
    let text = format.call1(&JsValue::UNDEFINED, date).ok();
    text.and_then(|text| text.as_string()).unwrap_or_default()
}
