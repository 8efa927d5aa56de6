//! `/users/new` and `/users/{id}`: who somebody is and what he may do.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;
use tower_sessions::Session;
use uuid::Uuid;

use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db;
use crate::http::api::users::{self, LAST_ADMIN, User};
use crate::http::dashboard::account::sessions::{self, SessionLine};
use crate::http::dashboard::fields::{Draft, Field, Form};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::format;
use crate::http::dashboard::layout::{self, Answer, PageError, Shell, done, refused};
use crate::http::dashboard::list::Choice;
use crate::http::dashboard::once::Once;
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId};
use crate::http::principal::{Principal, UserRole};

/// Letters of a password that is made here.
const PASSWORD: usize = 20;

/// The roles that can be given here, the mightiest first.
pub(super) const ROLES: [UserRole; 4] = [UserRole::Admin, UserRole::Manager, UserRole::Support, UserRole::Analyst];

/// What a role is called.
pub(super) fn role_name(role: &str) -> String {
    texts::find(&format!("role-{role}")).unwrap_or_else(|| role.to_owned())
}

/// A role and what it may do.
struct RoleLine {
    name: String,
    may: String,
}

fn roles() -> Vec<RoleLine> {
    let line = |role: &UserRole| RoleLine {
        name: role_name(role.as_str()),
        may: texts::find(&format!("role-may-{role}")).unwrap_or_default(),
    };
    ROLES.iter().map(line).collect()
}

/// A password that was just made; the page that has one is the only one that shows it.
pub(super) struct Made {
    pub email: String,
    pub password: String,
}

#[derive(Template)]
#[template(path = "users/new.html")]
struct NewPage {
    shell: Shell,
    form: Form,
    roles: Vec<RoleLine>,
    once: Uuid,
}

#[derive(Template)]
#[template(path = "users/show.html")]
struct Page {
    shell: Shell,
    user: User,
    archived: bool,
    /// The one who looks.
    is_self: bool,
    form: Form,
    roles: Vec<RoleLine>,
    sessions: Vec<SessionLine>,
    made: Option<Made>,
    once: Uuid,
}

/// What of the page differs from a plain look at it.
#[derive(Default)]
pub(super) struct With {
    pub status: Option<StatusCode>,
    pub form: Option<Form>,
    pub made: Option<Made>,
}

/// A person, the account open or closed.
pub(super) struct Found {
    pub user: User,
    pub archived: bool,
}

/// Reads a person by id.
pub(super) async fn find(app: &App, id: &str) -> Result<Found, Error> {
    let missing = || Error::NotFound("user");
    let user_id = Uuid::parse_str(id).map_err(|_| missing())?;
    let row = db::user::find_any(&mut *app.db.acquire().await?, user_id).await?.ok_or_else(missing)?;
    // The logins of a webmaster stand on his own page.
    if row.webmaster_id.is_some() {
        return Err(missing());
    }
    Ok(Found { archived: row.archived_at.is_some(), user: users::view(row)? })
}

/// Whether this is the one who asks.
pub(super) fn is_self(principal: &Principal, user: &User) -> bool {
    matches!(principal, Principal::User { user_id, .. } if *user_id == user.id)
}

fn form(values: &FormPairs, password: Option<&'static str>, errors: &[FieldError]) -> Form {
    let role = |role: &UserRole| Choice { value: role.to_string(), label: role_name(role.as_str()) };
    let mut fields = vec![
        Field::new(values, "email", "text", say("field-email")).required(),
        Field::new(values, "name", "text", say("column-person")),
        Field::new(values, "role", "choice", say("column-role")).of(ROLES.iter().map(role).collect()).required(),
    ];
    if let Some(help) = password {
        fields.push(Field::new(values, "password", "secret", say("field-password")).help(say(help)));
    }
    Form::new(fields, Vec::new(), None, errors)
}

fn values(user: &User) -> FormPairs {
    let role = user.input.role.as_str();
    let pairs = [("email", user.input.email.as_str()), ("name", user.input.name.as_str()), ("role", role)];
    FormPairs(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// The body of the API's call; a password that is empty is left out.
fn body(pairs: &FormPairs, takes_password: bool) -> Result<Value, Error> {
    let mut draft = Draft::of(pairs);
    draft.texts(&["email", "name", "role"]);
    let password = pairs.raw("password");
    if takes_password && !password.is_empty() {
        draft.set("password", Value::from(password));
    }
    draft.end().map_err(Error::Invalid)
}

/// A password nobody has chosen.
pub(super) fn new_password(app: &App) -> String {
    app.ids.secret(PASSWORD)
}

async fn new_page(app: &App, session: &Session, principal: &Principal, form: Form) -> Result<NewPage, Error> {
    let shell = Shell::of(session, principal, say("users-new"), "/users").await?;
    Ok(NewPage { shell, form, roles: roles(), once: app.ids.next() })
}

/// `GET /users/new`
pub async fn begin(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    let form = form(&FormPairs::default(), Some("user-password-new-help"), &[]);
    layout::page(&new_page(&app, &session, &principal, form).await?)
}

/// `POST /users/new`. Without a password one is made, which the answer alone shows.
pub async fn create(State(app): State<App>, session: Session, principal: Principal, pairs: FormPairs) -> Answer {
    let Some(once) = Once::claim(&app, &principal, &pairs).await? else {
        return refused(&session, "/users", say("user-sent-before")).await;
    };
    let made = pairs.raw("password").is_empty().then(|| new_password(&app));
    let created = once.then(&app, async {
        let mut body = body(&pairs, true)?;
        if let (Some(body), Some(password)) = (body.as_object_mut(), &made) {
            body.insert("password".to_owned(), Value::from(password.as_str()));
        }
        users::create(State(app.clone()), principal.clone(), JsonBody(body)).await
    });
    match (created.await, made) {
        (Ok((_, Json(user))), None) => {
            let text = say("user-made").with("email", &user.input.email);
            done(&session, &format!("/users/{}", user.id), text).await
        }
        (Ok((_, Json(user))), Some(password)) => {
            let made = Some(Made { email: user.input.email.clone(), password });
            let with = With { made, ..With::default() };
            answer(&app, &session, &principal, Found { user, archived: false }, with).await
        }
        (Err(Error::Invalid(errors)), _) => {
            let form = form(&pairs, Some("user-password-new-help"), &errors);
            let page = new_page(&app, &session, &principal, form).await?;
            layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        (Err(error), _) => Err(PageError(error)),
    }
}

/// Answers with the page of a person.
pub(super) async fn answer(app: &App, session: &Session, principal: &Principal, found: Found, with: With) -> Answer {
    let Found { user, archived } = found;
    let is_self = is_self(principal, &user);
    let help = (!is_self).then_some("user-password-help");
    let page = Page {
        shell: Shell::of(session, principal, user.input.email.as_str(), "/users").await?,
        form: with.form.unwrap_or_else(|| form(&values(&user), help, &[])),
        roles: roles(),
        sessions: sessions::of_user(app, user.id, session).await?,
        made: with.made,
        once: app.ids.next(),
        user,
        archived,
        is_self,
    };
    layout::page_with(with.status.unwrap_or(StatusCode::OK), &page)
}

/// `GET /users/{id}`
pub async fn show(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let found = find(&app, &id).await?;
    answer(&app, &session, &principal, found, With::default()).await
}

/// `POST /users/{id}`
pub async fn update(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    pairs: FormPairs,
) -> Answer {
    let before = find(&app, &id).await?;
    let is_self = is_self(&principal, &before.user);
    let here = format!("/users/{}", before.user.id);
    let changed = async {
        let body = body(&pairs, !is_self)?;
        users::update(State(app.clone()), principal.clone(), PathId(before.user.id.to_string()), JsonBody(body)).await
    };
    match changed.await {
        // Who is no admin any more may not look at this page.
        Ok(Json(user)) if is_self && user.input.role != UserRole::Admin => done(&session, "/", say("saved")).await,
        Ok(_) => done(&session, &here, say("saved")).await,
        Err(Error::Conflict { code: LAST_ADMIN, .. }) => refused(&session, &here, say("user-last-admin")).await,
        Err(Error::Invalid(errors)) => {
            let help = (!is_self).then_some("user-password-help");
            let with = With {
                status: Some(StatusCode::UNPROCESSABLE_ENTITY),
                form: Some(form(&pairs, help, &errors)),
                ..With::default()
            };
            answer(&app, &session, &principal, before, with).await
        }
        Err(error) => Err(PageError(error)),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::http::api::users::UserInput;
    use crate::http::dashboard::html;
    use crate::http::dashboard::overview::tests::shell;

    fn page(is_self: bool, archived: bool) -> Page {
        let input = UserInput {
            email: "bob@example.com".into(),
            name: "<b>Bob".into(),
            role: UserRole::Manager,
            webmaster: None,
            password: None,
        };
        let user = User {
            id: Uuid::from_u128(7),
            input,
            webmaster_id: None,
            has_password: true,
            has_second_factor: true,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            last_login_at: Some(DateTime::UNIX_EPOCH),
        };
        let form = form(&values(&user), (!is_self).then_some("user-password-help"), &[]);
        let once = Uuid::from_u128(8);
        Page {
            shell: shell("/users"),
            user,
            archived,
            is_self,
            form,
            roles: roles(),
            sessions: Vec::new(),
            made: None,
            once,
        }
    }

    #[test]
    fn each_account_offers_what_can_be_done_about_it() {
        let other = html::check("user", &page(false, false));
        assert!(other.contains("&#60;b&#62;Bob") && !other.contains("<b>Bob"));
        for act in ["/password", "/second-factor/off", "/archive"] {
            assert!(other.contains(&format!("/users/{}{act}\"", Uuid::from_u128(7))), "{act}");
        }
        let own = html::check("user-self", &page(true, false));
        assert!(!own.contains("/password\"") && own.contains("href=\"/account\""));
        let gone = html::check("user-archived", &page(false, true));
        assert!(gone.contains("/restore\"") && !gone.contains("/archive\"") && !gone.contains("/password\""));
    }

    #[test]
    fn each_role_says_what_it_may() {
        assert!(roles().iter().all(|role| !role.may.is_empty() && !role.name.is_empty()));
        let form = form(&FormPairs::default(), Some("user-password-new-help"), &[]);
        let once = Uuid::from_u128(8);
        html::check("user-new", &NewPage { shell: shell("/users"), form, roles: roles(), once });
    }
}
