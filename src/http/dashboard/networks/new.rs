//! `/networks/new`: choose an integration, then fill in what it asks for.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use tower_sessions::Session;

use super::settings;
use crate::adapters::About;
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::http::api::networks;
use crate::http::dashboard::fields::Form;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::integrations::Gallery;
use crate::http::dashboard::layout::{self, Answer, PageError, Shell};
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, QueryOf};
use crate::http::principal::Principal;

#[derive(Template)]
#[template(path = "networks/gallery.html")]
pub struct GalleryPage {
    shell: Shell,
    gallery: Gallery,
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

/// `GET /networks/new`
pub async fn show(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    QueryOf(query): QueryOf<NewQuery>,
) -> Answer {
    let shell = Shell::of(&session, &principal, say("networks-connect"), "/networks").await?;
    let Some(id) = query.integration else {
        return layout::page(&GalleryPage { shell, gallery: Gallery::to_use(&app.adapters) });
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
    fn the_first_step_is_the_gallery() {
        let registry = Registry::load(None).unwrap();
        let text = html::check("gallery", &GalleryPage { shell: shell(), gallery: Gallery::to_use(&registry) });
        assert!(text.contains("href=\"/networks/new?integration=sandbox\""));
        let empty = GalleryPage { shell: shell(), gallery: Gallery::to_use(&Registry::default()) };
        html::check("gallery-empty", &empty);
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
