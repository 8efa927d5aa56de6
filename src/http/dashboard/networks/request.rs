//! `/networks/{id}/request`: what the network is sent, made with the sample lead or with a real one, and not sent.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use tower_sessions::Session;

use super::frame::{Frame, Tab, find};
use super::test::sentence;
use crate::app::App;
use crate::domain::outcome::Outcome;
use crate::flow::preview::{self, Preview};
use crate::flow::replay::Refused;
use crate::http::api::filters;
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::lines;
use crate::http::dashboard::redact::Cover;
use crate::http::dashboard::texts::{self, Text, say};
use crate::http::error::Error;
use crate::http::extract::{PathId, QueryOf};
use crate::http::principal::Principal;

/// Which lead.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Ask {
    /// Number or id; empty: the sample.
    lead: String,
}

/// What would be sent.
#[derive(Debug)]
struct Shown {
    /// Masked.
    request: Option<String>,
    /// The word and the sentence of the outcome that makes a call needless.
    outcome: Option<(&'static str, String)>,
    offer: String,
    params: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "networks/request.html")]
struct Page {
    shell: Shell,
    frame: Frame,
    /// As it was asked for.
    lead: String,
    /// Why there is nothing to show.
    wrong: Option<String>,
    shown: Option<Shown>,
}

fn shown(preview: Preview) -> Shown {
    // A lead's person is covered, as everywhere.
    let cover = preview.contact.as_ref().map(Cover::of);
    let covered = |text: String| cover.as_ref().map_or_else(|| text.clone(), |cover| cover.hide(&text));
    let told = |outcome: Outcome| (outcome.word(), sentence(&outcome).to_string());
    let (request, outcome) = match preview.request {
        Ok(request) => (Some(covered(request)), None),
        Err(outcome) => (None, Some(told(outcome))),
    };
    let params = preview.params.iter().map(|(name, value)| (name.clone(), lines::text(value))).collect();
    Shown { request, outcome, offer: preview.offer, params }
}

/// `GET /networks/{id}/request`
pub async fn show(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    QueryOf(ask): QueryOf<Ask>,
) -> Answer {
    let network = find(&app, &id).await?;
    let lead = ask.lead.trim().trim_start_matches('#').to_owned();
    let made = match of(&app, network.id, &lead).await {
        Ok(preview) => Ok(shown(preview)),
        Err(Error::Invalid(_)) => Err((StatusCode::NOT_FOUND, say("request-no-lead").to_string())),
        Err(Error::Conflict { detail, .. }) => Err((StatusCode::OK, detail)),
        Err(error) => return Err(error.into()),
    };
    let (status, wrong, shown) = match made {
        Ok(shown) => (StatusCode::OK, None, Some(shown)),
        Err((status, why)) => (status, Some(why), None),
    };
    let frame = Frame::of(&app, network, Tab::Request).await?;
    let shell = Shell::of(&session, &principal, frame.title(), "/networks").await?;
    let mut response = layout::page_with(status, &Page { shell, frame, lead, wrong, shown })?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn of(app: &App, network_id: uuid::Uuid, lead: &str) -> Result<Preview, Error> {
    if lead.is_empty() {
        return preview::of_sample(app, network_id).map_err(gone);
    }
    let lead_id = filters::lead(&mut *app.db.acquire().await?, Some(lead)).await?;
    let lead_id = lead_id.ok_or_else(|| filters::unknown("lead"))?;
    preview::of_lead(app, network_id, lead_id).await.map_err(gone)
}

/// An archived network is in no rules any more.
pub(super) fn gone(refused: Refused) -> Error {
    match refused {
        Refused::NotFound("network") => Error::from(Refused::State(say("network-archived").into())),
        other => other.into(),
    }
}

impl Page {
    fn note(&self) -> Text {
        if self.lead.is_empty() { say("request-of-sample") } else { say("request-of-lead") }
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::tests::{frame, shell};
    use super::*;
    use crate::db::lead::Contact;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    fn page(lead: &str, shown: Option<Shown>, wrong: Option<String>) -> Page {
        Page { shell: shell(UserRole::Manager), frame: frame(Tab::Request), lead: lead.into(), wrong, shown }
    }

    #[test]
    fn a_real_person_is_covered_and_the_sample_is_not() {
        let contact = Contact { phone: Some("+4915112345678".into()), ..Contact::default() };
        let made = |contact| Preview {
            request: Ok("POST https://crm.example/\n\n{\"phone\":\"+4915112345678\",\"goal\":\"<b>\"}".into()),
            params: [("acme".to_owned(), serde_json::json!(7))].into_iter().collect(),
            offer: "tea".into(),
            contact,
        };
        let text = html::check("network-request-lead", &page("17", Some(shown(made(Some(contact)))), None));
        assert!(!text.contains("15112345678") && text.contains("&#60;b&#62;") && text.contains("acme"));
        let text = html::check("network-request", &page("", Some(shown(made(None))), None));
        assert!(text.contains("+4915112345678"));
    }

    #[test]
    fn what_stands_in_the_way_is_said() {
        let refused = Preview {
            request: Err(Outcome::Misconfigured { reason: "the parameter <acme> is missing".into() }),
            params: serde_json::Map::new(),
            offer: String::new(),
            contact: None,
        };
        let text = html::check("network-request-refused", &page("", Some(shown(refused)), None));
        assert!(text.contains("&#60;acme&#62;"));
        html::check("network-request-wrong", &page("9", None, Some("There is no such lead.".into())));
    }
}
