//! Several messages that are written at the same time.

use futures::executor::block_on;

use super::*;

const SMALL: usize = 1_000;
/// Overflows the buffer more than once.
const LARGE: usize = 900_000;
const SCRATCH: &str = "arriving-00000001.scratch";

/// Returns bytes that differ from those of another `seed`.
fn bytes(seed: u8, size: usize) -> Vec<u8> {
    (seed..=250).cycle().take(size).collect()
}

type Incoming = IncomingMessage<MemoryFile>;

/// Begins two messages and pushes their bytes in turns.
async fn interleave(
    spool: &mut Spool<MemoryFiles>,
    contents: &[Vec<u8>; 2],
) -> Result<[Incoming; 2], StorageError> {
    let mut messages = [spool.begin(head("0")), spool.begin(head("1"))];
    let longest = contents.iter().map(Vec::len).max().unwrap();
    for start in (0..longest).step_by(50_000) {
        for (message, bytes) in messages.iter_mut().zip(contents) {
            let end = bytes.len().min(start + 50_000);
            let piece = bytes.get(start..end).unwrap_or_default();
            spool.push(message, piece).await?;
        }
    }
    Ok(messages)
}

fn sizes() -> impl Iterator<Item = [Vec<u8>; 2]> {
    let sizes = [SMALL, LARGE];
    let pairs = sizes.map(|first| sizes.map(|second| [bytes(1, first), bytes(2, second)]));
    pairs.into_iter().flatten()
}

async fn names(files: &MemoryFiles) -> Vec<String> {
    files.names().await.unwrap()
}

#[test]
fn two_messages_are_finished_in_either_order() {
    block_on(async {
        for contents in sizes() {
            for order in [[0, 1], [1, 0]] {
                let files = MemoryFiles::new();
                let (mut spool, ..) = open(files.clone()).await;
                let messages = interleave(&mut spool, &contents).await.unwrap();
                let mut messages = messages.map(Some);
                for (number, position) in (1..).zip(order) {
                    let message = messages[position].take().unwrap();
                    let finished = spool.finish(message).await.unwrap();
                    assert_eq!(finished.0, number);
                    let record = spool.read(number, finished.1.location).unwrap();
                    let expected = Record::Message {
                        head: head(&position.to_string()),
                        octets: contents[position].clone(),
                    };
                    assert_eq!(record, Some(expected));
                }
                spool.flush().unwrap();
                let (_, found, scanned) = open(files).await;
                assert_eq!(scanned, Scanned::default());
                assert_eq!(octets_of(&found[0]), contents[order[0]]);
                assert_eq!(octets_of(&found[1]), contents[order[1]]);
            }
        }
    });
}

#[test]
fn an_abandoned_message_does_not_affect_the_other() {
    block_on(async {
        for contents in sizes() {
            for (lost, is_dropped) in [(0, true), (0, false), (1, true), (1, false)] {
                let files = MemoryFiles::new();
                let (mut spool, ..) = open(files.clone()).await;
                let [first, second] = interleave(&mut spool, &contents).await.unwrap();
                let (kept, given_up) = if lost == 0 {
                    (second, first)
                } else {
                    (first, second)
                };
                if is_dropped {
                    drop(given_up);
                } else {
                    spool.abandon(given_up);
                }
                spool.finish(kept).await.unwrap();
                spool.flush().unwrap();
                let (_, found, scanned) = open(files).await;
                assert_eq!((found.len(), scanned), (1, Scanned::default()));
                assert_eq!(octets_of(&found[0]), contents[1 - lost]);
            }
        }
    });
}

#[test]
fn a_dropped_message_is_cut_at_the_next_flush() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut spool, ..) = open(files.clone()).await;
        keep(&mut spool, b"kept").await.unwrap();
        let size = read(&files).await.len();
        let mut dropped = spool.begin(head("dropped"));
        spool.push(&mut dropped, &bytes(1, LARGE)).await.unwrap();
        assert!(read(&files).await.len() > size);
        drop(dropped);
        spool.flush().unwrap();
        assert_eq!(read(&files).await.len(), size);
    });
}

#[test]
fn a_crash_between_pieces_of_messages_loses_only_these() {
    block_on(async {
        let contents = [bytes(1, LARGE), bytes(2, LARGE)];
        for finished in 0..2 {
            let files = MemoryFiles::new();
            let (mut spool, ..) = open(files.clone()).await;
            keep(&mut spool, b"kept").await.unwrap();
            let messages = interleave(&mut spool, &contents).await.unwrap();
            for message in messages.into_iter().take(finished) {
                spool.finish(message).await.unwrap();
                spool.flush().unwrap();
            }
            // Stopped without any of the orderly ends.
            let crashed = MemoryFiles::new();
            for name in names(&files).await {
                let file = files.open(&name).await.unwrap();
                let mut all = vec![0; usize::try_from(file.size().unwrap()).unwrap()];
                file.read_at(0, &mut all).unwrap();
                let mut copy = crashed.open(&name).await.unwrap();
                copy.write_at(0, &all).unwrap();
            }
            assert!(names(&crashed).await.contains(&SCRATCH.to_owned()));
            let (mut spool, found, scanned) = open(crashed.clone()).await;
            assert_eq!(names(&crashed).await, [SEGMENT]);
            assert_eq!((scanned.tail_cut, scanned.damaged), (finished == 0, 0));
            assert_eq!(found.len(), 1 + finished);
            assert_eq!(octets_of(&found[0]), b"kept");
            for (found, contents) in found.iter().skip(1).zip(&contents) {
                assert_eq!(octets_of(found), contents);
            }
            let next = keep(&mut spool, b"next").await.unwrap();
            assert_eq!(next, 2 + finished as u64);
        }
    });
}

#[test]
fn other_records_do_not_wait_for_a_message_to_end() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut spool, ..) = open(files.clone()).await;
        let content = bytes(1, LARGE);
        let (begin, end) = content.split_at(500_000);
        let mut message = spool.begin(head("0"));
        spool.push(&mut message, begin).await.unwrap();
        let record = Record::MailboxAdded {
            mailbox: MailboxId(7),
        };
        for _ in 0..2 {
            spool.append(&record).await.unwrap();
            spool.flush().unwrap();
        }
        spool.push(&mut message, end).await.unwrap();
        spool.finish(message).await.unwrap();
        spool.flush().unwrap();
        let (_, found, scanned) = open(files).await;
        assert_eq!(scanned, Scanned::default());
        assert_eq!((&found[0].record, &found[1].record), (&record, &record));
        assert_eq!(octets_of(&found[2]), content);
    });
}

#[test]
fn scratch_files_are_reused_and_empty_between_messages() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut spool, ..) = open(files.clone()).await;
        for size in [LARGE, LARGE / 2, LARGE] {
            let contents = [bytes(1, size), bytes(2, size)];
            let [first, second] = interleave(&mut spool, &contents).await.unwrap();
            spool.finish(second).await.unwrap();
            spool.finish(first).await.unwrap();
            let names = names(&files).await;
            assert_eq!(names.len(), 3, "{names:?}");
            for name in names.iter().filter(|name| *name != SEGMENT) {
                assert_eq!(files.open(name).await.unwrap().size().unwrap(), 0);
            }
        }
        let (_, found, _) = open(files).await;
        assert_eq!(numbers(&found), [1, 2, 3, 4, 5, 6]);
    });
}

#[test]
fn a_message_with_a_damaged_scratch_file_is_not_stored() {
    block_on(async {
        for cut in [false, true] {
            let files = MemoryFiles::new();
            let (mut spool, ..) = open(files.clone()).await;
            let contents = [bytes(1, LARGE), bytes(2, LARGE)];
            let [first, second] = interleave(&mut spool, &contents).await.unwrap();
            let mut scratch = files.open(SCRATCH).await.unwrap();
            if cut {
                scratch.truncate(1_000).unwrap();
            } else {
                scratch.write_at(1_000, b"!").unwrap();
            }
            assert!(spool.finish(second).await.is_err());
            spool.finish(first).await.unwrap();
            spool.flush().unwrap();
            let (_, found, scanned) = open(files).await;
            assert_eq!((found.len(), scanned), (1, Scanned::default()));
            assert_eq!(octets_of(&found[0]), contents[0]);
        }
    });
}

#[test]
fn a_failed_flush_abandons_only_the_last_message() {
    block_on(async {
        let memory = MemoryFiles::new();
        let faults = Faults::default();
        let (mut spool, ..) = open(FaultyFiles::new(memory.clone(), faults.clone())).await;
        let large = bytes(1, LARGE);
        let mut small = spool.begin(head("small"));
        spool.push(&mut small, b"small").await.unwrap();
        spool.append(&Record::Unknown).await.unwrap();
        let mut messages = [spool.begin(head("end")), spool.begin(head("scratch"))];
        for message in &mut messages {
            spool.push(message, &large).await.unwrap();
        }
        assert_eq!(spool.losses(), 0);
        faults.fail_flush(true);
        assert!(spool.flush().is_err());
        faults.fail_flush(false);
        assert_eq!(spool.losses(), 1);
        let [mut end, scratch] = messages;
        assert!(spool.push(&mut end, &large).await.is_err());
        assert!(spool.finish(end).await.is_err());
        assert_eq!(spool.finish(scratch).await.unwrap().0, 1);
        assert_eq!(spool.finish(small).await.unwrap().0, 2);
        spool.flush().unwrap();
        let (_, found, scanned) = open(memory).await;
        assert_eq!(scanned, Scanned::default());
        assert_eq!(octets_of(&found[0]), large);
        assert_eq!(octets_of(&found[1]), b"small");
    });
}

#[test]
fn a_disk_full_at_any_write_loses_only_the_message_that_did_not_fit() {
    block_on(async {
        let contents = [bytes(1, LARGE), bytes(2, LARGE), bytes(3, SMALL)];
        for writes in 0.. {
            let memory = MemoryFiles::new();
            let faults = Faults::default();
            let (mut spool, ..) = open(FaultyFiles::new(memory.clone(), faults.clone())).await;
            faults.fill_after(Some(writes));
            let mut messages = Vec::new();
            for (name, bytes) in contents.iter().enumerate() {
                let mut message = spool.begin(head(&name.to_string()));
                let pushed = spool.push(&mut message, bytes).await;
                messages.push((message, pushed.is_ok(), bytes));
            }
            let mut kept = Vec::new();
            for (message, is_pushed, bytes) in messages {
                let finished = spool.finish(message).await;
                assert!(is_pushed || finished.is_err());
                if finished.is_ok() {
                    kept.push(bytes);
                }
            }
            spool.flush().unwrap();
            let (_, found, scanned) = open(memory.clone()).await;
            assert_eq!(scanned, Scanned::default(), "after {writes} writes");
            let found: Vec<_> = found.iter().map(octets_of).collect();
            assert_eq!(found, kept, "after {writes} writes");
            if kept.len() == contents.len() {
                break;
            }
        }
    });
}
