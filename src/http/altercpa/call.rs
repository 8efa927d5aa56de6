//! One call: who makes it, and its parameters. The token is the query's `id` (`token` for sites) or a header; in the body
//! `id` is the caller's own. Query, form and JSON are one set of parameters, the body before the query.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{Method, header};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Code;
use crate::app::App;
use crate::domain::rules::Token;
use crate::http::client_ip::ClientIp;
use crate::http::error::Error;
use crate::http::extract::read_body;
use crate::http::principal::Principal;
use crate::http::rights;

/// A call that may be made.
pub(super) struct Call {
    pub principal: Principal,
    pub is_post: bool,
    /// Without the token.
    pub params: Map<String, Value>,
    pub ip: Option<ClientIp>,
}

impl Call {
    /// Reads a call to one of the four rooms and finds out who makes it.
    pub async fn read(app: &App, room: &str, request: Request) -> Result<Self, Code> {
        let ip = request.extensions().get::<ClientIp>().copied();
        let is_post = request.method() == Method::POST;
        let query = request.uri().query().unwrap_or_default().to_owned();
        let mut params = pairs(query.as_bytes());
        let in_query = params.shift_remove(if room == "site" { "token" } else { "id" });
        let headers = request.headers().clone();
        let mime = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_json = mime.to_ascii_lowercase().contains("json");
        let body = read_body(request, app.config.intake.max_body_bytes).await.map_err(|_| Code::new("data"))?;
        let mut sent = if is_json { object(&body)? } else { pairs(&body) };
        // A site may put its token into the body as well.
        let in_body = if room == "site" { sent.shift_remove("token") } else { None };
        params.extend(sent);
        let header = rights::presented(&headers, None);
        let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned));
        let presented = header.or_else(|| text(in_query)).or_else(|| text(in_body)).ok_or(Code::new("security"))?;
        let rules = app.rules.load();
        let Some(token) = rights::find_token(&rules, &presented) else {
            // Counted, so that nobody tries keys for ever.
            return Err(match rights::count_failure(app, ip) {
                Error::TooMany { .. } => Code::with("security", "too many failures; try later"),
                _ => Code::new("security"),
            });
        };
        rights::check_rate(app, &token).map_err(|_| Code::with("traffic", "too many calls with this token"))?;
        app.tokens_used.note(token.token_id, app.clock.now());
        let principal = principal(app, room, &token)?;
        Ok(Self { principal, is_post, params, ip })
    }

    /// A parameter as text, the first of several names that has a value.
    pub fn text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| text(self.params.get(*name)?))
    }

    /// A list: separated by commas, or several values (`ids[]`).
    pub fn list(&self, names: &[&str]) -> Vec<String> {
        let mut out = Vec::new();
        for name in names {
            match self.params.get(*name) {
                Some(Value::Array(items)) => out.extend(items.iter().filter_map(text)),
                Some(value) => {
                    out.extend(text(value).iter().flat_map(|text| text.split(',')).map(|it| it.trim().to_owned()))
                }
                None => {}
            }
        }
        out.retain(|item| !item.is_empty());
        out
    }

    pub fn webmaster_id(&self) -> Result<Uuid, Code> {
        self.principal.webmaster_id().ok_or(Code::new("access"))
    }

    pub fn network_id(&self) -> Result<Uuid, Code> {
        match self.principal {
            Principal::Network { network_id } => Ok(network_id),
            _ => Err(Code::new("access")),
        }
    }

    pub fn offer_id(&self) -> Result<Uuid, Code> {
        match self.principal {
            Principal::Site { offer_id } => Ok(offer_id),
            _ => Err(Code::new("access")),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => u8::from(*flag).to_string(),
        _ => return None,
    };
    (!text.is_empty() && !text.contains('\0')).then_some(text)
}

/// Form or query: the last of a name counts, `name[]` is a list, `meta[key]` stays as it is.
fn pairs(bytes: &[u8]) -> Map<String, Value> {
    let mut out = Map::new();
    for (name, value) in url::form_urlencoded::parse(bytes) {
        match name.strip_suffix("[]") {
            Some(list) if !list.is_empty() => {
                let entry = out.entry(list.to_owned()).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(items) = entry {
                    items.push(Value::String(value.into_owned()));
                }
            }
            _ => drop(out.insert(name.into_owned(), Value::String(value.into_owned()))),
        }
    }
    out
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Code> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(Code::with("data", "the body is not a JSON object")),
    }
}

/// Who a token stands for, and whether that is somebody for this room.
fn principal(app: &App, room: &str, token: &Arc<Token>) -> Result<Principal, Code> {
    let rules = app.rules.load();
    let scope = |name: &str| token.scopes.iter().any(|scope| scope == name);
    match (room, token.role.as_str()) {
        ("wm" | "ext", "webmaster") => {
            let webmaster_id = token.webmaster_id.ok_or(Code::new("security"))?;
            let webmaster = rules.webmasters.get(&webmaster_id).ok_or(Code::new("security"))?;
            if !webmaster.enabled {
                return Err(Code::with("security", "this webmaster is blocked"));
            }
            if !scope("leads:write") && !scope("leads:read") {
                return Err(Code::with("access", "the token lacks the scope"));
            }
            Ok(Principal::Webmaster { webmaster_id, token_id: token.token_id })
        }
        ("comp", "network") => {
            let network_id = token.network_id.ok_or(Code::new("security"))?;
            rules.networks.get(&network_id).ok_or(Code::new("security"))?;
            Ok(Principal::Network { network_id })
        }
        ("site", "offer") => {
            let offer_id = token.offer_id.ok_or(Code::new("security"))?;
            rules.offers.get(&offer_id).ok_or(Code::new("security"))?;
            Ok(Principal::Site { offer_id })
        }
        _ => Err(Code::with("access", "this token is for other calls")),
    }
}
