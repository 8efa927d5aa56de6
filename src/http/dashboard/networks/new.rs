//! `/networks/new`: choose an integration, then fill in what it asks for.

use std::collections::BTreeMap;

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use tower_sessions::Session;

use super::settings;
use crate::adapters::{About, SharedAdapter};
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::http::api::networks;
use crate::http::dashboard::fields::Form;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, PageError, Shell};
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, QueryOf};
use crate::http::principal::Principal;

/// The integrations of a group.
pub struct Group {
    pub name: String,
    pub members: Vec<About>,
}

impl Group {
    /// Its heading; a group of somebody else's file has none of ours.
    pub fn title(&self) -> Option<String> {
        texts::find(&format!("network-group-{}", self.name))
    }
}

/// How sure we are of an integration; the words of somebody else's file are not ours.
pub fn sure(confidence: &str) -> Option<String> {
    texts::find(&format!("network-sure-{}", confidence.replace(' ', "-")))
}

#[derive(Template)]
#[template(path = "networks/gallery.html")]
pub struct GalleryPage {
    shell: Shell,
    groups: Vec<Group>,
}

#[derive(Template)]
#[template(path = "networks/new.html")]
pub struct NewPage {
    shell: Shell,
    about: About,
    form: Form,
}

/// Which integration.
#[derive(Debug, Deserialize)]
pub struct NewQuery {
    integration: Option<String>,
}

/// Practice first: it needs nothing. Then by name.
fn groups<'a>(adapters: impl Iterator<Item = &'a SharedAdapter>) -> Vec<Group> {
    let mut groups: BTreeMap<(bool, String), Vec<About>> = BTreeMap::new();
    for adapter in adapters {
        let about = adapter.about();
        groups.entry((about.group != "practice", about.group.clone())).or_default().push(about.clone());
    }
    groups.into_iter().map(|((_, name), members)| Group { name, members }).collect()
}

/// `GET /networks/new`
pub async fn show(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    QueryOf(query): QueryOf<NewQuery>,
) -> Answer {
    let shell = Shell::of(&session, &principal, say("networks-connect"), "/networks").await?;
    let Some(id) = query.integration else {
        return layout::page(&GalleryPage { shell, groups: groups(app.adapters.iter()) });
    };
    let about = app.adapters.get(&id).ok_or(Error::NotFound("integration"))?.about().clone();
    let mut values = settings::values(&about, None);
    values.0.insert("slug".into(), about.id.clone());
    let form = settings::form(&about, &values, &[], &[]);
    layout::page(&NewPage { shell, about, form })
}

/// `POST /networks/new`
pub async fn create(State(app): State<App>, session: Session, principal: Principal, form: FormPairs) -> Answer {
    let adapter = app.adapters.get(form.get("integration")).ok_or(Error::NotFound("integration"))?;
    let about = adapter.about().clone();
    match make(&app, &principal, &about, &form).await {
        Ok(made) => {
            let to = format!("/networks/{}#test", made.slug);
            layout::done(&session, &to, say("network-connected").with("network", &made.name)).await
        }
        Err(Error::Invalid(errors)) => again(&session, &principal, about, &form, &errors).await,
        Err(error) => Err(PageError(error)),
    }
}

async fn make(
    app: &App,
    principal: &Principal,
    about: &About,
    form: &FormPairs,
) -> Result<networks::NetworkView, Error> {
    let mut body = settings::body(about, form, None).map_err(Error::Invalid)?;
    if let Some(body) = body.as_object_mut() {
        body.insert("integration".into(), Value::from(about.id.as_str()));
    }
    let (_, Json(made)) = networks::create(State(app.clone()), principal.clone(), JsonBody(body)).await?;
    Ok(made)
}

async fn again(
    session: &Session,
    principal: &Principal,
    about: About,
    form: &FormPairs,
    errors: &[FieldError],
) -> Answer {
    let shell = Shell::of(session, principal, say("networks-connect"), "/networks").await?;
    let form = settings::form(&about, form, &[], errors);
    layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &NewPage { shell, about, form })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::Registry;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    fn shell() -> Shell {
        let who = "ann@example.com".to_owned();
        Shell { active: "/networks", user_email: who, role: UserRole::Admin, ..Shell::bare("Connect a network") }
    }

    #[test]
    fn the_gallery_has_every_integration_and_practice_comes_first() {
        let registry = Registry::load(None).unwrap();
        let groups = groups(registry.iter());
        assert_eq!(groups[0].name, "practice");
        assert!(groups.iter().all(|group| group.title().is_some()), "a group of ours has no heading");
        let text = html::check("gallery", &GalleryPage { shell: shell(), groups });
        assert!(registry.iter().all(|adapter| text.contains(&format!("integration={}", adapter.about().id))));
        html::check("gallery-empty", &GalleryPage { shell: shell(), groups: vec![] });
    }

    #[test]
    fn every_integration_has_its_form() {
        for adapter in Registry::load(None).unwrap().iter() {
            let about = adapter.about().clone();
            let form = settings::form(&about, &settings::values(&about, None), &[], &[]);
            html::check(&format!("new-{}", about.id), &NewPage { shell: shell(), about, form });
        }
    }

    #[test]
    fn a_form_with_errors_names_the_fields() {
        let registry = Registry::load(None).unwrap();
        let about = registry.get("http-json").unwrap().about().clone();
        let errors = [
            FieldError::new("slug", "taken", "belongs to another network"),
            FieldError::required("settings.url"),
            FieldError::invalid("timeout_seconds", "must be 1 to 120"),
        ];
        let form = settings::form(&about, &FormPairs::parse(b"slug=tea&timeout_seconds=500"), &[], &errors);
        let text = html::check("new-errors", &NewPage { shell: shell(), about, form });
        assert!(text.contains("href=\"#f-settings-url\"") && text.contains("aria-invalid=\"true\""));
        assert!(text.contains("value=\"500\"") && text.contains("<details class=\"more\" open"));
    }
}
