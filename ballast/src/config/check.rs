//! What no single key's type can say: bounds, and which values go together. Touches neither disk nor network,
//! and every command runs it, so that what `config check` accepts is what `serve` accepts.

use super::{Config, Database, Http, Ledger, LedgerAddress, Network, StoreKind};
use crate::{Failure, observe};
use axum::http::Uri;
use std::ops::RangeInclusive;
use store::{Location, OpenError};

/// Requests in flight. The upper bound is far above what one process can serve.
const CONCURRENCY: RangeInclusive<usize> = 1..=100_000;
/// No stop is worth more than an hour's wait.
const STOP_SECONDS_MAX: u64 = 3600;

/// Threads of the ledger; 0 counts the cores. The upper bound is above every machine that it gains from.
const LEDGER_THREADS: RangeInclusive<usize> = 0..=64;

/// Refuses a configuration that cannot be used.
pub(crate) fn check(config: &Config) -> Result<(), Failure> {
    if config.network == Network::Mainnet && !config.mainnet_confirmed {
        return refuse("network = \"mainnet\" moves real money: also set mainnet_confirmed = true");
    }
    listeners(config)?;
    bounds(&config.http)?;
    if let Some(url) = &config.http.public_url {
        public_url(url)?;
    }
    database(&config.database)?;
    ledger(&config.ledger)?;
    observe::filter(&config.log).map(drop)
}

fn ledger(ledger: &Ledger) -> Result<(), Failure> {
    if !LEDGER_THREADS.contains(&ledger.threads) {
        return refuse("ledger.threads: set it to a number from 1 to 64, or to 0 for the number of cores");
    }
    if ledger.remote.is_some() && ledger.listen.is_some() {
        return refuse(
            "ledger.remote names the ledger of another process and ledger.listen offers that of this one: set one",
        );
    }
    let over_tcp = [&ledger.listen, &ledger.remote].into_iter().flatten();
    let mut over_tcp = over_tcp.filter(|address| matches!(address, LedgerAddress::Tcp(_)));
    if over_tcp.next().is_some() && ledger.tls.is_none() {
        return refuse("a ledger over tcp: needs [ledger.tls] with authority, certificates and key");
    }
    Ok(())
}

fn refuse<T>(message: &str) -> Result<T, Failure> {
    Err(Failure::setup(format!("configuration: {message}")))
}

fn listeners(config: &Config) -> Result<(), Failure> {
    let http = &config.http;
    if !http.listen.ip().is_loopback() && !http.tls_terminated_by_proxy {
        return refuse(
            "http.listen is not a loopback address and this process speaks plain HTTP: \
             put a proxy with TLS in front and set http.tls_terminated_by_proxy = true",
        );
    }
    if !http.listen.ip().is_loopback() && http.public_url.is_none() {
        return refuse(
            "http.listen is not a loopback address: set http.public_url to the URL that callers use, \
             for instance https://api.example",
        );
    }
    if !http.trusted_proxies.is_empty() && !http.tls_terminated_by_proxy {
        return refuse(
            "http.trusted_proxies names proxies: also set http.tls_terminated_by_proxy = true, or remove them",
        );
    }
    if !config.metrics.listen.ip().is_loopback() && !config.metrics.beyond_loopback {
        return refuse(
            "metrics.listen is not a loopback address, and anybody who reaches it reads the metrics: \
             also set metrics.beyond_loopback = true",
        );
    }
    Ok(())
}

fn bounds(http: &Http) -> Result<(), Failure> {
    if !CONCURRENCY.contains(&http.concurrency) {
        let (least, most) = (CONCURRENCY.start(), CONCURRENCY.end());
        return refuse(&format!("http.concurrency: set it to a number from {least} to {most}"));
    }
    for (key, seconds) in [
        ("http.drain_seconds", http.drain_seconds),
        ("http.shutdown_grace_seconds", http.shutdown_grace_seconds),
    ] {
        if seconds > STOP_SECONDS_MAX {
            return refuse(&format!("{key}: set it to at most {STOP_SECONDS_MAX}"));
        }
    }
    Ok(())
}

/// It stands in links and pages, so nothing may be in it that ends a quoted text.
fn public_url(url: &str) -> Result<(), Failure> {
    let plain = url.chars().all(|c| c.is_ascii_graphic() && !"\"'<>\\^`{|}?#@".contains(c));
    let parsed = url.parse::<Uri>().ok().filter(|_| plain);
    let is_web = |uri: &Uri| {
        matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some_and(|host| !host.is_empty())
    };
    if parsed.as_ref().is_some_and(is_web) {
        return Ok(());
    }
    refuse(
        "http.public_url is not an http or https URL of a host, without user and query: write https://api.example",
    )
}

fn database(database: &Database) -> Result<(), Failure> {
    match (database.store, &database.url, &database.password) {
        (StoreKind::Postgres, None, _) => refuse(
            "database.store = \"postgres\" needs database.url, for instance postgres://ballast@127.0.0.1/ballast",
        ),
        (StoreKind::Postgres, Some(url), _) => database_url(url, None).map(drop),
        (StoreKind::Embedded | StoreKind::PostgresDev, Some(_), _) => refuse(
            "database.url is only used with database.store = \"postgres\": set that, or remove the URL",
        ),
        (StoreKind::Embedded | StoreKind::PostgresDev, None, Some(_)) => refuse(
            "database.password is only used with database.store = \"postgres\": set that, or remove the password",
        ),
        (StoreKind::Embedded | StoreKind::PostgresDev, None, None) => Ok(()),
    }
}

/// What `database.url` names, with refusals worded for that key. The URL is not repeated.
pub(crate) fn database_url(url: &str, password: Option<&str>) -> Result<Location, Failure> {
    Location::postgres(url, password).map_err(|error| {
        let why = match error {
            OpenError::UnknownScheme { .. } => {
                "it is no URL of PostgreSQL; write postgres://user@host:5432/database".to_owned()
            }
            OpenError::PasswordInUrl => {
                "it carries a password; remove it and set database.password".to_owned()
            }
            other => other.to_string(),
        };
        Failure::setup(format!("database.url: {why}"))
    })
}

#[cfg(test)]
mod tests {
    use super::public_url;

    #[test]
    fn only_urls_that_can_stand_in_a_page_are_public() {
        for url in
            ["https://api.example", "http://127.0.0.1:8080", "https://api.example/ballast/", "http://[::1]:1"]
        {
            assert!(public_url(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "api.example",
            "https://",
            "https:///path",
            "https://:443",
            "ftp://api.example",
            "https://user@api.example",
            "https://api.example/?a=b",
            "https://api.example/#a",
            "https://api.example/\"onload=",
            "https://api.example/'",
            "https://api.example/ a",
            "https://api.example/\n",
            "https://api.example\u{7f}",
            "https://ä.example",
        ] {
            assert!(public_url(url).is_err(), "{url:?}");
        }
    }
}
