//! The spool under damage, crashes and a full disk.

mod interleaved;

use futures::executor::block_on;

use super::faults::{Faults, FaultyFiles};
use super::*;
use crate::api::ids::MailboxId;

const SEGMENT: &str = "mail-00000001.spool";

fn head(unique_id: &str) -> MessageHead {
    MessageHead {
        mailbox: MailboxId(1),
        arrived: 5,
        unique_id: Some(unique_id.to_owned()),
    }
}

async fn open<F: Files>(files: F) -> (Spool<F>, Vec<Found>, Scanned) {
    let mut found = Vec::new();
    let scan = Scan::open(files).await.unwrap();
    let each = |one| -> Result<(), StorageError> {
        found.push(one);
        Ok(())
    };
    let (spool, scanned) = scan.run(None, each).await.unwrap();
    (spool, found, scanned)
}

async fn keep<F: Files>(spool: &mut Spool<F>, octets: &[u8]) -> Result<u64, StorageError> {
    let mut message = spool.begin(head("u"));
    for chunk in octets.chunks(50_000) {
        spool.push(&mut message, chunk).await?;
    }
    let (number, _) = spool.finish(message).await?;
    spool.flush()?;
    Ok(number)
}

/// Creates a spool of these messages. Returns its only segment, and the offset of each record.
async fn segment_of(messages: &[&[u8]]) -> (Vec<u8>, Vec<usize>) {
    let files = MemoryFiles::new();
    let (mut spool, ..) = open(files.clone()).await;
    let mut starts = Vec::new();
    for message in messages {
        starts.push(read(&files).await.len());
        keep(&mut spool, message).await.unwrap();
    }
    (read(&files).await, starts)
}

async fn read(files: &MemoryFiles) -> Vec<u8> {
    let file = files.open(SEGMENT).await.unwrap();
    let mut octets = vec![0; usize::try_from(file.size().unwrap()).unwrap()];
    file.read_at(0, &mut octets).unwrap();
    octets
}

async fn files_with(octets: &[u8]) -> MemoryFiles {
    let files = MemoryFiles::new();
    let mut file = files.open(SEGMENT).await.unwrap();
    file.write_at(0, octets).unwrap();
    files
}

fn octets_of(found: &Found) -> &[u8] {
    match &found.record {
        Record::Message { octets, .. } => octets,
        other => panic!("{other:?}"),
    }
}

fn numbers(found: &[Found]) -> Vec<u64> {
    found.iter().map(|one| one.number).collect()
}

#[test]
fn a_message_written_in_any_chunks_is_read_unchanged() {
    block_on(async {
        let octets: Vec<u8> = (0..=255).cycle().take(400_000).collect();
        for size in [1_000, 65_536, 400_000] {
            let files = MemoryFiles::new();
            let (mut spool, ..) = open(files.clone()).await;
            let mut message = spool.begin(head("ü"));
            for chunk in octets.chunks(size) {
                spool.push(&mut message, chunk).await.unwrap();
            }
            let (number, checkpoint) = spool.finish(message).await.unwrap();
            let record = Record::Message {
                head: head("ü"),
                octets: octets.clone(),
            };
            let back = spool.read(number, checkpoint.location).unwrap();
            assert_eq!(back, Some(record));
            assert_eq!(spool.read(number + 1, checkpoint.location).unwrap(), None);
        }
    });
}

#[test]
fn a_tail_torn_at_any_byte_is_cut_and_the_rest_is_kept() {
    block_on(async {
        let (octets, starts) = segment_of(&[b"first", b"second", b"the third one"]).await;
        for end in starts[2]..octets.len() {
            let files = files_with(&octets[..end]).await;
            let (mut spool, found, scanned) = open(files.clone()).await;
            assert_eq!(numbers(&found), [1, 2], "cut at {end}");
            assert_eq!((scanned.tail_cut, scanned.damaged), (end > starts[2], 0));
            assert_eq!(keep(&mut spool, b"again").await.unwrap(), 3);
            let (_, found, scanned) = open(files).await;
            assert_eq!(octets_of(&found[2]), b"again");
            assert_eq!(scanned, Scanned::default());
        }
    });
}

#[test]
fn a_flipped_bit_costs_its_own_record_and_is_reported() {
    block_on(async {
        let messages: [&[u8]; 3] = [b"first", b"the second", b"third"];
        let (octets, starts) = segment_of(&messages).await;
        for position in 0..octets.len() {
            let mut damaged = octets.clone();
            damaged[position] ^= 1 << (position % 8);
            let (_, found, scanned) = open(files_with(&damaged).await).await;
            let hit = starts.iter().rposition(|start| *start <= position);
            for (place, message) in messages.iter().enumerate() {
                let kept = found.iter().find(|one| one.number == place as u64 + 1);
                match kept {
                    Some(found) => assert_eq!(octets_of(found), *message),
                    None => assert_eq!(hit, Some(place), "bit in octet {position}"),
                }
            }
            let reported = scanned.tail_cut || scanned.damaged > 0;
            assert_eq!(reported, hit.is_some(), "bit in octet {position}");
        }
    });
}

#[test]
fn an_unfinished_message_is_cut() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut spool, ..) = open(files.clone()).await;
        keep(&mut spool, b"kept").await.unwrap();
        let mut lost = spool.begin(head("lost"));
        spool.push(&mut lost, &[b'x'; 500_000]).await.unwrap();
        drop(spool);
        let (_, found, scanned) = open(files).await;
        assert_eq!(numbers(&found), [1]);
        assert!(scanned.tail_cut);
    });
}

#[test]
fn an_abandoned_message_leaves_no_bytes() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut spool, ..) = open(files.clone()).await;
        let mut message = spool.begin(head("x"));
        spool.push(&mut message, &[b'x'; 500_000]).await.unwrap();
        spool.abandon(message);
        keep(&mut spool, b"kept").await.unwrap();
        let (_, found, scanned) = open(files).await;
        assert_eq!(octets_of(&found[0]), b"kept");
        assert_eq!(scanned, Scanned::default());
    });
}

#[test]
fn a_record_inside_a_message_is_not_read_as_a_record_of_the_spool() {
    block_on(async {
        let (octets, starts) = segment_of(&[b"first"]).await;
        let stolen = octets[starts[0]..].to_vec();
        let files = files_with(&octets).await;
        let (mut spool, ..) = open(files.clone()).await;
        keep(&mut spool, &stolen).await.unwrap();
        keep(&mut spool, b"third").await.unwrap();
        let mut damaged = read(&files).await;
        damaged[octets.len()] ^= 1;
        let (_, found, scanned) = open(files_with(&damaged).await).await;
        assert_eq!(numbers(&found), [1, 3]);
        assert_eq!(scanned.damaged, 1);
    });
}

#[test]
fn a_full_disk_loses_only_the_message_that_did_not_fit() {
    block_on(async {
        let messages: Vec<Vec<u8>> = (1..6_u8)
            .map(|n| vec![n; usize::from(n) * 70_000])
            .collect();
        let mut finished = false;
        for writes in 0..100 {
            let memory = MemoryFiles::new();
            let faults = Faults::default();
            let (mut spool, ..) = open(FaultyFiles::new(memory.clone(), faults.clone())).await;
            faults.fill_after(Some(writes));
            let mut kept = Vec::new();
            let mut failed = None;
            for message in &messages {
                match keep(&mut spool, message).await {
                    Ok(number) => kept.push((number, message)),
                    Err(error) => failed = Some(error),
                }
            }
            if failed.is_none() {
                finished = true;
                break;
            }
            assert_eq!(failed, Some(StorageError::Full));
            let (_, found, scanned) = open(memory.clone()).await;
            assert_eq!(scanned, Scanned::default(), "after {writes} writes");
            assert_eq!(found.len(), kept.len());
            for (found, (number, message)) in found.iter().zip(&kept) {
                assert_eq!(
                    (found.number, octets_of(found)),
                    (*number, message.as_slice())
                );
            }
            // With room again, it continues where it stopped.
            faults.fill_after(None);
            keep(&mut spool, b"after").await.unwrap();
            let (_, found, _) = open(memory).await;
            assert_eq!(found.len(), kept.len() + 1);
        }
        assert!(finished, "the disk never sufficed");
    });
}

#[test]
fn a_failed_flush_abandons_the_unflushed_records() {
    block_on(async {
        let memory = MemoryFiles::new();
        let faults = Faults::default();
        let (mut spool, ..) = open(FaultyFiles::new(memory.clone(), faults.clone())).await;
        keep(&mut spool, b"kept").await.unwrap();
        faults.fail_flush(true);
        assert!(keep(&mut spool, b"lost").await.is_err());
        faults.fail_flush(false);
        assert_eq!(keep(&mut spool, b"next").await.unwrap(), 2);
        let (_, found, scanned) = open(memory).await;
        assert_eq!(octets_of(&found[1]), b"next");
        assert_eq!(scanned, Scanned::default());
    });
}

#[test]
fn no_record_follows_a_tail_that_could_not_be_cut() {
    block_on(async {
        let faults = Faults::default();
        let files = FaultyFiles::new(MemoryFiles::new(), faults.clone());
        let (mut spool, ..) = open(files).await;
        faults.fail_flush(true);
        faults.fail_truncate(true);
        assert!(keep(&mut spool, b"lost").await.is_err());
        faults.fail_flush(false);
        assert!(keep(&mut spool, b"next").await.is_err());
    });
}

#[test]
fn a_scan_from_a_checkpoint_reads_only_later_records() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut spool, ..) = open(files.clone()).await;
        for message in [b"1", b"2", b"3"] {
            keep(&mut spool, message).await.unwrap();
        }
        let (_, found, _) = open(files.clone()).await;
        let checkpoint = found[1].checkpoint;
        let scan = Scan::open(files.clone()).await.unwrap();
        assert!(scan.holds(&checkpoint).unwrap());
        let mut later = Vec::new();
        let each = |one: Found| -> Result<(), StorageError> {
            later.push(one.number);
            Ok(())
        };
        let (_, scanned) = scan.run(Some(&checkpoint), each).await.unwrap();
        assert_eq!((later, scanned), (vec![3], Scanned::default()));
        let other = Scan::open(MemoryFiles::new()).await.unwrap();
        assert!(!other.holds(&checkpoint).unwrap());
    });
}

#[test]
fn a_full_segment_is_followed_by_another_and_all_are_read() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut spool, ..) = open(files.clone()).await;
        let large = vec![7; 23 << 20];
        for _ in 0..4 {
            keep(&mut spool, &large).await.unwrap();
        }
        assert_eq!(files.names().await.unwrap().len(), 2);
        let (mut spool, found, scanned) = open(files.clone()).await;
        assert_eq!(
            (numbers(&found), scanned),
            (vec![1, 2, 3, 4], Scanned::default())
        );
        assert_eq!(keep(&mut spool, b"x").await.unwrap(), 5);
    });
}

#[test]
fn a_record_of_an_unknown_kind_is_skipped_with_its_content() {
    block_on(async {
        let files = MemoryFiles::new();
        let (mut spool, ..) = open(files.clone()).await;
        keep(&mut spool, b"before").await.unwrap();
        let content = b"a fact of the future";
        let checksum = crc32fast::hash(content);
        let written =
            spool.write_record(999, content.len() as u64, checksum, |file, at, header| {
                file.write_at(at, header)?;
                file.write_at(at + header.len() as u64, content)
            });
        assert_eq!(written.unwrap().0, 2);
        keep(&mut spool, b"after").await.unwrap();
        let (_, found, scanned) = open(files).await;
        assert_eq!((found.len(), scanned), (3, Scanned::default()));
        assert_eq!(octets_of(&found[0]), b"before");
        assert_eq!(found[1].record, Record::Unknown);
        assert_eq!(octets_of(&found[2]), b"after");
    });
}

#[test]
fn files_on_disk_have_the_same_contents() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let files = DiskFiles::new(folder.path().join("spool"));
        let (mut spool, ..) = open(files.clone()).await;
        keep(&mut spool, b"kept").await.unwrap();
        let mut lost = spool.begin(head("x"));
        spool.push(&mut lost, &[0; 300_000]).await.unwrap();
        drop(spool);
        let (_, found, scanned) = open(files).await;
        assert_eq!(octets_of(&found[0]), b"kept");
        assert!(scanned.tail_cut);
    });
}
