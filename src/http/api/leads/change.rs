//! Changing a lead: corrections and upsells by its webmaster.

use axum::Json;
use axum::extract::{Request, State};

use super::intake;
use super::read;
use super::view::LeadView;
use crate::app::App;
use crate::domain::lead::{self, RawLead};
use crate::flow::change_lead;
use crate::http::api::problems::ChangeProblems;
use crate::http::error::Error;
use crate::http::extract::{PathId, read_body};
use crate::http::principal::Principal;

/// Change a lead
///
/// A merge patch of the person's name, address, e-mail, comment, of price, quantity and `meta`. Null clears.
#[utoipa::path(patch, path = "/api/v1/leads/{id}", tag = "leads", operation_id = "update_lead", params(("id" = String, Path, description = "Id or number")),
    request_body = super::super::lead_schema::LeadChangeInput,
    responses((status = 200, description = "The lead", body = LeadView), ChangeProblems))]
pub async fn update(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    request: Request,
) -> Result<Json<LeadView>, Error> {
    if !matches!(intake::mime(request.headers()).as_str(), "application/json" | "application/merge-patch+json") {
        return Err(Error::UnsupportedMediaType("application/json"));
    }
    let body = read_body(request, app.config.intake.max_body_bytes).await?;
    let raw = RawLead::from_json(&body).map_err(|error| Error::Malformed(error.to_string()))?;
    let change = lead::parse_change(raw).map_err(Error::Invalid)?;
    let lead = read::one(&app, &principal, &id).await?;
    change_lead::run(&app, lead.id, change, &principal.actor()).await.map_err(|refused| match refused {
        change_lead::Refused::Invalid(errors) => Error::Invalid(errors),
        change_lead::Refused::Gone => Error::NotFound("lead"),
        change_lead::Refused::Erased => {
            let detail = "the data of the lead's person has been erased".into();
            Error::Conflict { code: "erased", detail, lead_id: None }
        }
        change_lead::Refused::Sqlx(error) => error.into(),
    })?;
    Ok(Json(read::one(&app, &principal, &id).await?))
}
