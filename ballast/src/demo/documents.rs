//! The part of the story about documents: what the service says about itself, all of it from this machine.

use super::story::Skip;
use client::Client;
use serde_json::Value;

pub(super) async fn openapi(client: &Client) -> Result<String, Skip> {
    let page = fetch(client, "/openapi.json").await?;
    let document: Value = serde_json::from_str(&page).map_err(Skip::failed)?;
    let version = document.get("openapi").and_then(Value::as_str).unwrap_or_default();
    let paths = document.get("paths").and_then(Value::as_object).map_or(0, serde_json::Map::len);
    if !version.starts_with("3.1.") || paths == 0 {
        return Err(Skip::failed(format!("OpenAPI {version:?} with {paths} paths")));
    }
    Ok(format!("OpenAPI {version}, {paths} paths"))
}

/// The page and every file it names, none of them on another host.
pub(super) async fn page(client: &Client) -> Result<String, Skip> {
    let page = fetch(client, "/docs/").await?;
    let files: Vec<_> = references(&page).collect();
    if files.is_empty() {
        return Err(Skip::failed("the page loads nothing"));
    }
    for file in &files {
        if file.contains("//") {
            return Err(Skip::failed(format!("the page loads {file} from elsewhere")));
        }
        fetch(client, &format!("/docs/{}", file.trim_start_matches("./"))).await?;
    }
    Ok(format!("/docs and {} files, all from this program", files.len()))
}

pub(super) async fn metrics(url: &str) -> Result<String, Skip> {
    let client = Client::new(url).map_err(Skip::failed)?;
    let text = fetch(&client, "/metrics").await?;
    let series = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count();
    if !text.contains("ballast_http_requests_total{") {
        return Err(Skip::failed("the requests of this story are not counted"));
    }
    Ok(format!("{series} series at {url}/metrics"))
}

async fn fetch(client: &Client, path: &str) -> Result<String, Skip> {
    let page = client.page(path).await?;
    if page.status.is_success() {
        Ok(page.body)
    } else {
        Err(Skip::failed(format!("{path}: {}", page.status)))
    }
}

/// What a page loads: the values of its `src` and `href` attributes.
fn references(page: &str) -> impl Iterator<Item = &str> {
    let attributes = ["src=\"", "href=\""].into_iter();
    attributes.flat_map(|attribute| page.split(attribute).skip(1)).filter_map(|rest| rest.split('"').next())
}
