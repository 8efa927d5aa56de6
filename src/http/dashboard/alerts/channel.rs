//! `/alerts/channels/new` and `/alerts/channels/{id}`: a channel, its test, its end.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use chrono_tz::Tz;
use serde_json::{Value, json};
use tower_sessions::Session;
use uuid::Uuid;

use super::channel_form::{self, secret_name};
use super::page::{self, ChannelLine};
use super::words;
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db::OnConstraint;
use crate::db::alert_channel::{self, Row};
use crate::flow::alerts::way::{ChannelKind, Secrets, Way, WayError};
use crate::flow::alerts::{self, Attempt, Voice};
use crate::http::api::resource;
use crate::http::dashboard::fields::Form;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::format;
use crate::http::dashboard::layout::{self, Answer, PageError, Shell, done, refused};
use crate::http::dashboard::list::Asked;
use crate::http::dashboard::once::Once;
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;
use crate::net::sign;

/// A kind to choose, on the page of a new channel.
pub(super) struct Tab {
    pub kind: &'static str,
    pub is_chosen: bool,
}

#[derive(Template)]
#[template(path = "alerts/channel_new.html")]
pub(super) struct NewPage {
    pub shell: Shell,
    pub kind: ChannelKind,
    pub tabs: Vec<Tab>,
    pub form: Form,
    pub once: Uuid,
}

#[derive(Template)]
#[template(path = "alerts/channel.html")]
pub(super) struct Page {
    pub shell: Shell,
    pub channel: ChannelLine,
    pub form: Form,
    /// A signing secret that was just made; this page is the only one that shows it.
    pub issued: Option<String>,
    pub tested: Option<Attempt>,
}

impl Page {
    fn took(&self, tested: &Attempt) -> i32 {
        i32::try_from(tested.took_ms).unwrap_or(i32::MAX)
    }
}

/// What of the page differs from a plain look at it.
#[derive(Default)]
struct With {
    status: Option<StatusCode>,
    form: Option<Form>,
    issued: Option<String>,
    tested: Option<Attempt>,
}

fn broken(error: WayError) -> Error {
    Error::Internal(error.into())
}

fn kind_of(row: &Row) -> Result<ChannelKind, Error> {
    row.kind.parse().map_err(|_| broken(WayError::Unreadable))
}

async fn find(app: &App, id: &str) -> Result<Row, Error> {
    let missing = || Error::NotFound("channel");
    let id = Uuid::parse_str(id).map_err(|_| missing())?;
    alert_channel::find(&mut *app.db.acquire().await?, id).await?.ok_or_else(missing)
}

fn new_page(app: &App, shell: Shell, kind: ChannelKind, form: Form) -> NewPage {
    let tab = |one: &ChannelKind| Tab { kind: one.as_str(), is_chosen: *one == kind };
    NewPage { shell, kind, tabs: ChannelKind::ALL.iter().map(tab).collect(), form, once: app.ids.next() }
}

/// `GET /alerts/channels/new`, with `kind`.
pub async fn begin(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    RawQuery(query): RawQuery,
) -> Answer {
    let asked = Asked::read("/alerts", query.as_deref());
    let kind = asked.given("kind").and_then(|kind| kind.parse().ok()).unwrap_or(ChannelKind::Email);
    let shell = Shell::of(&session, &principal, say("alert-channel-new"), "/alerts").await?;
    let form = channel_form::form(kind, &channel_form::new_values(kind), false, &[]);
    layout::page(&new_page(&app, shell, kind, form))
}

/// `POST /alerts/channels/new`. A webhook without a secret gets one, which the answer alone shows.
pub async fn create(State(app): State<App>, session: Session, principal: Principal, pairs: FormPairs) -> Answer {
    let kind: ChannelKind = pairs.get("kind").parse().map_err(|_| Error::field("kind", "invalid", "is unknown"))?;
    let Some(once) = Once::claim(&app, &principal, &pairs).await? else {
        return refused(&session, "/alerts#channels", say("alert-channel-sent-before")).await;
    };
    let typed = pairs.get(secret_name(kind));
    let made = (kind == ChannelKind::Webhook && typed.is_empty()).then(|| sign::new_secret(&app.ids.bytes::<32>()));
    match once.then(&app, insert(&app, &principal, kind, &pairs, made.as_deref())).await {
        Ok(row) if made.is_some() => {
            answer(&app, &session, &principal, row, With { issued: made, ..With::default() }).await
        }
        Ok(row) => {
            let here = format!("/alerts/channels/{}", row.alert_channel_id);
            done(&session, &here, say("alert-channel-made").with("name", &row.name)).await
        }
        Err(Error::Invalid(errors)) => {
            let shell = Shell::of(&session, &principal, say("alert-channel-new"), "/alerts").await?;
            let form = channel_form::form(kind, &pairs, false, &errors);
            layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &new_page(&app, shell, kind, form))
        }
        Err(error) => Err(PageError(error)),
    }
}

fn taken() -> Error {
    Error::Invalid(vec![FieldError::new("name", "taken", say("alert-channel-taken"))])
}

async fn insert(
    app: &App,
    principal: &Principal,
    kind: ChannelKind,
    pairs: &FormPairs,
    made: Option<&str>,
) -> Result<Row, Error> {
    let id = app.ids.next();
    let read = channel_form::read(&app.net, kind, id, pairs, Secrets::default(), made);
    let (mut row, secrets) = read.map_err(Error::Invalid)?;
    row.secrets = secrets.seal(&app.seal, id).map_err(broken)?;
    let mut tx = app.db.begin().await?;
    alert_channel::insert(&mut tx, &row, app.clock.now()).await.on_constraint("alert_channel_name_uq", taken)?;
    let object = ("alert_channel", id);
    resource::audit(&mut tx, app, principal, "alert_channel.create", object, None, Some(told(&row))).await?;
    tx.commit().await?;
    Ok(row)
}

/// A channel for the audit log, without its secrets.
fn told(row: &Row) -> Value {
    json!({
        "name": row.name, "kind": row.kind, "settings": row.settings, "secret_set": row.secrets.is_some(),
        "enabled": row.enabled, "language": row.language, "time_zone": row.time_zone, "quiet_from": row.quiet_from,
        "quiet_until": row.quiet_until, "critical_passes": row.critical_passes, "per_hour": row.per_hour,
        "repeat_hours": row.repeat_hours,
    })
}

async fn answer(app: &App, session: &Session, principal: &Principal, row: Row, with: With) -> Answer {
    let kind = kind_of(&row)?;
    // What was just tried stands in the state.
    let row = find(app, &row.alert_channel_id.to_string()).await?;
    let shell = Shell::of(session, principal, row.name.as_str(), "/alerts").await?;
    let has_secret = row.secrets.is_some();
    let page = Page {
        shell,
        form: with.form.unwrap_or_else(|| channel_form::form(kind, &channel_form::values(&row), has_secret, &[])),
        channel: page::channel_line(row),
        issued: with.issued,
        tested: with.tested,
    };
    layout::page_with(with.status.unwrap_or(StatusCode::OK), &page)
}

/// `GET /alerts/channels/{id}`
pub async fn show(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let row = find(&app, &id).await?;
    answer(&app, &session, &principal, row, With::default()).await
}

/// `POST /alerts/channels/{id}`
pub async fn update(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    pairs: FormPairs,
) -> Answer {
    let before = find(&app, &id).await?;
    match change(&app, &principal, before.alert_channel_id, &pairs).await {
        Ok(()) => done(&session, &format!("/alerts/channels/{}", before.alert_channel_id), say("saved")).await,
        Err(Error::Invalid(errors)) => {
            let form = channel_form::form(kind_of(&before)?, &pairs, before.secrets.is_some(), &errors);
            let with = With { status: Some(StatusCode::UNPROCESSABLE_ENTITY), form: Some(form), ..With::default() };
            answer(&app, &session, &principal, before, with).await
        }
        Err(error) => Err(PageError(error)),
    }
}

async fn change(app: &App, principal: &Principal, id: Uuid, pairs: &FormPairs) -> Result<(), Error> {
    let mut tx = app.db.begin().await?;
    let before = alert_channel::lock(&mut tx, id).await?.ok_or(Error::NotFound("channel"))?;
    let secrets = Secrets::open(&app.seal, &before).map_err(broken)?;
    let read = channel_form::read(&app.net, kind_of(&before)?, id, pairs, secrets, None);
    let (mut row, secrets) = read.map_err(Error::Invalid)?;
    row.secrets = secrets.seal(&app.seal, id).map_err(broken)?;
    alert_channel::update(&mut tx, &row, app.clock.now()).await.on_constraint("alert_channel_name_uq", taken)?;
    if before.enabled && !row.enabled {
        alert_channel::forget_waiting(&mut tx, id).await?;
    }
    let (was, is) = (Some(told(&before)), Some(told(&row)));
    resource::audit(&mut tx, app, principal, "alert_channel.update", ("alert_channel", id), was, is).await?;
    tx.commit().await?;
    Ok(())
}

/// `POST /alerts/channels/{id}/test`: really sends a message, and shows what was answered.
pub async fn test(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let row = find(&app, &id).await?;
    let way = Way::open(&app.seal, &row).map_err(broken)?;
    let now = app.clock.now();
    let voice = Voice { language: row.language.clone(), zone: row.time_zone.parse().unwrap_or(Tz::UTC) };
    let message_id = app.ids.next();
    let message = words::sample(&voice, &row.name, message_id, now);
    let tested = alerts::deliver(&app, &way, message_id, &message).await;
    let mut conn = app.db.acquire().await?;
    alert_channel::note_try(&mut conn, row.alert_channel_id, tested.failure.as_deref(), app.clock.now()).await?;
    drop(conn);
    answer(&app, &session, &principal, row, With { tested: Some(tested), ..With::default() }).await
}

/// `POST /alerts/channels/{id}/archive`
pub async fn archive(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let id = find(&app, &id).await?.alert_channel_id;
    let mut tx = app.db.begin().await?;
    let row = alert_channel::lock(&mut tx, id).await?.ok_or(Error::NotFound("channel"))?;
    alert_channel::archive(&mut tx, id, app.clock.now()).await?;
    alert_channel::forget_waiting(&mut tx, id).await?;
    let object = ("alert_channel", id);
    resource::audit(&mut tx, &app, &principal, "alert_channel.archive", object, Some(told(&row)), None).await?;
    tx.commit().await?;
    done(&session, "/alerts#channels", say("alert-channel-archived").with("name", &row.name)).await
}
