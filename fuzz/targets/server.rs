//! Arbitrary input of a client: the reader stays in step, and each command is encoded as it was
//! parsed. The first byte of the input is the size of the pieces into which the rest is split.

#![no_main]

use libfuzzer_sys::fuzz_target;
use restante_shared::pop3::command::{Command, CommandError};
use restante_shared::pop3::limits::MAX_COMMAND_BYTES;
use restante_shared::pop3::server::{CommandReader, ReplyWriter, SaslLine};

fuzz_target!(|input: &[u8]| {
    let Some((size, bytes)) = input.split_first() else {
        return;
    };
    let size = usize::from(*size).max(1);
    let whole = commands(bytes, bytes.len().max(1));
    assert_eq!(commands(bytes, size), whole);
    for command in whole.into_iter().flatten() {
        let mut line = Vec::new();
        command.encode(&mut line);
        assert!(line.len() <= MAX_COMMAND_BYTES);
        let read = Command::parse(line.strip_suffix(b"\r\n").unwrap());
        assert_eq!(read.as_ref(), Ok(&command));
    }
    assert_eq!(
        responses(bytes, size),
        responses(bytes, bytes.len().max(1))
    );
    let mut writer = ReplyWriter::new();
    writer.ok(&String::from_utf8_lossy(bytes));
    let reply = writer.take();
    assert!(reply.len() <= 512 && reply.ends_with(b"\r\n"));
    assert_eq!(reply.iter().filter(|byte| **byte == b'\n').count(), 1);
});

fn commands(bytes: &[u8], size: usize) -> Vec<Result<Command, CommandError>> {
    let mut reader = CommandReader::new();
    let mut read = Vec::new();
    for piece in bytes.chunks(size) {
        reader.push(piece);
        read.extend(std::iter::from_fn(|| reader.next_command()));
    }
    read
}

fn responses(bytes: &[u8], size: usize) -> Vec<Result<SaslLine, CommandError>> {
    let mut reader = CommandReader::new();
    let mut read = Vec::new();
    for piece in bytes.chunks(size) {
        reader.push(piece);
        read.extend(std::iter::from_fn(|| reader.next_sasl_line()));
    }
    read
}
