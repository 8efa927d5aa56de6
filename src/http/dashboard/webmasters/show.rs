//! `/webmasters/{id}`: who he is, his tokens with a ready call, his flows, his postbacks and the ways into his portal.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use tower_sessions::Session;
use uuid::Uuid;

use super::edit;
use super::portal::{self, NewLink};
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db::{flow, portal_link, postback, token, user};
use crate::domain::status::Status;
use crate::http::api::postbacks::view::{self, PostbackView};
use crate::http::api::webmasters::{self, Webmaster};
use crate::http::dashboard::fields::{Field, Form};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, PageError, Shell};
use crate::http::dashboard::list::{Choice, offers};
use crate::http::dashboard::reports::quality::{self, Quality};
use crate::http::dashboard::texts::{self, say};
use crate::http::dashboard::{format, words};
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

/// Tokens, flows and postbacks shown.
const ROWS: i64 = 100;

#[derive(Template)]
#[template(path = "webmasters/show.html")]
struct Page {
    shell: Shell,
    webmaster: Webmaster,
    form: Form,
    tokens: Vec<token::Row>,
    flows: Vec<flow::Row>,
    postbacks: Vec<PostbackView>,
    flow_form: Form,
    postback_form: Form,
    /// A token that was just made; this page is the only one that shows it.
    issued: Option<Issued>,
    /// A signing secret that was just made.
    secret: Option<String>,
    logins: Vec<user::User>,
    login_form: Form,
    links: Vec<portal_link::PortalLink>,
    /// A way into the portal that was just made.
    link: Option<NewLink>,
    /// A call that posts a lead.
    curl: String,
    /// Of the form of a new token.
    once: Uuid,
    quality: Quality,
}

/// What a new token is called and reads.
pub(super) struct Issued {
    pub token: String,
    pub altercpa: Option<String>,
}

/// What of the page differs from a plain look at it.
#[derive(Default)]
pub(super) struct With {
    pub status: Option<StatusCode>,
    pub form: Option<Form>,
    pub flow_form: Option<Form>,
    pub postback_form: Option<Form>,
    pub issued: Option<Issued>,
    pub secret: Option<String>,
    pub login_form: Option<Form>,
    pub link: Option<NewLink>,
}

/// Reads a webmaster by id, number or slug.
pub(super) async fn find(app: &App, id: String) -> Result<Webmaster, Error> {
    let Json(webmaster) = webmasters::show(State(app.clone()), PathId(id)).await?;
    Ok(webmaster)
}

/// `GET /webmasters/{id}`
pub async fn show(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let webmaster = find(&app, id).await?;
    answer(&app, &session, &principal, webmaster, With::default()).await
}

/// Answers with the page.
pub(super) async fn answer(
    app: &App,
    session: &Session,
    principal: &Principal,
    webmaster: Webmaster,
    with: With,
) -> Answer {
    let shell = Shell::of(session, principal, webmaster.input.name.as_str(), "/webmasters").await?;
    let mut conn = app.db.acquire().await?;
    let of = Some(webmaster.id);
    let tokens = token::Filter { revoked: false, role: None, webmaster_id: of, network_id: None, offer_id: None };
    let flows = flow::Filter { archived: false, webmaster_id: of, offer_id: None };
    let rules = postback::Filter { archived: false, webmaster_id: of, flow_id: None, offer_id: None };
    let rules = postback::list(&mut conn, &rules, None, ROWS).await?;
    let flows = flow::list(&mut conn, &flows, None, ROWS).await?;
    let page = Page {
        shell,
        form: with.form.unwrap_or_else(|| edit::form(&edit::values(&webmaster), &[])),
        tokens: token::list(&mut conn, &tokens, None, ROWS).await?,
        postbacks: view::views(app, &mut conn, rules).await?,
        flow_form: with.flow_form.unwrap_or_else(|| flow_form(app, &FormPairs::default(), &[])),
        postback_form: match with.postback_form {
            Some(form) => form,
            None => postback_form(app, &flows, &FormPairs::default(), &[]),
        },
        flows,
        curl: curl(app, with.issued.as_ref().map(|issued| issued.token.as_str())),
        issued: with.issued,
        secret: with.secret,
        once: app.ids.next(),
        quality: quality::of(&mut conn, webmaster.id, &webmaster.input.slug, app.clock.now()).await?,
        logins: user::of_webmaster(&mut conn, webmaster.id, ROWS).await?,
        login_form: with.login_form.unwrap_or_else(|| portal::login_form(&FormPairs::default(), &[])),
        links: portal_link::of_webmaster(&mut conn, webmaster.id, ROWS).await?,
        link: with.link,
        webmaster,
    };
    drop(conn);
    let mut response: Response = layout::page_with(with.status.unwrap_or(StatusCode::OK), &page)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// A lead for the first offer that takes some, posted with this token.
fn curl(app: &App, token: Option<&str>) -> String {
    let rules = app.rules.load();
    let offer = rules.offers.values().filter(|offer| offer.enabled).min_by_key(|offer| offer.number);
    let slug = offer.map_or("OFFER", |offer| offer.slug.as_str());
    let base = app.public_url.as_str().trim_end_matches('/');
    format!(
        "curl -X POST '{base}/api/v1/leads?wait=10' \\\n  -H 'Authorization: Bearer {}' \\\n  -H 'Content-Type: application/json' \\\n  -d '{{\"offer\": \"{slug}\", \"name\": \"Ann Example\", \"phone\": \"+4915112345678\"}}'",
        token.unwrap_or("TOKEN")
    )
}

/// The form of a new flow.
pub(super) fn flow_form(app: &App, values: &FormPairs, errors: &[FieldError]) -> Form {
    let fields = vec![
        Field::new(values, "offer", "choice", say("column-offer")).of(offers(&app.rules.load())).required(),
        Field::new(values, "code", "text", say("flow-code")).help(say("flow-code-help")),
    ];
    Form::new(fields, Vec::new(), None, errors).named("flow")
}

/// The form of a new postback.
pub(super) fn postback_form(app: &App, flows: &[flow::Row], values: &FormPairs, errors: &[FieldError]) -> Form {
    let flow =
        |flow: &flow::Row| Choice { value: flow.code.clone(), label: format!("{} · {}", flow.code, flow.offer) };
    let plain = |pairs: &[(&str, &'static str)]| -> Vec<Choice> {
        pairs.iter().map(|(value, label)| Choice { value: (*value).to_owned(), label: say(*label).into() }).collect()
    };
    let fields = vec![Field::new(values, "url", "text", say("postback-url")).help(say("postback-url-help")).required()];
    let more = vec![
        Field::new(values, "statuses", "text", say("postback-statuses")).help(say("postback-statuses-help")),
        Field::new(values, "kind", "choice", say("postback-kind"))
            .of(plain(&[("main", "postback-kind-main"), ("additional", "postback-kind-additional")]))
            .help(say("postback-kind-help")),
        Field::new(values, "flow", "choice", say("postback-flow")).of(flows.iter().map(flow).collect()),
        Field::new(values, "offer", "choice", say("column-offer")).of(offers(&app.rules.load())),
        Field::new(values, "method", "choice", say("column-method"))
            .of(["GET", "POST"].map(|word| Choice { value: word.to_owned(), label: word.to_owned() }).to_vec()),
        Field::new(values, "body", "lines", say("postback-body")).help(say("postback-body-help")),
        Field::new(values, "signed", "bool", say("postback-signed")),
    ];
    Form::new(fields, more, Some(say("postback-more")), errors).named("postback")
}

/// Flows of a webmaster, for the choices of his forms.
pub(super) async fn flows_of(app: &App, webmaster: &Webmaster) -> Result<Vec<flow::Row>, PageError> {
    let filter = flow::Filter { archived: false, webmaster_id: Some(webmaster.id), offer_id: None };
    Ok(flow::list(&mut *app.db.acquire().await?, &filter, None, ROWS).await?)
}

impl Page {
    /// The statuses a postback tells, as people read them.
    fn told(&self, postback: &PostbackView) -> String {
        let all = Status::ALL.len() - 1;
        if postback.statuses.len() >= all {
            return say("postback-statuses-all").into();
        }
        postback.statuses.iter().map(|status| words::state(status)).collect::<Vec<_>>().join(", ")
    }

    fn scopes(&self, token: &token::Row) -> String {
        token.scopes.join(", ")
    }
}
