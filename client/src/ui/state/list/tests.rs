//! The message list with a fake engine.

use super::*;
use crate::api::ids::MailboxId;
use crate::api::mail::MailCommand;

/// A fake engine that holds message numbers, newest first.
struct FakeEngine {
    messages: Vec<u64>,
}

impl FakeEngine {
    fn with(count: u64) -> Self {
        Self {
            messages: (0..count).rev().collect(),
        }
    }

    fn answer(&self, list: &mut ListState, commands: Vec<EngineCommand>, next: &mut RequestId) {
        let mut waiting = commands;
        let mut answered = 0;
        while let Some(command) = waiting.pop() {
            let EngineCommand::Mail(MailCommand::List {
                request,
                offset,
                limit,
                ..
            }) = command
            else {
                panic!("{command:?}")
            };
            let rows = self.messages.iter().skip(offset as usize);
            let rows = rows.take(limit as usize).map(|id| row(*id)).collect();
            let total = u32::try_from(self.messages.len()).unwrap();
            waiting.extend(list.receive(request, total, offset, rows, next));
            answered += 1;
            assert!(answered < 20, "the list never has enough");
        }
    }
}

fn row(id: u64) -> MessageRow {
    MessageRow {
        id: MessageId(id),
        mailbox: MailboxId(1),
        sender: String::new(),
        subject: String::new(),
        snippet: String::new(),
        date: 0,
        unread: true,
        has_attachments: false,
    }
}

fn looking_at(engine: &FakeEngine, visible: Range<u32>) -> (ListState, RequestId) {
    let (mut list, mut next) = (ListState::default(), 0);
    let commands = list.list(MessageQuery::default(), &mut next);
    engine.answer(&mut list, commands, &mut next);
    let commands = list.look(visible, &mut next);
    engine.answer(&mut list, commands, &mut next);
    (list, next)
}

#[test]
fn visible_rows_are_loaded_at_any_position() {
    let engine = FakeEngine::with(50_000);
    for start in [0, 90, 95, 25_000, 49_990] {
        let (list, _) = looking_at(&engine, start..start + 10);
        for index in start..start + 10 {
            let id = engine.messages[index as usize];
            assert_eq!(list.row(index).map(|row| row.id), Some(MessageId(id)));
        }
    }
}

#[test]
fn the_number_of_loaded_chunks_is_bounded() {
    let engine = FakeEngine::with(50_000);
    let (mut list, mut next) = looking_at(&engine, 0..10);
    for start in (0..50_000).step_by(50) {
        let commands = list.look(start..start + 10, &mut next);
        engine.answer(&mut list, commands, &mut next);
    }
    assert!(list.chunks.len() <= MAX_CHUNKS);
}

#[test]
fn new_mail_moves_the_list_but_not_the_visible_rows() {
    for arrived in [1, 7, 250, 3_000] {
        let mut engine = FakeEngine::with(5_000);
        let (mut list, mut next) = looking_at(&engine, 2_000..2_010);
        list.active = 2_003;
        let (seen, focused) = (list.row(2_000).cloned(), list.row(2_003).cloned());

        engine.messages = (0..5_000 + arrived).rev().collect();
        let commands = list.refresh(&mut next);
        engine.answer(&mut list, commands, &mut next);

        let by = u32::try_from(arrived).unwrap();
        assert_eq!(list.moved, i64::from(by));
        assert_eq!(list.row(2_000 + by).cloned(), seen);
        assert_eq!(list.active, 2_003 + by);
        assert_eq!(list.row(list.active).cloned(), focused);
    }
}

#[test]
fn at_the_top_new_mail_shows_at_once() {
    let mut engine = FakeEngine::with(500);
    let (mut list, mut next) = looking_at(&engine, 0..10);
    engine.messages = (0..503).rev().collect();
    let commands = list.refresh(&mut next);
    engine.answer(&mut list, commands, &mut next);
    assert_eq!(list.moved, 0);
    assert_eq!(list.row(0).map(|row| row.id), Some(MessageId(502)));
    assert_eq!(list.active, 3, "the focus stays on its message");
}

#[test]
fn a_change_during_a_refresh_is_not_missed() {
    let mut engine = FakeEngine::with(10);
    let (mut list, mut next) = looking_at(&engine, 0..10);
    let first = list.refresh(&mut next);
    assert!(list.refresh(&mut next).is_empty(), "one at a time");
    let EngineCommand::Mail(MailCommand::List { request, .. }) = first[0] else {
        panic!()
    };
    let old = engine.messages.iter().map(|id| row(*id)).collect();
    engine.messages = (0..11).rev().collect();
    let again = list.receive(request, 10, 0, old, &mut next);
    engine.answer(&mut list, again, &mut next);
    assert_eq!(list.total, Some(11));
    assert!(!list.is_busy());
}

#[test]
fn an_emptied_list_has_no_rows() {
    let mut engine = FakeEngine::with(300);
    let (mut list, mut next) = looking_at(&engine, 200..210);
    engine.messages.clear();
    let commands = list.refresh(&mut next);
    engine.answer(&mut list, commands, &mut next);
    assert_eq!((list.total, list.active), (Some(0), 0));
    assert_eq!(list.row(0), None);
}

#[test]
fn a_failed_request_is_not_repeated_until_the_user_scrolls() {
    let engine = FakeEngine::with(1_000);
    let (mut list, mut next) = looking_at(&engine, 0..10);
    let asked = list.look(540..550, &mut next);
    assert_eq!(asked.len(), 1);
    assert!(list.fail(next));
    assert!(list.request_missing(&mut next).is_empty());
    let commands = list.look(541..551, &mut next);
    engine.answer(&mut list, commands, &mut next);
    assert!(list.row(545).is_some());
}

#[test]
fn marking_changes_one_row() {
    let engine = FakeEngine::with(10);
    let (mut list, _) = looking_at(&engine, 0..10);
    list.mark(MessageId(4), false);
    let read: Vec<_> = (0..10)
        .filter_map(|index| list.row(index))
        .filter(|row| !row.unread)
        .map(|row| row.id)
        .collect();
    assert_eq!(read, [MessageId(4)]);
}
