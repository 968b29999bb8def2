//! Commands that need nothing.

use crate::harness::{output, refused};

#[test]
fn version_says_which_program_it_is() {
    let output = output(&["version"]);
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().starts_with(concat!(
        "ballast ",
        env!("CARGO_PKG_VERSION"),
        " ("
    )));
}

#[test]
fn commands_without_content_say_so() {
    refused(&output(&["signer", "--role", "protocol"]), &["is not available in this version"]);
}

#[test]
fn completions_are_written_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = output(&["completions", shell]);
        assert!(
            output.status.success() && String::from_utf8(output.stdout).unwrap().contains("serve"),
            "{shell}"
        );
    }
}
