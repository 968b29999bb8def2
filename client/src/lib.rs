#![doc = include_str!("../README.md")]

mod batch;

pub use batch::{BatchKey, SignedPayments, SignedTransfers, SigningError, TransferBatchResult};

use api_types::{ErrorCode, Health, Readiness, VersionInfo};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::time::Duration;

/// Longest wait for an answer: a little more than the service itself allows.
const TIMEOUT: Duration = Duration::from_secs(35);

/// A client of one service.
#[derive(Debug, Clone)]
pub struct Client {
    base_url: String,
    http: reqwest::Client,
}

/// Why a call did not bring its object.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No answer: the service is not reachable, or the connection broke.
    #[error("no answer from {url}: {source}; check that the service runs and the address is right")]
    Unreachable {
        /// What was called.
        url: String,
        /// The cause.
        source: reqwest::Error,
    },
    /// The service refused, and said why.
    #[error("{}: {} {}", .0.code, .0.detail, .0.hint)]
    Refused(Box<Refusal>),
    /// The answer has another form than the API promises.
    #[error("{url} answered {status} in a form this client does not know: {cause}")]
    Unexpected {
        /// What was called.
        url: String,
        /// The HTTP status.
        status: StatusCode,
        /// What did not fit.
        cause: String,
    },
}

/// Why the service refused. Codes and members may be newer than this client: nothing of the document is lost.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Refusal {
    /// The word of the code. [`Refusal::known_code`] reads it.
    pub code: String,
    /// What went wrong this time.
    pub detail: String,
    /// What to do about it.
    pub hint: String,
    /// Whether the same request may succeed later without anyone changing it.
    pub retryable: bool,
    /// The id of the request, for reporting it.
    pub request_id: String,
    /// Every other member of the document, those that only this kind of problem has included.
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

impl Refusal {
    /// The code, or `None` when it is newer than this client.
    #[must_use]
    pub fn known_code(&self) -> Option<ErrorCode> {
        ErrorCode::ALL.iter().copied().find(|code| code.as_str() == self.code)
    }
}

/// A page or document as it came.
#[derive(Debug, Clone)]
pub struct Page {
    /// The HTTP status.
    pub status: StatusCode,
    /// The media type, empty when there was none.
    pub content_type: String,
    /// The body.
    pub body: String,
}

impl Client {
    /// A client of the service at `base_url`, for instance `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// When the HTTP library cannot be set up.
    pub fn new(base_url: impl Into<String>) -> Result<Self, reqwest::Error> {
        // Neither a proxy from the environment nor a redirect takes a request to another host than was asked.
        let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(TIMEOUT).build()?;
        Ok(Self { base_url: base_url.into().trim_end_matches('/').to_owned(), http })
    }

    /// `GET /healthz`
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn health(&self) -> Result<Health, Error> {
        self.get_json("/healthz").await
    }

    /// `GET /readyz`
    ///
    /// # Errors
    /// [`Error::Refused`] with the failed checks in its member `checks`; otherwise see [`Error`].
    pub async fn readiness(&self) -> Result<Readiness, Error> {
        self.get_json("/readyz").await
    }

    /// `GET /version`
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn version(&self) -> Result<VersionInfo, Error> {
        self.get_json("/version").await
    }

    /// Any page or document of the service, whatever its status.
    ///
    /// # Errors
    /// [`Error::Unreachable`] only.
    pub async fn page(&self, path: &str) -> Result<Page, Error> {
        let (url, response) = self.get(path).await?;
        let status = response.status();
        let content_type = response.headers().get("content-type").and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let body = response.text().await.map_err(|source| Error::Unreachable { url, source })?;
        Ok(Page { status, content_type, body })
    }

    /// Why the service refuses a GET of `path`, or `None` when it does not refuse.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn refusal(&self, path: &str) -> Result<Option<Refusal>, Error> {
        match self.get_json::<serde::de::IgnoredAny>(path).await {
            Ok(_) => Ok(None),
            Err(Error::Refused(refusal)) => Ok(Some(*refusal)),
            Err(error) => Err(error),
        }
    }

    async fn post(&self, path: &str, headers: HeaderMap, body: Vec<u8>) -> Result<(String, Response), Error> {
        let url = format!("{}{path}", self.base_url);
        match self.http.post(&url).headers(headers).body(body).send().await {
            Ok(response) => Ok((url, response)),
            Err(source) => Err(Error::Unreachable { url, source }),
        }
    }

    async fn get(&self, path: &str) -> Result<(String, Response), Error> {
        let url = format!("{}{path}", self.base_url);
        match self.http.get(&url).send().await {
            Ok(response) => Ok((url, response)),
            Err(source) => Err(Error::Unreachable { url, source }),
        }
    }

    async fn get_json<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let (url, response) = self.get(path).await?;
        read(url, response).await
    }
}

/// The status and the body of a success.
async fn success(url: &str, response: Response) -> Result<(StatusCode, Vec<u8>), Error> {
    let status = response.status();
    let unreachable = |source| Error::Unreachable { url: url.to_owned(), source };
    let body = response.bytes().await.map_err(unreachable)?.to_vec();
    if status.is_success() { Ok((status, body)) } else { Err(refusal(url.to_owned(), status, &body)) }
}

async fn read<T: DeserializeOwned>(url: String, response: Response) -> Result<T, Error> {
    let (status, body) = success(&url, response).await?;
    serde_json::from_slice(&body).map_err(|error| Error::Unexpected { url, status, cause: error.to_string() })
}

fn refusal(url: String, status: StatusCode, body: &[u8]) -> Error {
    match serde_json::from_slice(body) {
        Ok(refusal) => Error::Refused(Box::new(refusal)),
        Err(error) => Error::Unexpected { url, status, cause: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str) -> Error {
        refusal("http://x/y".to_owned(), StatusCode::CONFLICT, body.as_bytes())
    }

    #[test]
    fn refusals_newer_than_the_client_keep_everything() {
        let body = r#"{"code":"made_tomorrow","detail":"d","hint":"h","retryable":false,"request_id":"r","decision":{"x":1}}"#;
        let Error::Refused(refusal) = refused(body) else { panic!("not read as a refusal") };
        assert_eq!((refusal.known_code(), refusal.code.as_str()), (None, "made_tomorrow"));
        assert_eq!(refusal.members["decision"]["x"], 1);
        assert_eq!(Error::Refused(refusal).to_string(), "made_tomorrow: d h");
    }

    #[test]
    fn known_codes_are_known() {
        let body = r#"{"code":"not_found","detail":"d","hint":"h","retryable":false,"request_id":"r"}"#;
        let Error::Refused(refusal) = refused(body) else { panic!("not read as a refusal") };
        assert_eq!(refusal.known_code(), Some(ErrorCode::NotFound));
    }

    #[test]
    fn other_bodies_are_unexpected() {
        for body in ["", "<html>", "{}", "[]"] {
            assert!(matches!(refused(body), Error::Unexpected { .. }), "{body}");
        }
    }
}
