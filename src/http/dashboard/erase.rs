//! `/leads/{id}/erase`: taking the personal data of a lead out for good, after a question.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use tower_sessions::Session;
use uuid::Uuid;

use super::format;
use super::layout::{Answer, Shell, done, page, refused};
use super::lead::id_of;
use super::texts::{self, say};
use super::words;
use crate::app::App;
use crate::db;
use crate::flow::erase_lead;
use crate::flow::replay::Refused;
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

#[derive(Template)]
#[template(path = "erase.html")]
struct Page {
    shell: Shell,
    number: i64,
    /// When it was done before.
    erased_at: Option<DateTime<Utc>>,
}

async fn number(app: &App, id: &str) -> Result<(Uuid, i64, Option<DateTime<Utc>>), Error> {
    let mut conn = app.db.acquire().await?;
    let lead_id = id_of(&mut conn, id).await?;
    let lead = db::lead::find_many(&mut conn, &[lead_id]).await?.into_iter().next().ok_or(Error::NotFound("lead"))?;
    Ok((lead_id, lead.number, db::erase::erased_at(&mut conn, lead_id).await?))
}

/// `GET /leads/{id}/erase`
pub async fn show(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let (_, number, erased_at) = number(&app, &id).await?;
    let shell = Shell::of(&session, &principal, say("erase-title").with("number", number), "/leads").await?;
    page(&Page { shell, number, erased_at })
}

/// `POST /leads/{id}/erase`
pub async fn run(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let (lead_id, number, _) = number(&app, &id).await?;
    let to = format!("/leads/{number}");
    match erase_lead::run(&app, lead_id, &principal.actor()).await {
        Ok(erased) if erased.is_news => done(&session, &to, say("erase-done")).await,
        Ok(_) => done(&session, &to, say("erase-done-before")).await,
        Err(Refused::State(why)) => {
            refused(&session, &to, say("erase-not-done").with("why", words::sentence(&why))).await
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    #[test]
    fn the_question_says_what_goes_and_what_stays() {
        let shell = || Shell {
            active: "/leads",
            user_email: "ann@example.com".into(),
            role: UserRole::Manager,
            ..Shell::bare("x")
        };
        let text = html::check("erase", &Page { shell: shell(), number: 17, erased_at: None });
        assert!(text.contains("action=\"/leads/17/erase\""));
        let again = Page { shell: shell(), number: 17, erased_at: Some(DateTime::UNIX_EPOCH) };
        assert!(html::check("erase-again", &again).contains("1970"));
    }
}
