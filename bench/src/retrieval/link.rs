//! The throughput of the line itself: the bytes of the maildrop, without POP3 and without a disk.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::delay::DelayLine;
use super::scene::{Figures, RetrievalScene};
use restante_ports::loopback;
use xtask::bridge::StartedServer;
use xtask::process::{self, Process};

const LIMIT: Duration = Duration::from_secs(120);

/// Transfers from one thread to another, in the clear.
pub(crate) fn plain(scene: &RetrievalScene, round_trip: Duration) -> Result<Figures> {
    let listener = TcpListener::bind(loopback(0))?;
    let server = listener.local_addr()?.port();
    let bytes = scene.bytes;
    thread::spawn(move || -> io::Result<()> {
        let (mut stream, _) = listener.accept()?;
        let piece = vec![b'x'; 64 * 1024];
        let mut left = bytes;
        while left > 0 {
            let now = left.min(piece.len() as u64);
            stream.write_all(
                piece
                    .get(..usize::try_from(now).unwrap_or(0))
                    .unwrap_or_default(),
            )?;
            left -= now;
        }
        Ok(())
    });
    through(server, round_trip, |port| {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(loopback(port))?;
        let mut buffer = vec![0; 256 * 1024];
        let mut read = 0;
        loop {
            match stream.read(&mut buffer)? {
                0 => break,
                more => read += more as u64,
            }
        }
        if read != bytes {
            bail!("{read} bytes came through the line");
        }
        Ok(begun.elapsed())
    })
}

/// Transfers by HTTPS, from OpenSSL to curl.
pub(crate) fn tls(scene: &RetrievalScene, round_trip: Duration) -> Result<Figures> {
    scene.with_folder(|folder| {
        File::create(folder.join("bytes"))?.set_len(scene.bytes)?;
        let server = StartedServer::start(|port| {
            let mut command = Command::new("openssl");
            command
                .current_dir(folder)
                .args(["s_server", "-quiet", "-WWW", "-accept"])
                .arg(loopback(port).to_string())
                .arg("-cert")
                .arg(&scene.certificates.server)
                .arg("-key")
                .arg(&scene.certificates.key)
                .stdout(Stdio::null());
            Ok(command)
        })?;
        through(server.port, round_trip, |port| {
            let mut command = Command::new("curl");
            command
                .args(["--silent", "--show-error", "--cacert"])
                .arg(&scene.certificates.authority)
                .arg(format!("https://localhost:{port}/bytes"))
                .stdout(Stdio::null());
            let (status, time) = Process::start(&mut command)?.time(LIMIT)?;
            if !status.success() {
                bail!("`{}` failed ({status})", process::line(&command));
            }
            Ok(time)
        })
    })
}

/// Measures over a line of this length to a server, or directly if it has none.
fn through(
    server: u16,
    round_trip: Duration,
    measure: impl FnOnce(u16) -> Result<Duration>,
) -> Result<Figures> {
    let line = match round_trip.is_zero() {
        true => None,
        false => Some(DelayLine::open(server, round_trip).context("a line")?),
    };
    let time = measure(line.as_ref().map_or(server, DelayLine::port))?;
    Ok(Figures {
        seconds: time.as_secs_f64(),
        searchable: None,
    })
}
