//! Where a database lies: a data directory (SQLite) or a URL (PostgreSQL).
//!
//! Invariant: a `Location` is well formed, and its password, if any, is neither printed nor part of any
//! text. Making one touches neither disk nor network.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::open_error::OpenError;

/// Where a database lies.
#[derive(Clone)]
pub struct Location(pub(crate) Place);

#[derive(Clone)]
pub(crate) enum Place {
    /// The data directory that holds `ballast.db`.
    Directory(PathBuf),
    /// A PostgreSQL server, and how to reach it.
    Server(Box<Server>),
}

/// A PostgreSQL server. Not `Debug`: sqlx prints the password of its options.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) options: PgConnectOptions,
    /// Host and port or the socket's directory, for messages.
    pub(crate) name: String,
}

impl Location {
    /// Understands what an operator wrote: a PostgreSQL URL or the path of a data directory.
    ///
    /// Anything else that begins like a URL is refused, so that a misspelt one never becomes a directory.
    pub fn parse(text: &str, password: Option<&str>) -> Result<Self, OpenError> {
        let scheme = text.split('/').next().and_then(|first| first.split_once(':')).map(|(scheme, _)| scheme);
        match scheme {
            Some("postgres" | "postgresql") => Self::postgres(text, password),
            Some(scheme) => Err(OpenError::UnknownScheme { scheme: scheme.to_owned() }),
            None if text.is_empty() => Err(OpenError::NoLocation),
            None if password.is_some() => Err(OpenError::PasswordForSqlite),
            None => Ok(Self::directory(text)),
        }
    }

    /// An SQLite database in this data directory.
    pub fn directory(path: impl AsRef<Path>) -> Self {
        Location(Place::Directory(path.as_ref().to_path_buf()))
    }

    /// A PostgreSQL database: `postgres://user@host:5432/database`, or with a Unix socket
    /// `postgres://user@/database?host=/var/run/postgresql`.
    ///
    /// The server's certificate is verified unless the URL says `sslmode=…` or the server is on this
    /// machine. Passwords in the environment or in `~/.pgpass` are not used.
    pub fn postgres(url: &str, password: Option<&str>) -> Result<Self, OpenError> {
        let parts = UrlParts::split(url)?;
        // What sqlx says about it may quote the URL, so it is not repeated.
        let malformed = |_| invalid("its user, host, port or database is malformed");
        let options: PgConnectOptions = parts.to_url().parse().map_err(malformed)?;
        // An empty password keeps sqlx from looking for one elsewhere; it is sent only when asked for.
        let mut options = options.password(password.unwrap_or_default());
        if !parts.names("sslmode") {
            let local = options.get_socket().is_some() || is_loopback(options.get_host());
            options = options.ssl_mode(if local { PgSslMode::Prefer } else { PgSslMode::VerifyFull });
        }
        let name = match options.get_socket() {
            Some(directory) => directory.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        Ok(Location(Place::Server(Box::new(Server { options, name }))))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Directory(path) => write!(formatter, "SQLite in {}", path.display()),
            Place::Server(server) => {
                let database = server.options.get_database().unwrap_or_default();
                write!(formatter, "PostgreSQL database {database} at {}", server.name)
            }
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Location({self})")
    }
}

/// Parameters that may follow the `?` of a URL. All others are refused: sqlx would log and ignore them, or
/// take a password from them.
const PARAMETERS: [&str; 6] = ["application_name", "host", "sslcert", "sslkey", "sslmode", "sslrootcert"];

/// The pieces of a PostgreSQL URL that sqlx would fill from the environment or accept with a secret.
struct UrlParts<'a> {
    user: &'a str,
    host: &'a str,
    database: &'a str,
    query: &'a str,
}

impl<'a> UrlParts<'a> {
    fn split(url: &'a str) -> Result<Self, OpenError> {
        if url.contains(|c: char| c.is_whitespace() || c.is_control() || c == '#') {
            return Err(invalid("it has a space, a control character or `#`, which must be percent-encoded"));
        }
        let (scheme, rest) = url.split_once("://").ok_or_else(|| invalid("`://` is missing"))?;
        if !matches!(scheme, "postgres" | "postgresql") {
            return Err(OpenError::UnknownScheme { scheme: scheme.to_owned() });
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        if user.contains(':') {
            return Err(OpenError::PasswordInUrl);
        }
        let parts = UrlParts { user, host, database, query };
        parts.check_parameters()?;
        if user.is_empty() {
            return Err(invalid("it names no user"));
        }
        if host.is_empty() && !parts.names("host") {
            return Err(invalid("it names no host"));
        }
        if database.is_empty() || database.contains('/') {
            return Err(invalid("it names no database"));
        }
        Ok(parts)
    }

    /// The URL for sqlx, which wants a host even where a socket makes it meaningless.
    fn to_url(&self) -> String {
        let host = if self.host.is_empty() { "localhost" } else { self.host };
        format!("postgres://{}@{host}/{}?{}", self.user, self.database, self.query)
    }

    fn parameters(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }

    fn names(&self, parameter: &str) -> bool {
        self.parameters().any(|(name, _)| name == parameter)
    }

    fn check_parameters(&self) -> Result<(), OpenError> {
        for (name, value) in self.parameters() {
            if name == "password" {
                return Err(OpenError::PasswordInUrl);
            }
            if !PARAMETERS.contains(&name) {
                return Err(invalid(&format!(
                    "it has an unknown parameter; known are {}",
                    PARAMETERS.join(", ")
                )));
            }
            if name == "host" && !value.starts_with('/') && !value.starts_with("%2F") {
                return Err(invalid("its parameter `host` is no directory of a Unix socket"));
            }
            if name == "sslmode" && value.parse::<PgSslMode>().is_err() {
                return Err(invalid(
                    "its sslmode is not disable, allow, prefer, require, verify-ca or verify-full",
                ));
            }
        }
        Ok(())
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn invalid(reason: &str) -> OpenError {
    OpenError::InvalidUrl { reason: reason.to_owned() }
}
