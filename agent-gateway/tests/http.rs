//! The layers, seen from outside: whatever goes wrong, the caller reads one form.

#![cfg(test)]

use agent_gateway::http::{ApiError, Json, Settings, layered, router};
use agent_gateway::{Clock, limits};
use api_types::{Check, ErrorCode, VersionInfo};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tower::ServiceExt;

const CLOCK: Clock = Clock { now: || Timestamp::UNIX_EPOCH, uptime: || Duration::ZERO };

fn settings(checks: Vec<Check>) -> Settings {
    Settings {
        clock: CLOCK,
        public_url: "https://api.example".to_owned(),
        version: VersionInfo {
            version: "0.0.0".to_owned(),
            commit: "test".to_owned(),
            api_version: agent_gateway::API_VERSION.to_owned(),
            network: "regtest".to_owned(),
            livemode: false,
        },
        readiness: watch::channel(checks).1,
        concurrency: 8,
        public_requests_per_minute: NonZeroU32::new(1000).unwrap(),
    }
}

fn check(ok: bool) -> Check {
    Check {
        name: "database".to_owned(),
        ok,
        detail: "seen".to_owned(),
        since: "1970-01-01T00:00:00.000Z".to_owned(),
    }
}

fn product() -> Router {
    router(settings(vec![check(true)])).unwrap()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Echo {
    text: String,
}

/// Routes no product has, behind the product's own layers.
fn misbehaving(settings: Settings) -> Router {
    async fn panics() -> &'static str {
        panic!("canary-secret in a panic")
    }
    let routes = Router::new()
        .route("/echo", post(|Json(body): Json<Echo>| async move { body.text }))
        .route("/panic", get(panics))
        .route("/hang", get(std::future::pending::<String>))
        .route("/fault", get(|| async { ApiError::internal("canary-secret in a cause") }))
        .route("/foreign", get(|| async { (StatusCode::IM_A_TEAPOT, "a library's own text") }))
        .route("/json", get(|| async { axum::Json("x".repeat(5000)) }))
        .route("/text", get(|| async { "x".repeat(5000) }));
    layered(&Arc::new(settings), routes)
}

fn request(method: &str, target: &str) -> http::request::Builder {
    Request::builder().method(method).uri(target)
}

fn empty(method: &str, target: &str) -> Request<Body> {
    request(method, target).body(Body::empty()).unwrap()
}

async fn send(router: &Router, request: Request<Body>) -> Response {
    router.clone().oneshot(request).await.unwrap()
}

async fn json(response: Response) -> Value {
    serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
}

/// The answer is a problem document with this code, whole and consistent.
async fn problem(response: Response, code: ErrorCode) -> Value {
    assert_eq!(response.status().as_u16(), code.status());
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let request_id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let body = json(response).await;
    assert_eq!(body["code"], code.as_str());
    assert_eq!(body["title"], code.title());
    assert_eq!(body["status"], code.status());
    assert_eq!(body["type"], format!("https://api.example/docs/errors/{}", code.as_str()));
    assert_eq!(body["request_id"], request_id);
    assert_eq!(body["retryable"], code.retry().is_some());
    for member in ["detail", "instance", "pointer", "retry_with", "retry_at", "hint"] {
        assert!(body.get(member).is_some(), "{member} is missing");
    }
    assert!(!body.to_string().contains("canary-secret"), "a private cause left the service: {body}");
    body
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems() {
    let router = product();
    let body = problem(send(&router, empty("GET", "/v1/nothing?x=1")).await, ErrorCode::NotFound).await;
    assert_eq!(body["instance"], "/v1/nothing");
    let response = send(&router, empty("DELETE", "/healthz")).await;
    assert_eq!(response.headers()[header::ALLOW], "GET,HEAD");
    problem(response, ErrorCode::MethodNotAllowed).await;
    problem(send(&router, empty("BREW", "/healthz")).await, ErrorCode::MethodNotAllowed).await;
}

#[tokio::test]
async fn unknown_parameters_are_refused() {
    for path in ["/healthz", "/readyz", "/version"] {
        let body = problem(
            send(&product(), empty("GET", &format!("{path}?verbose=1"))).await,
            ErrorCode::UnknownField,
        )
        .await;
        assert_eq!(body["pointer"], "verbose");
    }
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let router = misbehaving(settings(vec![]));
    let too_large = format!("{{\"text\":\"{}\"}}", "x".repeat(limits::BODY_BYTES));
    let cases: &[(&str, &str, ErrorCode)] = &[
        ("text/plain", "{}", ErrorCode::UnsupportedMediaType),
        ("application/json", "{", ErrorCode::MalformedJson),
        ("application/json", "{}", ErrorCode::MissingField),
        ("application/json", r#"{"text":1}"#, ErrorCode::InvalidField),
        ("application/json", r#"{"text":"a","more":1}"#, ErrorCode::UnknownField),
        ("application/json", &too_large, ErrorCode::BodyTooLarge),
    ];
    for (kind, body, code) in cases {
        let posted =
            request("POST", "/echo").header(header::CONTENT_TYPE, *kind).body(Body::from(body.to_string()));
        problem(send(&router, posted.unwrap()).await, *code).await;
    }
    let posted = request("POST", "/echo").header(header::CONTENT_TYPE, "application/json");
    let response = send(&router, posted.body(Body::from(r#"{"text":"hello"}"#)).unwrap()).await;
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "hello");
}

#[tokio::test]
async fn a_body_without_a_stated_length_is_bounded_too() {
    let chunks = (0..2).map(|_| Ok::<_, std::io::Error>(vec![b' '; limits::BODY_BYTES]));
    let body = Body::from_stream(futures_util::stream::iter(chunks));
    let posted =
        request("POST", "/echo").header(header::CONTENT_TYPE, "application/json").body(body).unwrap();
    problem(send(&misbehaving(settings(vec![])), posted).await, ErrorCode::BodyTooLarge).await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_named() {
    let body =
        Body::from_stream(futures_util::stream::iter([Err::<Vec<u8>, _>(std::io::Error::other("gone"))]));
    let posted =
        request("POST", "/echo").header(header::CONTENT_TYPE, "application/json").body(body).unwrap();
    problem(send(&misbehaving(settings(vec![])), posted).await, ErrorCode::MalformedJson).await;
}

#[tokio::test]
async fn oversized_heads_are_named() {
    let router = product();
    let long = format!("/healthz?{}", "x".repeat(limits::URL_BYTES));
    problem(send(&router, empty("GET", &long)).await, ErrorCode::UrlTooLong).await;
    let large = request("GET", "/healthz").header("x-large", "x".repeat(limits::HEADER_BYTES));
    problem(send(&router, large.body(Body::empty()).unwrap()).await, ErrorCode::HeadersTooLarge).await;
    let many =
        (0..=limits::HEADER_FIELDS).fold(request("GET", "/healthz"), |r, n| r.header(format!("x-{n}"), "1"));
    problem(send(&router, many.body(Body::empty()).unwrap()).await, ErrorCode::HeadersTooLarge).await;
}

#[tokio::test]
async fn panics_and_faults_show_nothing_private() {
    let router = misbehaving(settings(vec![]));
    for path in ["/panic", "/fault"] {
        problem(send(&router, empty("GET", path)).await, ErrorCode::Internal).await;
    }
    problem(send(&router, empty("GET", "/foreign")).await, ErrorCode::InvalidField).await;
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_hangs_is_ended() {
    let response = send(&misbehaving(settings(vec![])), empty("GET", "/hang")).await;
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    let body = problem(response, ErrorCode::TimedOut).await;
    assert_eq!(body["retry_with"], "same_key");
    assert_eq!(body["retry_at"], "1970-01-01T00:00:01.000Z");
}

#[tokio::test(start_paused = true)]
async fn load_above_the_limit_is_shed_and_places_come_back() {
    let router = misbehaving(Settings { concurrency: 1, ..settings(vec![]) });
    let held = tokio::spawn(send_owned(router.clone(), empty("GET", "/hang")));
    tokio::task::yield_now().await;
    problem(send(&router, empty("GET", "/text")).await, ErrorCode::Overloaded).await;
    problem(held.await.unwrap(), ErrorCode::TimedOut).await;
    assert_eq!(send(&router, empty("GET", "/text")).await.status(), StatusCode::OK);
}

async fn send_owned(router: Router, request: Request<Body>) -> Response {
    send(&router, request).await
}

#[tokio::test]
async fn the_rate_limit_is_told_and_kept() {
    let router =
        router(Settings { public_requests_per_minute: NonZeroU32::new(3).unwrap(), ..settings(vec![]) });
    let router = router.unwrap();
    for left in [2, 1, 0] {
        let response = send(&router, empty("GET", "/healthz")).await;
        assert_eq!(response.headers()["ratelimit-policy"], "\"public\";q=3;w=60");
        let limit = response.headers()["ratelimit"].to_str().unwrap();
        assert!(limit.starts_with(&format!("\"public\";r={left};t=")), "{limit}");
    }
    let response = send(&router, empty("GET", "/healthz")).await;
    let wait: u64 = response.headers()[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    problem(response, ErrorCode::RateLimited).await;
}

#[tokio::test]
async fn readiness_lists_every_check() {
    let ready = send(&product(), empty("GET", "/readyz")).await;
    assert_eq!(json(ready).await["checks"][0]["name"], "database");
    let router = router(settings(vec![check(true), check(false)])).unwrap();
    let body = problem(send(&router, empty("GET", "/readyz")).await, ErrorCode::NotReady).await;
    assert_eq!(body["checks"].as_array().unwrap().len(), 2);
    let unknown = agent_gateway::http::router(settings(vec![])).unwrap();
    problem(send(&unknown, empty("GET", "/readyz")).await, ErrorCode::NotReady).await;
}

#[tokio::test]
async fn request_ids_are_echoed_or_made() {
    let router = product();
    let given = request("GET", "/healthz").header("x-request-id", "trace-1.a_B").body(Body::empty()).unwrap();
    assert_eq!(send(&router, given).await.headers()["x-request-id"], "trace-1.a_B");
    let harmful =
        request("GET", "/healthz").header("x-request-id", "a b<script>").body(Body::empty()).unwrap();
    let made = send(&router, harmful).await.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert!(made.parse::<api_types::RequestId>().is_ok(), "{made}");
}

#[tokio::test]
async fn only_large_json_is_compressed() {
    let router = misbehaving(settings(vec![]));
    for (path, encoding) in [("/json", Some("gzip")), ("/text", None)] {
        let asked = request("GET", path).header(header::ACCEPT_ENCODING, "gzip").body(Body::empty()).unwrap();
        let response = send(&router, asked).await;
        assert_eq!(
            response.headers().get(header::CONTENT_ENCODING).map(|v| v.to_str().unwrap()),
            encoding,
            "{path}"
        );
    }
}

#[tokio::test]
async fn other_origins_may_read_and_nothing_more() {
    let asked = request("GET", "/version").header(header::ORIGIN, "https://elsewhere.example");
    let response = send(&product(), asked.body(Body::empty()).unwrap()).await;
    assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert!(response.headers().get(header::ACCESS_CONTROL_ALLOW_CREDENTIALS).is_none());
    let preflight = request("OPTIONS", "/version")
        .header(header::ORIGIN, "https://elsewhere.example")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST");
    let response = send(&product(), preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_METHODS], "GET");
}

#[tokio::test]
async fn pages_carry_the_strict_policy_and_load_only_from_here() {
    let router = product();
    let page = send(&router, empty("GET", "/docs/")).await;
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
    assert_eq!(page.headers()["cross-origin-opener-policy"], "same-origin");
    let text = page.into_body().collect().await.unwrap().to_bytes();
    assert!(!String::from_utf8_lossy(&text).contains("//"), "the page names another host");
}

#[tokio::test]
async fn every_code_has_its_page() {
    let router = product();
    for code in ErrorCode::ALL {
        let page = send(&router, empty("GET", &format!("/docs/errors/{}", code.as_str()))).await;
        assert_eq!(page.status(), StatusCode::OK, "{}", code.as_str());
        let text = page.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&text).contains(code.advice()));
    }
    problem(send(&router, empty("GET", "/docs/errors/%3Cscript%3E")).await, ErrorCode::NotFound).await;
    problem(send(&router, empty("GET", "/docs/no-such-file.js")).await, ErrorCode::NotFound).await;
}

/// The codes that the tests of this file provoke. A new code without a test here fails.
#[test]
fn every_code_is_provoked_by_a_test() {
    let source = include_str!("http.rs");
    let missing: BTreeSet<_> = ErrorCode::ALL
        .iter()
        .map(|code| format!("{code:?}"))
        .filter(|variant| !source.contains(&format!("ErrorCode::{variant}")))
        .collect();
    assert!(missing.is_empty(), "no test provokes {missing:?}");
}
