//! Writes the commit into the program, so that `ballast version` says what runs.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=BALLAST_COMMIT");
    // HEAD changes with a checkout, its branch with a commit. Git says where they lie: in a second work tree
    // that is elsewhere. A path that is not there would make cargo build this crate every time.
    for name in ["HEAD", "refs/heads", "packed-refs"] {
        if let Some(path) = git(&["rev-parse", "--git-path", name]).filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let commit = std::env::var("BALLAST_COMMIT").ok().or_else(|| git(&["rev-parse", "--short=12", "HEAD"]));
    println!("cargo::rustc-env=BALLAST_COMMIT={}", commit.unwrap_or_else(|| "unknown".to_owned()));
}

/// What git answers, or nothing without git, outside a checkout and before the first commit.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}
