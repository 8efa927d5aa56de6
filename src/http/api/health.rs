//! Whether the process is up, whether it can work, and what it counts.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::docs;
use crate::app::App;
use crate::db;
use crate::http::error::Error;

/// A database that takes longer than this to answer a trifle is not ready.
const DATABASE_LIMIT: Duration = Duration::from_secs(2);
/// Workers beat at least each second.
const HEARTBEAT_LIMIT: TimeDelta = TimeDelta::seconds(30);

/// Health, metrics and the OpenAPI document: what needs no token.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(alive)).routes(routes!(ready)).routes(routes!(metrics)).routes(routes!(openapi))
}

crate::text_enum! {
    /// Whether a part works.
    pub enum Part {
        /// It works.
        Ok = "ok",
        /// It does not.
        Failed = "failed",
    }
}

/// What `/readyz` looked at.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Readiness {
    /// The database answers.
    pub database: Part,
    /// It has every migration of this program.
    pub migrations: Part,
    /// Workers showed a sign of life within 30 seconds.
    pub workers: Part,
}

/// Is the process up?
#[utoipa::path(get, path = "/healthz", tag = "operations", operation_id = "healthz", security(()),
    responses((status = 200, description = "Always, while the process answers", body = String, content_type = "text/plain")))]
async fn alive() -> &'static str {
    "ok\n"
}

/// Can it work?
#[utoipa::path(get, path = "/readyz", tag = "operations", operation_id = "readyz", security(()),
    responses(
        (status = 200, description = "Everything works", body = Readiness),
        (status = 503, description = "Something does not", body = Readiness)))]
async fn ready(State(app): State<App>) -> Response {
    let (database, migrations) =
        tokio::time::timeout(DATABASE_LIMIT, database(&app)).await.unwrap_or((Part::Failed, Part::Failed));
    let is_alive = app.heartbeat.is_alive(app.clock.now(), HEARTBEAT_LIMIT);
    let workers = if is_alive { Part::Ok } else { Part::Failed };
    let is_ready = [database, migrations, workers].iter().all(|state| *state == Part::Ok);
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { database, migrations, workers })).into_response()
}

async fn database(app: &App) -> (Part, Part) {
    let Ok(mut conn) = app.db.acquire().await else { return (Part::Failed, Part::Failed) };
    if db::schema::ping(&mut conn).await.is_err() {
        return (Part::Failed, Part::Failed);
    }
    match db::schema::is_current(&mut conn).await {
        Ok(true) => (Part::Ok, Part::Ok),
        _ => (Part::Ok, Part::Failed),
    }
}

/// Metrics for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "operations", operation_id = "metrics", security(()),
    responses((status = 200, description = "Text exposition format", body = String, content_type = "text/plain")))]
async fn metrics(State(app): State<App>) -> Result<Response, Error> {
    let handle = app.metrics.as_ref().ok_or(Error::NotFound("metrics recorder"))?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response())
}

/// This document
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "operations", operation_id = "openapi", security(()),
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = Object)))]
async fn openapi() -> Response {
    docs::document().await
}
