//! What a measurement was made on: the machine, the program, and how busy the machine was before.
//!
//! All of it as Linux tells in `/proc`; what it does not tell is `unknown`.

use std::fs;
use std::path::Path;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::Serialize;

/// File systems in memory: nothing on them survives, so nothing on them is durable.
const IN_MEMORY: [&str; 3] = ["tmpfs", "ramfs", "devtmpfs"];

/// The machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) model: String,
    pub(crate) kernel: String,
    pub(crate) memory_bytes: u64,
    /// That of the data directory.
    pub(crate) file_system: String,
    /// Whether what is flushed there survives the loss of power, as far as the file system's name tells.
    pub(crate) durable: bool,
}

/// The program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Build {
    pub(crate) version: &'static str,
    pub(crate) commit: &'static str,
    pub(crate) profile: &'static str,
}

impl Machine {
    /// This machine, with the file system of a folder.
    pub(crate) fn of(folder: &Path) -> Self {
        let unknown = || "unknown".to_owned();
        let file_system = file_system(folder).unwrap_or_else(unknown);
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            model: field("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")
                .map_or_else(|_| unknown(), |text| text.trim().to_owned()),
            memory_bytes: field("/proc/meminfo", "MemTotal").and_then(|text| kibibytes(&text)).unwrap_or(0),
            durable: !IN_MEMORY.contains(&file_system.as_str()),
            file_system,
        }
    }
}

impl Build {
    pub(crate) const fn this() -> Self {
        let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
        Self { version: env!("CARGO_PKG_VERSION"), commit: env!("BALLAST_COMMIT"), profile }
    }
}

/// The load of the last one, five and fifteen minutes.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// Microseconds that this process, all of its threads, has been on a processor.
pub(crate) fn process_cpu_micros() -> u64 {
    cpu_micros(UsageWho::RUSAGE_SELF)
}

/// The same of the calling thread alone.
pub(crate) fn thread_cpu_micros() -> u64 {
    cpu_micros(UsageWho::RUSAGE_THREAD)
}

fn cpu_micros(who: UsageWho) -> u64 {
    let Ok(usage) = getrusage(who) else { return 0 };
    let micros = usage.user_time().num_microseconds().saturating_add(usage.system_time().num_microseconds());
    u64::try_from(micros).unwrap_or(0)
}

/// Bytes of this process in memory.
pub(crate) fn resident_bytes() -> u64 {
    field("/proc/self/status", "VmRSS").and_then(|text| kibibytes(&text)).unwrap_or(0)
}

/// What stands behind a name and a colon.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}

fn kibibytes(text: &str) -> Option<u64> {
    text.strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1_024)
}

/// The file system that a folder lies in: that of the longest mount point above it.
fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    longest_mount(&fs::read_to_string("/proc/self/mounts").ok()?, &folder)
}

fn longest_mount(mounts: &str, folder: &Path) -> Option<String> {
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (point, kind) = (words.next()?, words.next()?);
        folder.starts_with(point).then(|| (point.len(), kind.to_owned()))
    });
    // Of two at one point the later one is seen.
    mounts.max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_mount_point_counts_and_of_two_the_later_one() {
        let mounts =
            "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/b /tmp xfs rw 0 0\ntmpfs /t tmpfs rw 0 0\n";
        for (folder, kind) in
            [("/", "ext4"), ("/tmpx", "ext4"), ("/tmp", "xfs"), ("/tmp/a", "xfs"), ("/t", "tmpfs")]
        {
            assert_eq!(longest_mount(mounts, Path::new(folder)).as_deref(), Some(kind), "{folder}");
        }
        assert_eq!(longest_mount("", Path::new("/")), None);
    }

    #[test]
    fn this_machine_has_a_processor_and_memory() {
        let machine = Machine::of(&std::env::temp_dir());
        assert!(machine.cores > 0);
        assert!(machine.memory_bytes > resident_bytes() && resident_bytes() > 0);
        assert!(process_cpu_micros() >= thread_cpu_micros());
    }
}
