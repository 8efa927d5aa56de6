//! The calls of AlterCPA, so that scripts, forms and partners written for one work here after changing the host: `wm` for
//! webmasters, `ext` for agencies, `comp` for partners, `site` for external sites; with and without `/api` before.
//!
//! Their law: HTTP 200 for everything, the verdict in the body (`{"status": "ok"}` or `{"status": "error", "error": code}`).
//! docs/ALTERCPA.md tells which calls there are and what is better than the original.

mod add;
mod call;
mod comp;
mod list;
mod site;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Map, Value, json};

use self::call::Call;
use super::extract::PathId;
use crate::app::App;

/// The paths; the last part is the function with its format, `.json`.
pub fn router() -> Router<App> {
    let mut router = Router::new();
    for prefix in ["/api", ""] {
        for room in ["wm", "ext", "comp", "site"] {
            let handler =
                move |state: State<App>, function: PathId, request: Request| answer(state, room, function, request);
            router = router.route(&format!("{prefix}/{room}/{{function}}"), get(handler).post(handler));
        }
    }
    router
}

/// A word of AlterCPA for what is wrong.
#[derive(Clone, Debug, PartialEq)]
struct Code {
    word: &'static str,
    /// The lead that is meant, where it is the caller's own.
    lead: Option<i64>,
    /// For people; AlterCPA has nothing like it.
    detail: Option<String>,
}

impl Code {
    fn new(word: &'static str) -> Self {
        Self { word, lead: None, detail: None }
    }

    fn with(word: &'static str, detail: impl Into<String>) -> Self {
        Self { word, lead: None, detail: Some(detail.into()) }
    }
}

/// The database is away: said in their way, and nothing was done.
impl From<sqlx::Error> for Code {
    fn from(error: sqlx::Error) -> Self {
        tracing::warn!(error = crate::db::describe(&error), "an AlterCPA-compatible call");
        Self::new("db")
    }
}

/// What is answered when all is well.
enum Good {
    /// Members beside `"status": "ok"`.
    Verdict(Map<String, Value>),
    /// A list, and where the next page begins.
    List(Vec<Value>, Option<i64>),
}

async fn answer(State(app): State<App>, room: &'static str, PathId(function): PathId, request: Request) -> Response {
    match judge(&app, room, &function, request).await {
        Ok(Good::Verdict(mut members)) => {
            let mut body = Map::new();
            body.insert("status".into(), json!("ok"));
            body.append(&mut members);
            reply(&Value::Object(body))
        }
        Ok(Good::List(items, next)) => {
            let mut response = reply(&Value::Array(items));
            if let Some(next) = next {
                response.headers_mut().insert(HeaderName::from_static("x-next-cursor"), HeaderValue::from(next));
            }
            response
        }
        Err(code) => {
            let mut body = Map::new();
            body.insert("status".into(), json!("error"));
            body.insert("error".into(), json!(code.word));
            for name in ["id", "uid"] {
                body.extend(code.lead.map(|number| (name.to_owned(), json!(number))));
            }
            body.extend(code.detail.map(|detail| ("message".to_owned(), json!(detail))));
            reply(&Value::Object(body))
        }
    }
}

async fn judge(app: &App, room: &str, function: &str, request: Request) -> Result<Good, Code> {
    let function = function.strip_suffix(".json").ok_or_else(|| Code::with("func", "only .json is answered"))?;
    let call = Call::read(app, room, request).await?;
    match (room, function) {
        ("wm", "push") => add::webmaster(app, &call).await,
        ("ext", "add") => add::agency(app, &call).await,
        ("wm", "lead") => list::webmaster(app, &call).await,
        ("ext", "list") => list::agency(app, &call).await,
        ("comp", "list") => list::company(app, &call).await,
        ("comp", "status") => comp::status(app, &call).await,
        ("comp", "edit") => comp::edit(app, &call).await,
        ("site", "click") => site::click(app, &call).await,
        ("site", "status") => site::status(app, &call).await,
        _ => Err(Code::new("func")),
    }
}

fn reply(body: &Value) -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
