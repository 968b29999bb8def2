//! `/openapi.json`, the page that draws it at `/docs`, and a page for every error code. Nothing is loaded from
//! anywhere else: the page's scripts are inside the program.

use super::ApiError;
use crate::limits;
use api_types::ErrorCode;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{Extensions, HeaderMap, Method, StatusCode, Version, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate, SizeAbove};
use tower_http::cors::{Any, CorsLayer};
use utoipa_swagger_ui::{Config, SwaggerUi};

pub(super) fn routes(document: String) -> Router {
    let document = Bytes::from(document);
    let json = [(header::CONTENT_TYPE, "application/json")];
    // Without a validator the page would show a badge from the internet.
    let page = SwaggerUi::new("/docs").config(Config::from("/openapi.json").validator_url("none"));
    Router::new()
        .route("/openapi.json", get(move || async move { (json, document) }))
        .route("/docs/errors/{code}", get(error_page))
        .merge(page)
}

async fn error_page(Path(word): Path<String>) -> Result<impl IntoResponse, ApiError> {
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

/// Pages of any origin may read what is public, and nothing else: no credentials, no other method.
pub(super) fn cross_origin_reads() -> CorsLayer {
    CorsLayer::new().allow_origin(Any).allow_methods([Method::GET])
}

type JsonAbove = And<SizeAbove, fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool>;

/// Compresses JSON above a kilobyte and nothing else, streams least of all.
pub(super) fn compression() -> CompressionLayer<JsonAbove> {
    let is_json: fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool = |_, _, headers, _| {
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
    };
    CompressionLayer::new().compress_when(SizeAbove::new(limits::COMPRESS_ABOVE_BYTES).and(is_json))
}
