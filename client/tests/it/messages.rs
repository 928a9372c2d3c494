//! Messages of mixed sizes and unusual content, the same in every run.

/// Returns `count` messages: names for a maildir, and the bytes of their files.
pub(crate) fn mixed(count: u32) -> Vec<(String, Vec<u8>)> {
    let mut random = Random(0x5eed);
    (0..count)
        .map(|n| {
            let name = format!("17000{n:05}.M{n}P1.restante");
            let line_end = if n.is_multiple_of(3) { "\r\n" } else { "\n" };
            (name, message(n, line_end, &mut random))
        })
        .collect()
}

/// Converts a file to the message that a conforming server sends: CRLF line ends, also on the last
/// line.
pub(crate) fn on_the_wire(file: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(file.len());
    for line in file.split_inclusive(|octet| *octet == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        octets.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        octets.extend_from_slice(b"\r\n");
    }
    octets
}

fn message(n: u32, line_end: &str, random: &mut Random) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut line = |text: &[u8]| {
        octets.extend_from_slice(text);
        octets.extend_from_slice(line_end.as_bytes());
    };
    line(b"From: Sender <sender@example.org>");
    line(format!("Subject: message {n}").as_bytes());
    line(b"");
    let lines = match n % 40 {
        0 => 12_000,
        1..5 => 1_200,
        _ => 10 + random.below(60),
    };
    for _ in 0..lines {
        match random.below(12) {
            0 => line(b"."),
            1 => line(b".."),
            2 => line(b".dot first"),
            3 => line(b""),
            4 => line("caf\u{e9} na\u{ef}ve \u{2603}".as_bytes()),
            5 => line(b"latin \xe9\xe8\xff"),
            6 if random.below(20) == 0 => line(&vec![b'x'; 3000]),
            _ => line(b"A line of text, about as long as lines of text in mail mostly are."),
        }
    }
    if n.is_multiple_of(5) {
        octets.extend_from_slice(b"no line end");
    }
    if n.is_multiple_of(7) {
        octets.extend_from_slice(b"\n.");
    }
    octets
}

/// Pseudo-random numbers (with [Knuth's MMIX] constants), the same in every run.
///
/// [Knuth's MMIX]: https://en.wikipedia.org/wiki/Linear_congruential_generator
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
