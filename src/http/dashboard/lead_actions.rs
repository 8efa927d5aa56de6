//! What admins and managers do about a lead from its page. Each form ends with a redirect back and one sentence that
//! says what was done, or why it was not.

use axum::extract::State;
use tower_sessions::Session;
use uuid::Uuid;

use super::form::FormPairs;
use super::layout::{Answer, done, refused};
use super::lead::id_of;
use super::texts::{Text, say};
use super::words;
use crate::app::App;
use crate::base::text;
use crate::domain::report::StatusReport;
use crate::domain::status::{Status, Verdict};
use crate::flow::{replay, resolve};
use crate::http::extract::PathId;
use crate::http::principal::Principal;

/// Longest reason and comment that are kept.
const MAX_WORDS: usize = 500;

async fn lead(app: &App, id: &str) -> Result<(Uuid, String), crate::http::error::Error> {
    let mut conn = app.db.acquire().await?;
    let lead_id = id_of(&mut conn, id).await?;
    // Back to the address the person came from: id or number.
    Ok((lead_id, format!("/leads/{}", url::form_urlencoded::byte_serialize(id.trim().as_bytes()).collect::<String>())))
}

/// `POST /leads/{id}/redeliver`: the field `network` is a slug; empty: where it was sent last.
pub async fn redeliver(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let (lead_id, back) = lead(&app, &id).await?;
    let slug = form.get("network");
    let network = if slug.is_empty() { None } else { app.rules.load().network(slug).cloned() };
    if network.is_none() && !slug.is_empty() {
        return refused(&session, &back, say("lead-network-gone")).await;
    }
    let result =
        replay::redeliver(&app, lead_id, network.as_ref().map(|network| network.network_id), &principal.actor()).await;
    match result {
        Ok(_) => {
            let text = match &network {
                Some(network) => say("lead-redelivered").with("network", &network.name),
                None => say("lead-redelivered-last"),
            };
            done(&session, &back, text).await
        }
        Err(replay::Refused::State(why)) => refused(&session, &back, not_done("lead-not-redelivered", &why)).await,
        Err(error) => Err(error.into()),
    }
}

/// `POST /leads/{id}/resend-postbacks`
pub async fn resend_postbacks(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
) -> Answer {
    let (lead_id, back) = lead(&app, &id).await?;
    match replay::resend_postbacks(&app, lead_id, None, &principal.actor()).await {
        Ok(0) => refused(&session, &back, say("lead-resent-none")).await,
        Ok(sent) => done(&session, &back, say("lead-resent").count("count", sent)).await,
        Err(replay::Refused::State(why)) => refused(&session, &back, not_done("lead-not-resent", &why)).await,
        Err(error) => Err(error.into()),
    }
}

/// `POST /leads/{id}/status`: the fields `status`, `reason`, `comment`.
pub async fn set_status(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let (lead_id, back) = lead(&app, &id).await?;
    let status = match form.get("status").parse::<Status>() {
        Ok(status) if status != Status::New => status,
        _ => return refused(&session, &back, say("lead-status-none")).await,
    };
    let report = StatusReport {
        mapped: Some(status),
        reason: words_of(form.get("reason")),
        comment: words_of(form.get("comment")),
        ..StatusReport::default()
    };
    let named = words::state(status.as_str());
    match resolve::status(&app, lead_id, report, &principal.actor()).await {
        Ok(judged) if judged.verdict == Verdict::Applied => {
            done(&session, &back, say("lead-status-set").with("status", named)).await
        }
        Ok(judged) if judged.verdict == Verdict::Unchanged => {
            done(&session, &back, say("lead-status-same").with("status", named)).await
        }
        Ok(judged) => {
            let why = judged.reason.unwrap_or_else(|| words::verdict(judged.verdict.as_str()));
            refused(&session, &back, not_done("lead-status-not-set", &why)).await
        }
        Err(replay::Refused::State(why)) => refused(&session, &back, not_done("lead-status-not-set", &why)).await,
        Err(error) => Err(error.into()),
    }
}

/// A text that ends with the reason why something was not done.
fn not_done(key: &'static str, why: &str) -> Text {
    say(key).with("why", words::sentence(why))
}

fn words_of(raw: &str) -> Option<String> {
    let line = text::line(raw);
    let cut = text::cut(&line, MAX_WORDS);
    (!cut.is_empty()).then(|| cut.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_short_and_clean() {
        assert_eq!(words_of("  "), None);
        assert_eq!(words_of(" no\u{0}answer \n").as_deref(), Some("noanswer"));
        assert_eq!(words_of(&"x".repeat(900)).map(|text| text.len()), Some(MAX_WORDS));
        let text = not_done("lead-not-resent", "a delivery is sending");
        assert_eq!(text.to_string(), "Not sent: A delivery is sending.");
    }
}
