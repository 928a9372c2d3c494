//! Measures the parsing of messages that are made to be slow: `cargo bench -p restante-bench --bench
//! parse`. Fails if the cost of one grows faster than its size.
//!
//! Each input is parsed at two sizes, one of them eight times the other. For each, the program prints
//! the seconds for a megabyte. If the cost is linear, they are equal; a quadratic one is eight times
//! as much. Each figure is the best of several passes, since other load can only add time.

#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use restante_client::api::ids::{MailboxId, MessageId, PartId};
use restante_client::engine::mail::parse::{MessageFacts, open_message, summary, terms};

/// The sizes, in bytes. The smaller one is above the limits of fields and headers.
const SIZES: [usize; 2] = [1 << 20, 8 << 20];

/// The largest ratio of the costs of a megabyte. A cost that is quadratic has 8.
const MOST: f64 = 3.0;

/// The number of passes of each measurement.
const PASSES: usize = 3;

/// The beginning of a message, and the text that is repeated behind it.
type Input = (&'static str, &'static str, &'static str);

const MULTIPART: &str = "Content-Type: multipart/mixed; boundary=b\n\n";
const HTML: &str = "Content-Type: text/html\n\n";

const INPUTS: [Input; 26] = [
    ("plain text", "Subject: x\n\n", "words of a text and more\n"),
    ("encoded words", "Subject: ", "=?utf-8?Q?=C3=BC?= "),
    ("starts of encoded words", "Subject: ", "=?"),
    ("addresses", "To: ", "a b <c@d.e>, "),
    ("open comments", "To: ", "("),
    ("colons", "To: ", "a:"),
    ("quotes", "To: ", "\" "),
    ("open brackets", "To: ", "<a,"),
    (
        "parameters",
        "Content-Type: text/plain; ",
        "name*0*=utf-8''%C3; ",
    ),
    (
        "quotes in names",
        "Content-Disposition: attachment; filename=",
        "\"a",
    ),
    ("fields", "", "Received: by x; 1 Jan 2020 00:00:00\n"),
    ("lines without a colon", "Subject: x\n", "stray line\n"),
    ("stray lines and fields", "", "stray\nX-A: b\n"),
    ("a folded field", "Subject: x\n", " \n"),
    (
        "nested multiparts",
        "",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n",
    ),
    ("parts", MULTIPART, "--b\n\nx\n"),
    ("delimiters of others", MULTIPART, "--bb\n"),
    ("inner boundaries", MULTIPART, "boundary=bb\n--bb\n"),
    ("nested messages", "", "Content-Type: message/rfc822\n\n"),
    (
        "starts of uuencode",
        "Subject: x\n\n",
        "begin 644 x\n#0V%T\n",
    ),
    ("starts of yEnc", "Subject: x\n\n", "=ybegin name=x\nx\n"),
    (
        "flowed lines",
        "Content-Type: text/plain; format=flowed\n\n",
        "> words \n",
    ),
    (
        "soft line breaks",
        "Content-Transfer-Encoding: quoted-printable\n\n",
        "=C=\n",
    ),
    (
        "lines behind base64",
        "Content-Transfer-Encoding: base64\n\n",
        "Zg==\n\nwords\n",
    ),
    ("HTML tags", HTML, "<p title='a'>words</p>"),
    ("meta elements", HTML, "<meta content=x>\u{e9}"),
];

fn main() -> ExitCode {
    let mut slow = 0;
    println!(
        "{:<26}{:>12}{:>12}{:>8}",
        "", "s/MB at 1", "s/MB at 8", "ratio"
    );
    for (name, start, repeated) in INPUTS {
        let costs = SIZES.map(|size| cost(start, repeated, size));
        let [small, large] = costs;
        let ratio = large / small;
        println!("{name:<26}{small:>12.4}{large:>12.4}{ratio:>8.2}");
        slow += usize::from(ratio > MOST);
    }
    println!("\n{slow} inputs cost more than {MOST} times as much for a megabyte when they grow");
    ExitCode::from(u8::from(slow > 0))
}

/// Returns the seconds for a megabyte of an input of `size` bytes.
fn cost(start: &str, repeated: &str, size: usize) -> f64 {
    let message = format!("{start}{}", repeated.repeat(size / repeated.len()));
    let facts = MessageFacts {
        id: MessageId(1),
        part: PartId::default(),
        mailbox: MailboxId(1),
        date: 0,
    };
    let pass = |_| {
        let clock = Instant::now();
        black_box(summary(message.as_bytes()));
        black_box(terms(message.as_bytes()));
        black_box(open_message(message.as_bytes(), facts, false));
        clock.elapsed()
    };
    let best: Duration = (0..PASSES).map(pass).min().unwrap_or_default();
    best.as_secs_f64() / (message.len() as f64 / 1e6)
}
