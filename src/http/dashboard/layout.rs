//! What every page stands in: the shell with its navigation, the flash of the last form, and the one way to
//! answer with a page or with an error that is a page.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use super::form::FormPairs;
use super::places::{GROUPS, Place};
use super::texts::{Text, say};
use crate::http::error::Error;
use crate::http::portal::places::PLACES;
use crate::http::principal::{Door, Principal, UserRole};
use crate::http::session;

/// Key of the flash in a session.
const FLASH: &str = "flash";

/// What the last form came to; shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// Whether it went well.
    pub is_ok: bool,
    /// One or two sentences.
    pub text: String,
}

/// A group of the menu.
#[derive(Clone, Debug)]
pub struct MenuGroup {
    pub title: Text,
    pub places: Vec<Place>,
}

/// The frame of a page.
#[derive(Clone, Debug)]
pub struct Shell {
    /// Of the window.
    pub title: String,
    /// Path of the place it belongs to, or nothing.
    pub active: &'static str,
    /// Who is signed in: an e-mail, or the webmaster who came by a link. Empty: nobody, and then there is no navigation.
    pub user_email: String,
    /// What this person may do.
    pub role: UserRole,
    /// Of the last form.
    pub flash: Option<Flash>,
}

impl Shell {
    /// The frame for whoever is signed in, with the flash that waits for him.
    pub async fn of(
        session: &Session,
        principal: &Principal,
        title: impl Into<String>,
        active: &'static str,
    ) -> Result<Self, Error> {
        let flash = session.remove(FLASH).await.map_err(|error| session::broken(&error))?;
        let (user_email, role) = match principal {
            Principal::User { email, role, .. } => (email.clone(), *role),
            Principal::Partner { door: Door::Login { email, .. }, .. } => (email.clone(), UserRole::Webmaster),
            Principal::Partner { name, .. } => (name.clone(), UserRole::Webmaster),
            _ => (String::new(), UserRole::Analyst),
        };
        Ok(Self { title: title.into(), active, user_email, role, flash })
    }

    /// The frame of a page for somebody who is not signed in.
    pub fn bare(title: impl Into<String>) -> Self {
        Self { title: title.into(), active: "", user_email: String::new(), role: UserRole::Analyst, flash: None }
    }

    /// Whether this person may change set-up and secrets.
    pub fn is_admin(&self) -> bool {
        self.role == UserRole::Admin
    }

    /// Whether this person may act on leads and networks.
    pub fn is_manager(&self) -> bool {
        self.role.is_manager()
    }

    /// Whether it is a page of a webmaster's portal.
    pub fn is_portal(&self) -> bool {
        self.role == UserRole::Webmaster
    }

    /// Where this person's own account is.
    pub fn account(&self) -> &'static str {
        if self.is_portal() { "/portal/account" } else { "/account" }
    }

    /// The menu: what this person may open.
    pub fn menu(&self) -> Vec<MenuGroup> {
        if self.is_portal() {
            return vec![MenuGroup { title: say("menu"), places: PLACES.to_vec() }];
        }
        let groups = GROUPS.iter().map(|group| MenuGroup { title: group.title(), places: group.open_to(self.role) });
        groups.filter(|group| !group.places.is_empty()).collect()
    }
}

/// An error that is answered with a page.
#[derive(Debug)]
pub struct PageError(pub Error);

impl<E: Into<Error>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        super::error_page(&self.0)
    }
}

/// What a handler of a page gives back.
pub type Answer = Result<Response, PageError>;

/// Renders a page.
pub fn page(template: &impl Template) -> Answer {
    page_with(StatusCode::OK, template)
}

/// Renders a page with a status of its own, such as 422 for a form that is shown again.
pub fn page_with(status: StatusCode, template: &impl Template) -> Answer {
    let html = template.render().map_err(|error| Error::Internal(error.into()))?;
    Ok((status, Html(html)).into_response())
}

/// Ends a form: leaves a sentence for the next page and goes there.
pub async fn done(session: &Session, to: &str, text: impl Into<String>) -> Answer {
    leave(session, true, text.into()).await?;
    Ok(Redirect::to(to).into_response())
}

/// Ends a form that could not be done: says why on the next page and goes there.
pub async fn refused(session: &Session, to: &str, text: impl Into<String>) -> Answer {
    leave(session, false, text.into()).await?;
    Ok(Redirect::to(to).into_response())
}

async fn leave(session: &Session, is_ok: bool, text: String) -> Result<(), Error> {
    session.insert(FLASH, Flash { is_ok, text }).await.map_err(|error| session::broken(&error))
}

/// Where a form came from: the list with its filters, when the form says so.
pub fn back(form: &FormPairs, otherwise: &str) -> String {
    form.given("back").and_then(local).unwrap_or(otherwise).to_owned()
}

/// A path of ours. `//host` and `/\host` lead elsewhere in browsers.
pub fn local(path: &str) -> Option<&str> {
    let is_local = path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && path.len() <= 2048;
    is_local.then_some(path)
}
