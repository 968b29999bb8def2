//! `/openapi.json`, the page that draws it at `/docs`, and a page for every error code. Nothing is loaded from
//! anywhere else: the page's scripts are inside the program.

use super::{ApiError, NoQuery};
use crate::limits;
use api_types::ErrorCode;
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate, SizeAbove};
use utoipa_swagger_ui::{Config, SwaggerUi};

pub(super) fn routes(document: String) -> Router {
    let document = Bytes::from(document);
    let json = [(header::CONTENT_TYPE, "application/json")];
    // Without a validator the page would show a badge from the internet.
    let page = SwaggerUi::new("/docs").config(Config::from("/openapi.json").validator_url("none"));
    Router::new()
        .route("/openapi.json", get(move |_: NoQuery| async move { (json, document) }))
        .route("/docs/errors/{code}", get(error_page))
        .merge(page)
}

async fn error_page(word: Result<Path<String>, PathRejection>) -> Result<impl IntoResponse, ApiError> {
    let word = word.map_or_else(|_| String::new(), |Path(word)| word);
    let code = ErrorCode::ALL.iter().find(|code| code.as_str() == word);
    let code = code.ok_or_else(|| ApiError::new(ErrorCode::NotFound, "No error has this code."))?;
    let retry = if code.retry().is_some() { "may succeed later" } else { "will fail again" };
    let (word, title, status, advice) = (code.as_str(), code.title(), code.status(), code.advice());
    Ok(Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{word} - Ballast</title>\
         <h1><code>{word}</code></h1><p>{title} (HTTP {status}).</p><p>{advice}</p>\
         <p>The same request, unchanged, {retry}.</p><p><a href=\"/docs\">All operations</a></p></html>\n"
    )))
}

type JsonAbove = And<SizeAbove, fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool>;

/// Compresses JSON above a kilobyte and nothing else, streams least of all.
pub(super) fn compression() -> CompressionLayer<JsonAbove> {
    let is_json: fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool = |_, _, headers, _| {
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
    };
    CompressionLayer::new().compress_when(SizeAbove::new(limits::COMPRESS_ABOVE_BYTES).and(is_json))
}

/// Tells the compression whether gzip will do, and nothing else. It answers 406 to what it cannot serve, after
/// the operation has run; an answer in plain form is what such a caller wants.
pub(super) async fn offer_gzip(mut request: Request, next: Next) -> Response {
    let takes_gzip = request
        .headers()
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .any(|value| value.to_str().is_ok_and(|codings| codings.split(',').any(is_gzip)));
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    if takes_gzip {
        request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
    next.run(request).await
}

/// `gzip`, perhaps with a weight that is not zero.
fn is_gzip(coding: &str) -> bool {
    let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
    let zero = weight.trim().trim_start_matches("q=").trim_matches(['0', '.']).is_empty();
    name.trim().eq_ignore_ascii_case("gzip") && !zero
}
