//! The transcripts in `tests/transcripts`. After every split, the session reports the events in
//! their comments, and the trace of the session replays to the same events.

use std::fs;
use std::path::Path;

use restante_shared::pop3::transcript::{Transcript, replay};

use crate::play::{expected, play, run};

fn each(test: impl Fn(&str)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut played = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(&text)))
            .unwrap_or_else(|_| panic!("{}", path.display()));
        played += 1;
    }
    assert!(played >= 12, "only {played} transcripts");
}

#[test]
fn recordings_give_the_same_events_after_every_split() {
    each(|text| {
        assert!(!expected(&text.parse().unwrap()).is_empty());
        play(text);
    });
}

#[test]
fn the_trace_of_a_session_replays_to_the_same_events() {
    each(|text| {
        let mut first = run(&text.parse().unwrap(), |_| false);
        let steps = first.session.take_trace();
        let kept = Transcript { steps }.to_string();
        let again = run(&kept.parse().unwrap(), |_| false);
        assert_eq!(again.outline(), first.outline(), "{kept}");
        assert!(
            !kept.contains("secret") && !kept.contains("c4c9334b"),
            "{kept}"
        );
    });
}

#[test]
fn recordings_are_replayed_to_their_end() {
    each(|text| {
        replay(&text.parse().unwrap()).unwrap();
    });
}
