#![doc = include_str!("../README.md")]

use api_types::{Health, NotReady, Problem, Readiness, VersionInfo};
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;
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
    #[error("{}: {} {}", .0.code.as_str(), .0.detail, .0.hint)]
    Refused(Box<Problem>),
    /// The service is not ready, and said which checks fail.
    #[error("{}", .0.problem.detail)]
    NotReady(Box<NotReady>),
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
        // No proxy from the environment: a client of a loopback service must not leave the machine.
        let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build()?;
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
    /// [`Error::NotReady`] with all checks when one fails, otherwise see [`Error`].
    pub async fn readiness(&self) -> Result<Readiness, Error> {
        let (url, response) = self.get("/readyz").await?;
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            let status = response.status();
            let body =
                response.bytes().await.map_err(|source| Error::Unreachable { url: url.clone(), source })?;
            if let Ok(not_ready) = serde_json::from_slice(&body) {
                return Err(Error::NotReady(Box::new(not_ready)));
            }
            return Err(refusal(url, status, &body));
        }
        read(url, response).await
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

    /// The problem with which the service refuses a GET of `path`, or `None` when it does not refuse.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn refusal(&self, path: &str) -> Result<Option<Problem>, Error> {
        match self.get_json::<serde::de::IgnoredAny>(path).await {
            Ok(_) => Ok(None),
            Err(Error::Refused(problem)) => Ok(Some(*problem)),
            Err(error) => Err(error),
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

async fn read<T: DeserializeOwned>(url: String, response: Response) -> Result<T, Error> {
    let status = response.status();
    let body = response.bytes().await.map_err(|source| Error::Unreachable { url: url.clone(), source })?;
    if !status.is_success() {
        return Err(refusal(url, status, &body));
    }
    serde_json::from_slice(&body).map_err(|error| Error::Unexpected { url, status, cause: error.to_string() })
}

fn refusal(url: String, status: StatusCode, body: &[u8]) -> Error {
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => Error::Refused(Box::new(problem)),
        Err(error) => Error::Unexpected { url, status, cause: error.to_string() },
    }
}
