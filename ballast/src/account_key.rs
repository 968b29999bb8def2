//! `ballast account-key`: the keys with which integrators sign batches for an account.
//!
//! It works on the database, also while the service runs, which believes what it has read for half a second. Each
//! answer is one line for each key: id, key, when it was registered, when it was revoked (`-` if it was not).

use crate::cli::{ConfigOptions, print};
use crate::{Failure, clock, database};
use agent_gateway::integrator_keys::{IntegratorKey, PublicKey, add_key, list_keys, revoke_key};
use api_types::UuidText;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use store::Store;
use uuid::Uuid;

/// What to do with the keys.
#[derive(Debug, Clone, Args)]
pub struct AccountKeyCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Clone, Subcommand)]
enum Action {
    /// Register a key: whoever holds it can move all money of the account.
    Add(OfKey),
    /// List every key that was ever registered for the account.
    List(OfAccount),
    /// Revoke a key for ever; in force within a second.
    Revoke(OfKey),
}

#[derive(Debug, Clone, Args)]
struct OfAccount {
    /// The account, as a UUID.
    #[arg(long, value_name = "ID")]
    account: UuidText,
    #[command(flatten)]
    options: ConfigOptions,
}

#[derive(Debug, Clone, Args)]
struct OfKey {
    /// The Ed25519 public key: 32 bytes in base64url without padding.
    #[arg(long, value_name = "BASE64URL", value_parser = parse_key, allow_hyphen_values = true)]
    key: PublicKey,
    #[command(flatten)]
    account: OfAccount,
}

fn parse_key(text: &str) -> Result<PublicKey, String> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    let bytes: [u8; 32] =
        bytes.ok_or("write 32 bytes in base64url without padding, which are 43 characters")?;
    PublicKey::from_bytes(&bytes).map_err(|error| error.to_string())
}

/// Does what was asked.
pub(crate) async fn run(command: AccountKeyCommand) -> Result<(), Failure> {
    let options = match &command.action {
        Action::Add(of) | Action::Revoke(of) => &of.account.options,
        Action::List(of) => &of.options,
    };
    let store = database::open_beside(&options.clone().load()?).await?;
    let keys = act(&store, command.action).await;
    store.close().await;
    print(&keys?.iter().map(line).collect::<String>())
}

async fn act(store: &Store, action: Action) -> Result<Vec<IntegratorKey>, Failure> {
    match action {
        Action::Add(OfKey { key, account }) => add(store, account.account.0, key).await,
        Action::List(of) => list_keys(store, of.account.0).await.map_err(Failure::run),
        Action::Revoke(OfKey { key, account }) => {
            let revoked = revoke_key(store, account.account.0, &key, clock::unix_micros()).await;
            let revoked = revoked.map_err(Failure::run)?;
            let missing =
                || Failure::run("the account has no such key; `ballast account-key list` shows its keys");
            revoked.map(|key| vec![key]).ok_or_else(missing)
        }
    }
}

async fn add(store: &Store, account: Uuid, public_key: PublicKey) -> Result<Vec<IntegratorKey>, Failure> {
    let created_at = clock::unix_micros();
    let id = Uuid::from_bytes(database::fresh_id(created_at));
    let key = IntegratorKey { id, account, public_key, created_at, revoked_at: None };
    if add_key(store, &key).await.map_err(Failure::run)? {
        return Ok(vec![key]);
    }
    Err(Failure::run(
        "the account has this key already, or had it and it was revoked; generate a new pair, or see \
         `ballast account-key list`",
    ))
}

fn line(key: &IntegratorKey) -> String {
    let text = URL_SAFE_NO_PAD.encode(key.public_key.as_bytes());
    let revoked = key.revoked_at.map_or_else(|| "-".to_owned(), time);
    format!("{} {text} {} {revoked}\n", UuidText(key.id), time(key.created_at))
}

/// RFC 3339; a time that cannot be one is shown as it is stored.
fn time(micros: i64) -> String {
    Timestamp::from_microsecond(micros).map_or_else(|_| micros.to_string(), |time| format!("{time:.3}"))
}
