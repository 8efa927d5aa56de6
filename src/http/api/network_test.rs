//! Sending a test lead to a network.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problems::ChangeProblems;
use crate::app::App;
use crate::domain::outcome::Outcome;
use crate::flow::test_network::{self, TestLead};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId};

/// The operation.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(test))
}

/// What the test lead says; a sample stands for what is left out.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestInput {
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    name: Option<String>,
    /// ISO 3166 alpha-2.
    #[serde(default)]
    country: Option<String>,
    #[serde(default)]
    email: Option<String>,
}

/// What came of it. Nothing is stored.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TestAnswer {
    /// As sent, secrets masked.
    request: String,
    /// As answered.
    response: String,
    /// `kind` and what belongs to it.
    #[schema(value_type = Object)]
    outcome: Outcome,
    /// Milliseconds.
    took_ms: i64,
}

/// Send a test lead to a network
#[utoipa::path(post, path = "/api/v1/networks/{id}/test", tag = "networks", operation_id = "test_network", params(("id" = String, Path, description = "Slug, id or number")),
    request_body = TestInput, responses((status = 200, description = "Request, answer and judgement", body = TestAnswer), ChangeProblems))]
async fn test(
    State(app): State<App>,
    PathId(id): PathId,
    JsonBody(input): JsonBody<TestInput>,
) -> Result<Json<TestAnswer>, Error> {
    let network_id = app.rules.load().network(&id).ok_or(Error::NotFound("network"))?.network_id;
    let lead = TestLead { phone: input.phone, name: input.name, country: input.country, email: input.email };
    let tested = test_network::run(&app, network_id, lead).await?;
    Ok(Json(TestAnswer {
        request: tested.request,
        response: tested.response,
        outcome: tested.outcome,
        took_ms: tested.took_ms,
    }))
}
