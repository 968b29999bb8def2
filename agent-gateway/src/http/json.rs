//! The only reader of request bodies: strict about media type, size, depth, unknown and duplicate members.

use super::ApiError;
use crate::limits;
use api_types::ErrorCode;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

/// A request body, read as `T`. `T` must deny unknown fields, or they pass unseen.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        require_json(request.headers())?;
        let body = Bytes::from_request(request, state).await.map_err(refuse_body)?;
        parse(&body).map(Self)
    }
}

pub(super) fn require_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = given.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let is_utf8 = |parameter: &str| {
        parameter.is_empty()
            || ["charset=utf-8", "charset=\"utf-8\""].iter().any(|utf8| parameter.eq_ignore_ascii_case(utf8))
    };
    let only_utf8 = parts.all(is_utf8);
    if is_json && only_utf8 {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::UnsupportedMediaType, "The Content-Type is not application/json in UTF-8."))
}

fn refuse_body(rejection: BytesRejection) -> ApiError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return ApiError::new(ErrorCode::BodyTooLarge, "The body is larger than this operation takes.");
    }
    ApiError::new(ErrorCode::MalformedJson, "The body ended before it was complete.")
}

pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    if depth(body) > limits::JSON_DEPTH {
        let detail = format!("The body is nested deeper than {} levels.", limits::JSON_DEPTH);
        return Err(ApiError::new(ErrorCode::MalformedJson, detail));
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| refuse_value(pointer(error.path()), error.inner()))?;
    reader.end().map_err(|error| refuse_value(String::new(), &error))?;
    Ok(value)
}

/// How deep arrays and objects nest, read without building anything: brackets outside of strings.
fn depth(body: &[u8]) -> usize {
    let (mut open, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                open = open.saturating_add(1);
                deepest = deepest.max(open);
            }
            b']' | b'}' if !in_string => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Sorts what the JSON library says into our codes. Its texts are pinned by the tests of this file.
fn refuse_value(at: String, error: &serde_json::Error) -> ApiError {
    let text = error.to_string();
    if error.classify() != serde_json::error::Category::Data {
        return ApiError::new(ErrorCode::MalformedJson, text);
    }
    let (code, at) = if let Some(rest) = text.strip_prefix("duplicate field `") {
        // The path ends at the object that holds the member twice.
        (ErrorCode::UnknownField, step(at, rest.split('`').next().unwrap_or_default()))
    } else if text.starts_with("unknown field") {
        (ErrorCode::UnknownField, at)
    } else if text.starts_with("missing field") {
        (ErrorCode::MissingField, at)
    } else {
        (ErrorCode::InvalidField, at)
    };
    ApiError::new(code, text).at(at)
}

/// One step further into an object (RFC 6901).
fn step(pointer: String, key: &str) -> String {
    pointer + "/" + &key.replace('~', "~0").replace('/', "~1")
}

/// RFC 6901.
fn pointer(path: &Path) -> String {
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Map { key } => step(pointer, key),
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Enum { .. } | Segment::Unknown => pointer,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(rename = "name")]
        _name: String,
        #[serde(rename = "parts")]
        _parts: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "count")]
        _count: u8,
    }

    #[test]
    fn every_fault_has_its_code_and_pointer() {
        let deep = format!("{}1{}", "[".repeat(33), "]".repeat(33));
        let cases: &[(&str, ErrorCode, Option<&str>)] = &[
            ("", ErrorCode::MalformedJson, None),
            ("{", ErrorCode::MalformedJson, None),
            ("{}{}", ErrorCode::MissingField, Some("")),
            (r#"{"name":"a","parts":[]} x"#, ErrorCode::MalformedJson, None),
            ("{\"name\":\"\u{1}\",\"parts\":[]}", ErrorCode::MalformedJson, None),
            (r#"{"name":"a"}"#, ErrorCode::MissingField, Some("")),
            (r#"{"name":1,"parts":[]}"#, ErrorCode::InvalidField, Some("/name")),
            (r#"{"name":"a","parts":[],"extra":1}"#, ErrorCode::UnknownField, Some("/extra")),
            (r#"{"name":"a","name":"b","parts":[]}"#, ErrorCode::UnknownField, Some("/name")),
            (
                r#"{"name":"a","parts":[{"count":1},{"count":256}]}"#,
                ErrorCode::InvalidField,
                Some("/parts/1/count"),
            ),
            (
                r#"{"name":"a","parts":[{"count":1,"a/b~c":2}]}"#,
                ErrorCode::UnknownField,
                Some("/parts/0/a~1b~0c"),
            ),
            (&deep, ErrorCode::MalformedJson, None),
        ];
        for (body, code, pointer) in cases {
            let error = parse::<Outer>(body.as_bytes()).unwrap_err();
            assert_eq!((error.code, error.pointer.as_deref()), (*code, *pointer), "{body}: {}", error.detail);
        }
        let bytes = [b'"', 0xff, b'"'];
        assert_eq!(parse::<String>(&bytes).unwrap_err().code, ErrorCode::MalformedJson);
    }

    #[test]
    fn brackets_in_strings_are_not_depth() {
        assert_eq!(depth(br#"{"a":"[[[[\"[[","b":[1]}"#), 2);
        assert_eq!(depth(b"]]]][[["), 3);
    }

    #[test]
    fn media_types() {
        for (given, taken) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json; charset=\"utf-8\";", true),
            ("application/json; charset=latin1", false),
            ("application/jsonx", false),
            ("text/plain", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, given.parse().unwrap())]);
            assert_eq!(require_json(&headers).is_ok(), taken, "{given}");
        }
    }
}
