//! A program of the reader's: with nothing to read, a deadline and a limit. With it ends whatever it started.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::{Instant, timeout, timeout_at};

/// Bytes of what is said on standard error; what is said beyond them is not kept.
const SAID: usize = 64 * 1024;
/// How long somebody whom the program left behind may hold its output open.
const LEFT_BEHIND: Duration = Duration::from_secs(1);

/// A program that ended by itself.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// Standard output, whole.
    pub(super) out: Vec<u8>,
    /// Standard error, up to a limit; empty where it was not kept.
    pub(super) said: Vec<u8>,
    /// Standard error went on beyond its limit, or somebody whom the program left behind held its output open.
    pub(super) cut: bool,
}

/// Why a program did not end by itself.
#[derive(Debug)]
pub(super) enum Stopped {
    /// It is not installed.
    Missing,
    /// It could not be started.
    Start(io::Error),
    /// It took too long.
    Deadline,
    /// It printed more than it may.
    TooLarge,
}

/// Runs a program to its end, or kills it and everything it started: many a tool is a script that starts another one.
/// Standard error is kept unless the caller has said where it goes.
pub(super) async fn run(
    mut command: Command,
    until: Instant,
    limit: usize,
) -> Result<Ended, Stopped> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Stopped::Missing,
        _ => Stopped::Start(error),
    })?;
    // Dropped before the child is: as long as that was not waited for, nobody else has its number.
    let mut group = Group(child.id());
    let (mut out, mut said, mut cut, mut left) = (Vec::new(), Vec::new(), false, false);
    let (from, errors) = (child.stdout.take(), child.stderr.take());
    let run = async {
        let reading = async {
            tokio::try_join!(whole(from, &mut out, limit), beginning(errors, &mut said, &mut cut))
                .map(|_| ())
        };
        tokio::pin!(reading);
        tokio::select! {
            read = &mut reading => {
                read?;
                child.wait().await.map_err(Stopped::Start)
            }
            status = child.wait() => {
                match timeout(LEFT_BEHIND, reading).await {
                    Ok(read) => read?,
                    Err(_) => left = true,
                }
                status.map_err(Stopped::Start)
            }
        }
    };
    let status = timeout_at(until, run).await.unwrap_or(Err(Stopped::Deadline))?;
    group.0 = None;
    Ok(Ended { status, out, said, cut: cut || left })
}

/// The program and whatever it started.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(leader) =
            self.0.and_then(|it| i32::try_from(it).ok()).and_then(rustix::process::Pid::from_raw)
        {
            let _gone = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}

async fn whole(
    from: Option<impl AsyncRead + Unpin>,
    into: &mut Vec<u8>,
    limit: usize,
) -> Result<(), Stopped> {
    let Some(mut from) = from else { return Ok(()) };
    // What could not be read is missing at the end, and the answer then is none.
    while from.read_buf(into).await.unwrap_or(0) > 0 {
        if into.len() > limit {
            return Err(Stopped::TooLarge);
        }
    }
    Ok(())
}

async fn beginning(
    from: Option<impl AsyncRead + Unpin>,
    into: &mut Vec<u8>,
    cut: &mut bool,
) -> Result<(), Stopped> {
    let Some(from) = from else { return Ok(()) };
    let mut from = from.take(SAID as u64);
    let _read = from.read_to_end(into).await;
    let rest = tokio::io::copy(&mut from.into_inner(), &mut tokio::io::sink()).await;
    *cut = !rest.is_ok_and(|it| it == 0);
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stderr(Stdio::piped());
        command
    }

    fn within(milliseconds: u64) -> Instant {
        Instant::now() + Duration::from_millis(milliseconds)
    }

    #[tokio::test]
    async fn what_a_program_said_is_kept_apart() {
        let ended = run(shell("cat; echo out; echo said >&2; exit 3"), within(5000), 100).await;
        let ended = ended.unwrap();
        assert_eq!(
            (ended.status.code(), &*ended.out, &*ended.said),
            (Some(3), &b"out\n"[..], &b"said\n"[..])
        );
    }

    #[tokio::test]
    async fn whatever_it_started_ends_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("alive");
        let script = format!("(sleep 1; touch {}) & sleep 60", mark.display());
        let stopped = run(shell(&script), within(300), 100).await;
        assert!(matches!(stopped, Err(Stopped::Deadline)), "{stopped:?}");
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert!(!mark.exists(), "what it had started went on");
    }

    #[tokio::test]
    async fn too_much_is_not_read_to_its_end() {
        let begun = Instant::now();
        let stopped = run(shell("yes"), within(60_000), 100_000).await;
        assert!(matches!(stopped, Err(Stopped::TooLarge)), "{stopped:?}");
        assert!(begun.elapsed() < Duration::from_secs(20));
    }

    #[tokio::test]
    async fn nobody_waits_for_what_is_left_behind() {
        let begun = Instant::now();
        let ended = run(shell("sleep 30 & echo out"), within(60_000), 100).await.unwrap();
        assert_eq!(ended.out, b"out\n");
        assert!(begun.elapsed() < Duration::from_secs(10));
    }

    #[tokio::test]
    async fn what_is_not_there_is_said() {
        let stopped = run(Command::new("/nowhere/az"), within(1000), 100).await;
        assert!(matches!(stopped, Err(Stopped::Missing)), "{stopped:?}");
    }
}
