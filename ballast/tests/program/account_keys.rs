//! The keys of integrators as an operator manages them.

use crate::harness::{Running, configuration, folder, output, refused};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use std::process::Output;

const ACCOUNT: &str = "0190b8f5-a000-7000-8000-00000000abcd";

pub(crate) fn public_key(number: u8) -> String {
    URL_SAFE_NO_PAD.encode(SigningKey::from_bytes(&[number; 32]).verifying_key().as_bytes())
}

pub(crate) fn account_key(config: &str, arguments: &[&str]) -> Output {
    output(&[&["account-key"][..], arguments, &["--config", config]].concat())
}

/// The lines that a command printed, each in its four words.
pub(crate) fn lines(output: &Output) -> Vec<[String; 4]> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap();
    text.lines().map(words).collect()
}

#[test]
fn keys_are_added_listed_and_revoked_beside_the_service() {
    let (folder, _) = folder();
    let config = configuration(folder.path(), "");
    let _running = Running::start(&config);
    let of =
        |action: &'static str, key: &str| account_key(&config, &[action, "--account", ACCOUNT, "--key", key]);
    let list = || lines(&account_key(&config, &["list", "--account", ACCOUNT]));
    let (first, second) = (public_key(1), public_key(2));
    assert_eq!(list(), [] as [[String; 4]; 0]);
    let added = [lines(&of("add", &first)), lines(&of("add", &second))].concat();
    assert_eq!(list(), added);
    assert!(added[0][1] == first && added[0][3] == "-" && added[0][0] != added[1][0], "{added:?}");

    let again = of("add", &first);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8(again.stderr).unwrap().contains("has this key already"));
    let revoked = lines(&of("revoke", &first));
    assert_eq!(revoked[0][..3], added[0][..3]);
    assert_ne!(revoked[0][3], "-");
    assert_eq!(lines(&of("revoke", &first)), revoked, "the first time stays");
    assert_eq!(list(), [revoked[0].clone(), added[1].clone()]);
    assert_eq!(of("add", &first).status.code(), Some(1), "a revoked key does not come back");
    assert_eq!(of("revoke", &public_key(3)).status.code(), Some(1));
}

#[test]
fn what_is_no_key_and_no_account_is_refused() {
    let (folder, _) = folder();
    let config = configuration(folder.path(), "");
    assert!(output(&["migrate", "--config", &config]).status.success());
    let weak = URL_SAFE_NO_PAD.encode([0; 32]);
    for key in ["", "AAAA", &weak, &format!("{}=", public_key(1)), &"_".repeat(43)] {
        let output = account_key(&config, &["add", "--account", ACCOUNT, "--key", key]);
        assert_eq!(output.status.code(), Some(2), "{key:?}");
    }
    for account in ["", "1", &ACCOUNT.to_uppercase()] {
        assert_eq!(
            account_key(&config, &["list", "--account", account]).status.code(),
            Some(2),
            "{account:?}"
        );
    }
    assert!(lines(&account_key(&config, &["list", "--account", ACCOUNT])).is_empty());
}

#[test]
fn a_database_that_does_not_fit_is_named() {
    let (folder, _) = folder();
    let config = configuration(folder.path(), "");
    let list = |config: &str| account_key(config, &["list", "--account", ACCOUNT]);
    refused(&list(&config), &["database: "]);
    assert!(output(&["migrate", "--config", &config]).status.success());
    let elsewhere = configuration(folder.path(), "network = \"signet\"");
    refused(&list(&elsewhere), &["regtest", "signet"]);
    let of_nobody = configuration(folder.path(), "[database]\nstore = \"postgres-dev\"");
    refused(&list(&of_nobody), &["postgres-dev"]);
}
