//! Child processes that end with this program: each is a process group of its own. It receives Ctrl-C
//! and SIGTERM, and is ended when it is dropped or takes too long.

use std::ffi::OsStr;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGINT, SIGTERM};

/// The interval at which children and signals are polled.
const POLL: Duration = Duration::from_millis(50);
/// The time that a child has to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(8);

static INTERRUPTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// The error of a command that Ctrl-C or SIGTERM ended.
#[derive(Debug)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Prints the error of a command, if it failed, and returns the status to exit with.
pub fn exit_code(result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The status that a shell reports for a command that Ctrl-C ended.
        Err(error) if error.is::<Interrupted>() => ExitCode::from(130),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Lets Ctrl-C and SIGTERM end the children first.
pub fn watch_signals() -> Result<()> {
    let flag = INTERRUPTED.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(flag)).context("signal handler")?;
    }
    Ok(())
}

fn interrupted() -> bool {
    INTERRUPTED
        .get()
        .is_some_and(|flag| flag.load(Ordering::Relaxed))
}

/// A running child with all processes that it starts.
pub struct Process {
    name: String,
    child: Child,
    started: Instant,
    ended: bool,
}

impl Process {
    /// Starts a command in a process group of its own, without standard input.
    pub fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let started = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self {
            name,
            child,
            started,
            ended: false,
        })
    }

    /// Returns the exit status if the child has ended.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let status = self.child.try_wait().with_context(|| self.name.clone())?;
        self.ended = status.is_some();
        Ok(status)
    }

    /// Waits until the child ends.
    ///
    /// # Errors
    /// Fails with [`Interrupted`] after Ctrl-C, and with a message after `limit`. The child has ended in
    /// both cases.
    pub fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        self.wait_looking_every(POLL, limit)
    }

    /// Waits until the child ends, and returns its running time, measured to the millisecond.
    ///
    /// # Errors
    /// Fails like [`wait`](Self::wait).
    pub fn time(&mut self, limit: Duration) -> Result<(ExitStatus, Duration)> {
        let status = self.wait_looking_every(Duration::from_millis(1), limit)?;
        Ok((status, self.started.elapsed()))
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Lets the child run for `time`.
    ///
    /// # Errors
    /// Fails if the child ends meanwhile, and with [`Interrupted`] after Ctrl-C.
    pub fn run_on(&mut self, time: Duration) -> Result<()> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.ended()? {
                bail!("{} ended ({status})", self.name);
            }
            if interrupted() {
                return Err(Interrupted.into());
            }
            let left = time.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(POLL.min(left));
        }
    }

    fn wait_looking_every(&mut self, poll: Duration, limit: Duration) -> Result<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            if interrupted() {
                self.end();
                return Err(Interrupted.into());
            }
            if start.elapsed() > limit {
                self.end();
                bail!("{} took more than {} s", self.name, limit.as_secs());
            }
            thread::sleep(poll);
        }
    }

    /// Asks the processes to end that the child has left running.
    pub fn end_group(&self) {
        self.signal(Signal::TERM);
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // The child may have ended just now.
            let _ = kill_process_group(pid, signal);
        }
    }

    fn end(&mut self) {
        self.signal(Signal::TERM);
        let start = Instant::now();
        while start.elapsed() < GRACE {
            if self.ended().is_ok_and(|status| status.is_some()) {
                return;
            }
            thread::sleep(POLL);
        }
        self.signal(Signal::KILL);
        let _ = self.child.wait();
        self.ended = true;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.ended {
            self.end();
        }
    }
}

/// Runs a command to its end, for at most an hour.
///
/// # Errors
/// Fails if the command cannot be started, fails, or is interrupted.
pub fn run(command: &mut Command) -> Result<()> {
    const LIMIT: Duration = Duration::from_secs(3600);
    let status = Process::start(command)?.wait(LIMIT)?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// Runs a command to its end, and returns its standard output, which is shown as well.
///
/// # Errors
/// Fails if the command cannot be started, takes longer than `limit`, or is interrupted. Its own
/// failure is in the status.
pub fn run_and_read(command: &mut Command, limit: Duration) -> Result<(ExitStatus, String)> {
    read_lines(command, limit, |line| println!("{line}"))
}

/// Runs a command to its end, and returns its standard output.
///
/// # Errors
/// Fails like [`run_and_read`].
pub fn read(command: &mut Command, limit: Duration) -> Result<(ExitStatus, String)> {
    read_lines(command, limit, |_| {})
}

fn read_lines(
    command: &mut Command,
    limit: Duration,
    on_line: impl Fn(&str) + Send + 'static,
) -> Result<(ExitStatus, String)> {
    let mut process = Process::start(command.stdout(Stdio::piped()))?;
    let output = process.child.stdout.take().context("no standard output")?;
    let reader = thread::spawn(move || {
        let mut text = String::new();
        for line in BufReader::new(output).split(b'\n') {
            let Ok(line) = line else { break };
            let line = String::from_utf8_lossy(&line);
            on_line(&line);
            text.push_str(&line);
            text.push('\n');
        }
        text
    });
    let status = process.wait(limit)?;
    // A process that the child left running would hold the pipe open.
    process.end_group();
    let text = reader.join().unwrap_or_default();
    Ok((status, text))
}

/// Waits until a signal arrives or one of the processes ends.
///
/// # Errors
/// Fails if a process ended by itself: servers run until they are stopped.
pub fn serve(processes: &mut [Process]) -> Result<()> {
    loop {
        if interrupted() {
            return Ok(());
        }
        for process in &mut *processes {
            if let Some(status) = process.ended()? {
                bail!("{} ended ({status})", process.name);
            }
        }
        thread::sleep(POLL);
    }
}

/// Formats a command as a user would type it.
pub fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = [name].into_iter().chain(command.get_args());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_that_a_child_started_end_with_it() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 600 & echo $!; wait"]);
        let mut process = Process::start(shell.stdout(Stdio::piped())).unwrap();
        let mut pid = String::new();
        BufReader::new(process.child.stdout.take().unwrap())
            .read_line(&mut pid)
            .unwrap();
        drop(process);
        // A zombie that init has not reaped yet counts as ended.
        let start = Instant::now();
        let there = || {
            let status = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
            status.is_ok_and(|stat| !stat.contains(") Z"))
        };
        while there() {
            assert!(start.elapsed() < Duration::from_secs(60), "still running");
            thread::yield_now();
        }
    }

    #[test]
    fn a_command_that_takes_too_long_is_ended() {
        let error = Process::start(Command::new("sleep").arg("600"))
            .unwrap()
            .wait(Duration::from_millis(1))
            .unwrap_err();
        assert!(error.to_string().contains("took more than"), "{error}");
    }

    #[test]
    fn output_is_read_to_its_end_and_a_failure_is_not_lost() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo one; printf two; exit 3"]);
        let (status, text) = run_and_read(&mut shell, Duration::from_secs(10)).unwrap();
        assert_eq!((status.code(), text.as_str()), (Some(3), "one\ntwo\n"));
    }
}
