//! People with a login. There is always an admin: the last one can be neither archived nor demoted.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::problems::{ChangeProblems, CreateProblems, DeleteProblems, ListProblems, ReadProblems};
use super::resource::{self, List};
use super::{input, list};
use crate::app::App;
use crate::base::email;
use crate::base::field_error::FieldError;
use crate::base::page::Limit;
use crate::db::reference::Reference;
use crate::db::{self, OnConstraint};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId, QueryOf};
use crate::http::password;
use crate::http::principal::{Principal, UserRole};

/// The operations on users.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(index, create)).routes(routes!(show, update, archive))
}

/// A user as an admin writes it.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserInput {
    /// Kept in lower case.
    #[schema(format = "email")]
    pub email: String,
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// What the person may do.
    pub role: UserRole,
    /// With the role `webmaster`, and with it alone: whose portal the login opens. Slug, id or number; answered as slug.
    #[serde(default, deserialize_with = "input::maybe_reference")]
    pub webmaster: Option<String>,
    /// At least 10 characters; never answered. Without one the person cannot sign in.
    #[serde(default, skip_serializing)]
    #[schema(write_only, min_length = 10, format = "password")]
    pub password: Option<String>,
}

impl std::fmt::Debug for UserInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserInput").field("role", &self.role).finish_non_exhaustive()
    }
}

/// A user as it is answered.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct User {
    /// UUIDv7.
    pub id: Uuid,
    #[serde(flatten)]
    pub input: UserInput,
    pub webmaster_id: Option<Uuid>,
    /// Whether the person can sign in.
    pub has_password: bool,
    /// Whether a code of an authenticator is asked for at sign-in, too.
    pub has_second_factor: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub last_login_at: Option<DateTime<Utc>>,
}

/// The role is one this program does not know: written by a later version.
pub(in crate::http) fn view(row: db::user::User) -> Result<User, Error> {
    let role =
        row.role.parse().map_err(|_| Error::Internal(anyhow::anyhow!("user {} has no known role", row.user_id)))?;
    Ok(User {
        id: row.user_id,
        input: UserInput { email: row.email, name: row.name, role, webmaster: row.webmaster, password: None },
        webmaster_id: row.webmaster_id,
        has_password: row.password_hash.is_some(),
        has_second_factor: row.totp_since.is_some(),
        created_at: row.created_at,
        updated_at: row.updated_at,
        last_login_at: row.last_login_at,
    })
}

/// What is stored of a user.
struct Stored {
    email: String,
    name: String,
    webmaster_id: Option<Uuid>,
}

/// What is stored, or everything that is wrong. The webmaster of `before` stays, though he may be archived.
async fn check(conn: &mut PgConnection, wanted: &UserInput, before: Option<&User>) -> Result<Stored, Error> {
    let mut errors: Vec<FieldError> = Vec::new();
    let webmaster_id = match (wanted.role, &wanted.webmaster) {
        (UserRole::Webmaster, Some(reference)) => {
            let found = db::webmaster::find(conn, &Reference::parse(reference)).await?;
            let of_before = before.and_then(|user| user.webmaster_id);
            let found = found.filter(|row| row.archived_at.is_none() || of_before == Some(row.webmaster_id));
            if found.is_none() {
                errors.push(input::unknown("webmaster", "webmaster"));
            }
            found.map(|row| row.webmaster_id)
        }
        (UserRole::Webmaster, None) => {
            errors.push(FieldError::required("webmaster"));
            None
        }
        (_, Some(_)) => {
            errors.push(FieldError::invalid("webmaster", "goes with the role webmaster only"));
            None
        }
        (_, None) => None,
    };
    let address = email::parse(&wanted.email)
        .map_err(|error| errors.push(FieldError::invalid("email", error.to_string())))
        .unwrap_or_default();
    let name = input::name("name", &wanted.name, "", &mut errors);
    errors.extend(wanted.password.as_ref().and_then(|password| password::check("password", password)));
    input::refuse(errors)?;
    Ok(Stored { email: address, name, webmaster_id })
}

fn taken() -> Error {
    Error::field("email", "taken", "belongs to another user")
}

/// By id or e-mail.
async fn find(conn: &mut PgConnection, reference: &str) -> Result<User, Error> {
    let row = match Uuid::parse_str(reference) {
        Ok(id) => db::user::find(conn, id).await?,
        Err(_) if reference.contains('\0') => None,
        Err(_) => db::user::find_by_email(conn, reference).await?,
    };
    row.map(view).transpose()?.ok_or(Error::NotFound("user"))
}

/// Code of the conflict when nobody would be left who may do everything.
pub(in crate::http) const LAST_ADMIN: &str = "last_admin";

/// Somebody must be left who may do everything and can sign in, if there is one now.
async fn keep_an_admin(conn: &mut PgConnection, leaving: Uuid) -> Result<(), Error> {
    let admins = db::user::lock_admins(conn).await?;
    let Some(gone) = admins.iter().find(|admin| admin.user_id == leaving) else { return Ok(()) };
    let is_as_good = |admin: &&db::user::Admin| admin.user_id != leaving && (admin.can_sign_in || !gone.can_sign_in);
    if !admins.iter().any(|admin| is_as_good(&admin)) {
        let detail = "this is the last admin who can sign in: make somebody else an admin with a password first";
        return Err(Error::Conflict { code: LAST_ADMIN, detail: detail.to_owned(), lead_id: None });
    }
    Ok(())
}

/// What a list of users is narrowed to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserQuery {
    /// At most 500; 50 when absent.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Only those with this role.
    role: Option<UserRole>,
}

/// List users
#[utoipa::path(get, path = "/api/v1/users", tag = "users", operation_id = "list_users", params(UserQuery),
    responses((status = 200, description = "A page in the order they came", body = List<User>), ListProblems))]
async fn index(State(app): State<App>, QueryOf(query): QueryOf<UserQuery>) -> Result<Json<List<User>>, Error> {
    let after = list::after(query.cursor.as_deref())?;
    let mut conn = app.db.acquire().await?;
    let role = query.role.map(UserRole::as_str);
    let rows = db::user::list(&mut conn, role, after, query.limit.fetch()).await?;
    let page = list::answer(rows, query.limit, |row| row.user_id, view);
    let items = page.items.into_iter().collect::<Result<Vec<User>, Error>>()?;
    Ok(Json(List { items, next_cursor: page.next_cursor }))
}

/// Add a user
#[utoipa::path(post, path = "/api/v1/users", tag = "users", operation_id = "create_user", request_body = UserInput,
    responses((status = 201, description = "The user", body = User), CreateProblems))]
pub(in crate::http) async fn create(
    State(app): State<App>,
    principal: Principal,
    JsonBody(body): JsonBody<Value>,
) -> Result<(StatusCode, Json<User>), Error> {
    let wanted: UserInput = input::created(body)?;
    let stored = check(&mut *app.db.acquire().await?, &wanted, None).await?;
    let hash = match wanted.password {
        Some(password) => Some(password::hash(password).await?),
        None => None,
    };
    let id = app.ids.next();
    let mut tx = app.db.begin().await?;
    db::user::insert(
        &mut tx,
        id,
        &stored.email,
        &stored.name,
        (wanted.role.as_str(), stored.webmaster_id),
        hash.as_deref(),
    )
    .await
    .on_constraint("app_user_email_uq", taken)?;
    let user = find(&mut tx, &id.to_string()).await?;
    let after = serde_json::to_value(&user).ok();
    resource::audit(&mut tx, &app, &principal, "user.create", ("user", id), None, after).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(user)))
}

/// Takes the password out of a body: left out, cleared by null, or given.
fn take_password(body: &mut Value) -> Result<Option<Option<String>>, Error> {
    match body.as_object_mut().and_then(|body| body.remove("password")) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(Value::String(password)) => Ok(Some(Some(password))),
        Some(_) => Err(Error::field("password", "invalid", "must be a string")),
    }
}

/// Read a user
#[utoipa::path(get, path = "/api/v1/users/{id}", tag = "users", operation_id = "get_user",
    params(("id" = String, Path, description = "Id or e-mail")),
    responses((status = 200, description = "The user", body = User), ReadProblems))]
async fn show(State(app): State<App>, PathId(id): PathId) -> Result<Json<User>, Error> {
    let mut conn = app.db.acquire().await?;
    find(&mut conn, &id).await.map(Json)
}

/// Change a user
///
/// A merge patch. A password left out is kept, null clears it; a changed one ends the sessions.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "users", operation_id = "update_user",
    params(("id" = String, Path, description = "Id or e-mail")),
    request_body(content = UserInput, description = "Any of the fields"),
    responses((status = 200, description = "The user", body = User), ChangeProblems))]
pub(in crate::http) async fn update(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(mut patch): JsonBody<Value>,
) -> Result<Json<User>, Error> {
    let password = take_password(&mut patch)?;
    let errors = password.iter().flatten().filter_map(|password| password::check("password", password)).collect();
    input::refuse(errors)?;
    // Hashed before the transaction, so that no lock waits for it.
    let hash = match password {
        None => None,
        Some(None) => Some(None),
        Some(Some(password)) => Some(Some(password::hash(password).await?)),
    };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let found = find(&mut tx, &id).await?;
    if found.input.role == UserRole::Admin {
        db::user::lock_admins(&mut tx).await?;
    }
    let before = find(&mut tx, &found.id.to_string()).await?;
    let wanted = resource::patched(&before.input, patch)?;
    let stored = check(&mut tx, &wanted, Some(&before)).await?;
    let loses_password = hash == Some(None) && before.has_password;
    if before.input.role == UserRole::Admin && (wanted.role != UserRole::Admin || loses_password) {
        keep_an_admin(&mut tx, before.id).await?;
    }
    db::user::update(&mut tx, before.id, &stored.email, &stored.name, (wanted.role.as_str(), stored.webmaster_id), now)
        .await
        .on_constraint("app_user_email_uq", taken)?;
    if let Some(hash) = hash {
        db::user::set_password(&mut tx, before.id, hash.as_deref(), now).await?;
    }
    let user = find(&mut tx, &before.id.to_string()).await?;
    let (was, is) = (serde_json::to_value(&before).ok(), serde_json::to_value(&user).ok());
    resource::audit(&mut tx, &app, &principal, "user.update", ("user", user.id), was, is).await?;
    tx.commit().await?;
    Ok(Json(user))
}

/// Close a user's account
///
/// The sessions end at once; the e-mail may be used again.
#[utoipa::path(delete, path = "/api/v1/users/{id}", tag = "users", operation_id = "archive_user",
    params(("id" = String, Path, description = "Id or e-mail")),
    responses((status = 204, description = "Closed"), DeleteProblems))]
pub(in crate::http) async fn archive(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
) -> Result<StatusCode, Error> {
    let mut tx = app.db.begin().await?;
    let before = find(&mut tx, &id).await?;
    keep_an_admin(&mut tx, before.id).await?;
    db::user::archive(&mut tx, before.id, app.clock.now()).await?;
    let was = serde_json::to_value(&before).ok();
    resource::audit(&mut tx, &app, &principal, "user.archive", ("user", before.id), was, None).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
