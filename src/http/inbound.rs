//! `/postback/{secret}`: networks call us. Stored and judged before it is answered; bad content is never our error.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use super::client_ip::ClientIp;
use super::error::Error;
use super::extract::{PathId, read_body};
use crate::adapters::InboundAnswer;
use crate::app::App;
use crate::base::secret;
use crate::db::inbound::Raw;
use crate::flow::take_inbound::{Call, Taken};

/// A network's call is small; what is larger is no status report.
const LIMIT: usize = 256 * 1024;

/// The route.
pub fn router() -> Router<App> {
    Router::new().route("/postback/{secret}", get(receive).post(receive))
}

async fn receive(State(app): State<App>, PathId(path): PathId, request: Request) -> Result<Response, Error> {
    let rules = app.rules.load();
    let network_id = *rules.networks_by_secret.get(&secret::hash(&path)).ok_or(Error::NotFound("postback"))?;
    let ip = request.extensions().get::<ClientIp>().map(|ip| ip.0.to_string());
    let headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let method = if request.method() == axum::http::Method::POST { "POST" } else { "GET" };
    let query = request.uri().query().unwrap_or("").chars().take(8192).collect();
    let content_type = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.clone());
    let body = read_body(request, LIMIT).await?;
    let raw = Raw {
        inbound_id: app.ids.next(),
        received_at: app.clock.now(),
        network_id,
        method: method.to_owned(),
        query,
        content_type,
        body: body.to_vec(),
        remote_ip: ip,
        dialect: None,
    };
    match app.writers.inbound.submit(Call { raw, headers }).await {
        Ok(Taken::Stored { answer: Some(InboundAnswer { status, content_type, body }), .. }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            let content_type = HeaderValue::from_str(&content_type).unwrap_or(HeaderValue::from_static("text/plain"));
            Ok((status, [(header::CONTENT_TYPE, content_type)], body).into_response())
        }
        Ok(Taken::Stored { result, answer: None }) => {
            Ok(axum::Json(json!({ "status": "ok", "result": result })).into_response())
        }
        Ok(Taken::Unavailable) | Err(_) => Err(Error::Unavailable { after: std::time::Duration::from_secs(5) }),
    }
}
