//! A ledger process is killed again and again under load. Whatever it acknowledged must be there afterwards, once and
//! with the outcome that was told; what it did not acknowledge is there whole or not at all.
//!
//! `BALLAST_KILL_ROUNDS` says how often (0: for ever), `BALLAST_KILL_SEED` with which seed; both are printed.
#![cfg(test)]

mod auditor;
mod load;

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use auditor::Auditor;

const CHILD: &str = "BALLAST_KILL_CHILD";
const ROUNDS: &str = "BALLAST_KILL_ROUNDS";
const SEED: &str = "BALLAST_KILL_SEED";

fn main() -> ExitCode {
    if let Ok(folder) = std::env::var(CHILD) {
        load::run(&folder, number(SEED, 1));
        return ExitCode::SUCCESS;
    }
    // Test runners ask every program for its tests.
    if std::env::args().any(|argument| argument == "--list") {
        println!("nothing_acknowledged_is_lost_by_a_kill: test");
        return ExitCode::SUCCESS;
    }
    let (rounds, seed) = (number(ROUNDS, 12), number(SEED, 1));
    println!("killing a ledger {rounds} times, {SEED}={seed}");
    let folder = tempfile::tempdir().unwrap();
    let mut auditor = Auditor::new(folder.path());
    let mut round = 0;
    while rounds == 0 || round < rounds {
        let lines = killed_run(folder.path().to_str().unwrap(), seed + round);
        let told = auditor.hear(&lines);
        auditor.check(seed + round);
        println!("round {round}: {told} acknowledged, {} in all", auditor.acknowledged());
        round += 1;
    }
    auditor.finish(seed + round);
    println!("test nothing_acknowledged_is_lost_by_a_kill ... ok");
    ExitCode::SUCCESS
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Starts a ledger under load, kills it some time after its first acknowledgement, and returns what it said.
fn killed_run(folder: &str, seed: u64) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(CHILD, folder)
        .env(SEED, seed.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    output.read_line(&mut first).unwrap();
    assert!(!first.is_empty(), "the ledger ended before it acknowledged anything: {:?}", child.wait());
    // Between nothing and a fifth of a second: most kills fall into a flush, some into a snapshot or a seal. The
    // pipe is read meanwhile, so that the load is not held up by it.
    let life = Duration::from_millis(load::scatter(seed) % 200);
    let reader = std::thread::spawn(move || {
        let mut rest = Vec::new();
        output.read_to_end(&mut rest).unwrap();
        rest
    });
    let (_keep, nothing) = mpsc::channel::<()>();
    assert_eq!(nothing.recv_timeout(life), Err(RecvTimeoutError::Timeout));
    child.kill().unwrap();
    child.wait().unwrap();
    let rest = String::from_utf8(reader.join().unwrap()).unwrap();
    // The last line may be cut by the kill.
    let whole = rest.rsplit_once('\n').map_or("", |(whole, _)| whole);
    std::iter::once(first.trim_end().to_owned()).chain(whole.lines().map(str::to_owned)).collect()
}
