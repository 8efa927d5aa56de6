//! Who may call what: one table, enforced by one layer. A route that is not in the table is refused, and a test
//! walks the router against it.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tower_sessions::Session;
use uuid::Uuid;

use super::client_ip::ClientIp;
use super::dashboard::error_page;
use super::dashboard::reader::{self, Reader};
use super::dashboard::texts::say;
use super::error::Error;
use super::principal::{Principal, UserRole};
use super::routes::TABLE;
use super::session;
use crate::app::App;
use crate::base::secret;
use crate::domain::rules::{Rules, Token};

/// What a caller must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Nothing.
    Public,
    /// A token with this scope (`leads:write`, `leads:read`, `stats:read`), or an admin token.
    Scope(&'static str),
    /// An admin token.
    Admin,
    /// A session of a person with one of these roles; others are sent to the login page.
    Page(&'static [UserRole]),
    /// A session of a webmaster, who sees what is his own; people of the house have no portal.
    Portal,
    /// Any session.
    Session,
    /// The handler checks the AlterCPA form of a token and answers in that dialect.
    Legacy,
}

/// Everybody who works here: every role but the webmaster's.
pub const ANYONE: &[UserRole] = &[UserRole::Admin, UserRole::Manager, UserRole::Support, UserRole::Analyst];
/// Whoever works with leads: all but analysts, who see reports only.
pub const LEADS: &[UserRole] = &[UserRole::Admin, UserRole::Manager, UserRole::Support];
/// Whoever sees reports.
pub const REPORTS: &[UserRole] = &[UserRole::Admin, UserRole::Manager, UserRole::Analyst];
/// Admins and managers.
pub const MANAGERS: &[UserRole] = &[UserRole::Admin, UserRole::Manager];
/// Admins only.
pub const ADMINS: &[UserRole] = &[UserRole::Admin];

/// Where a webmaster begins.
pub const PORTAL: &str = "/portal";

/// Requests per minute of tokens that have a limit. One limiter per distinct limit.
pub type TokenLimits = std::sync::Mutex<HashMap<NonZeroU32, Arc<DefaultKeyedRateLimiter<Uuid>>>>;

static RIGHTS: LazyLock<HashMap<(&str, &str), Right>> =
    LazyLock::new(|| TABLE.iter().map(|(method, path, right)| ((*method, *path), *right)).collect());

/// The right a route asks for. HEAD asks for what GET asks for.
pub fn of(method: &str, path: &str) -> Option<Right> {
    let method = if method == "HEAD" { "GET" } else { method };
    RIGHTS.get(&(method, path)).copied()
}

/// The layer: decides who is asking and whether that is enough.
pub async fn guard(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let right = request.extensions().get::<MatchedPath>().and_then(|path| of(request.method().as_str(), path.as_str()));
    let result = match right {
        None => Err(Error::MethodNotAllowed.into_response()),
        Some(Right::Public | Right::Legacy) => Ok(None),
        Some(Right::Scope(scope)) => {
            token_principal(&app, &request, Some(scope)).map(Some).map_err(IntoResponse::into_response)
        }
        Some(Right::Admin) => token_principal(&app, &request, None).map(Some).map_err(IntoResponse::into_response),
        Some(right @ (Right::Page(_) | Right::Portal | Right::Session)) => {
            return page(&app, right, request, next).await;
        }
    };
    match result {
        Ok(principal) => {
            if let Some(principal) = principal {
                request.extensions_mut().insert(principal);
            }
            next.run(request).await
        }
        Err(response) => response,
    }
}

/// The token a request presents: `Authorization: Bearer`, `X-Api-Key`, or `api_key` in the query.
pub(super) fn presented(headers: &HeaderMap, query: Option<&str>) -> Option<String> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned());
    let key = || headers.get("x-api-key").and_then(|value| value.to_str().ok()).map(|value| value.trim().to_owned());
    let in_query = || {
        url::form_urlencoded::parse(query?.as_bytes())
            .find(|(name, _)| name == "api_key")
            .map(|(_, value)| value.into_owned())
    };
    bearer.or_else(key).or_else(in_query)
}

/// A token's body: the 48 characters after `lr_`, or after `{number}-` in the AlterCPA form.
pub fn token_body(text: &str) -> Option<&str> {
    let body = text.strip_prefix("lr_").or_else(|| text.split_once('-').map(|(_, key)| key))?;
    (body.len() == 48 && body.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(body)
}

/// Finds a live token by its text.
pub fn find_token(rules: &Rules, text: &str) -> Option<Arc<Token>> {
    let body = token_body(text)?;
    let token = rules.tokens.get(body.get(..8)?)?;
    secret::same(&secret::hash(body), &token.hash).then(|| Arc::clone(token))
}

/// Whether this address has failed too often lately; counts one failure.
pub fn count_failure(app: &App, ip: Option<ClientIp>) -> Error {
    use governor::clock::{Clock as _, DefaultClock};
    let Some(ClientIp(ip)) = ip else { return Error::Unauthorized };
    match app.failures.check_key(&ip) {
        Ok(()) => Error::Unauthorized,
        Err(until) => Error::TooMany { after: until.wait_time_from(DefaultClock::default().now()) },
    }
}

fn token_principal(app: &App, request: &Request, scope: Option<&str>) -> Result<Principal, Error> {
    let ip = request.extensions().get::<ClientIp>().copied();
    // Queries end up in the logs of proxies: only those who post leads may not be able to set a header.
    let query = if scope == Some("leads:write") { request.uri().query() } else { None };
    let Some(text) = presented(request.headers(), query) else { return Err(Error::Unauthorized) };
    if let Some(hash) = &app.admin_token_hash
        && secret::same(&secret::hash(&text), hash)
    {
        return Ok(Principal::AdminToken { token_id: None });
    }
    let rules = app.rules.load();
    let Some(token) = find_token(&rules, &text) else { return Err(count_failure(app, ip)) };
    check_rate(app, &token)?;
    app.tokens_used.note(token.token_id, app.clock.now());
    principal_of(&rules, &token, scope)
}

/// Enforces a token's own limit.
pub fn check_rate(app: &App, token: &Token) -> Result<(), Error> {
    use governor::clock::{Clock as _, DefaultClock};
    let Some(limit) = token.rate_per_minute.and_then(NonZeroU32::new) else { return Ok(()) };
    let limiter = {
        let mut limits = app.token_limits.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(limits.entry(limit).or_insert_with(|| Arc::new(RateLimiter::keyed(Quota::per_minute(limit)))))
    };
    limiter
        .check_key(&token.token_id)
        .map_err(|until| Error::TooMany { after: until.wait_time_from(DefaultClock::default().now()) })
}

fn principal_of(rules: &Rules, token: &Token, scope: Option<&str>) -> Result<Principal, Error> {
    let has = |wanted: &str| token.scopes.iter().any(|scope| scope == wanted);
    match (token.role.as_str(), token.webmaster_id, scope) {
        ("admin", _, None) if !has("admin") => Err(Error::Forbidden("this token lacks the scope admin".into())),
        ("admin", _, Some(scope)) if !has("admin") && !has(scope) => {
            Err(Error::Forbidden(format!("this token lacks the scope {scope}")))
        }
        ("admin", _, _) => Ok(Principal::AdminToken { token_id: Some(token.token_id) }),
        ("webmaster", Some(webmaster_id), Some(scope)) => {
            if !has(scope) {
                return Err(Error::Forbidden(format!("this token lacks the scope {scope}")));
            }
            match rules.webmasters.get(&webmaster_id) {
                Some(webmaster) if webmaster.enabled => {
                    Ok(Principal::Webmaster { webmaster_id, token_id: token.token_id })
                }
                Some(_) => Err(Error::Forbidden("this webmaster is blocked".into())),
                None => Err(Error::Unauthorized),
            }
        }
        _ => Err(Error::Forbidden("an admin token is required".into())),
    }
}

/// The login page that leads back to where the person wanted to go: for a form, to the page it stood on.
fn login_url(request: &Request) -> String {
    let asked = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let next = if request.method() == Method::GET { Some(asked) } else { came_from(request.headers()) };
    let next: String = url::form_urlencoded::byte_serialize(next.as_deref().unwrap_or("/").as_bytes()).collect();
    format!("/login?next={next}")
}

/// The path of the page that a request came from. Whether it is one of ours is looked at by the login.
fn came_from(headers: &HeaderMap) -> Option<String> {
    let from = url::Url::parse(headers.get(header::REFERER)?.to_str().ok()?).ok()?;
    let is_ours = headers.get(header::HOST)?.to_str().ok()? == from.authority();
    let query = from.query().map(|query| format!("?{query}")).unwrap_or_default();
    is_ours.then(|| format!("{}{query}", from.path()))
}

/// Whether a page is open to somebody who is signed in.
fn may_open(right: Right, principal: &Principal) -> bool {
    match (right, principal) {
        (Right::Page(roles), Principal::User { role, .. }) => roles.contains(role),
        (Right::Portal, Principal::Partner { .. })
        | (Right::Session, Principal::User { .. } | Principal::Partner { .. }) => true,
        _ => false,
    }
}

/// A page, for somebody who is signed in and may see it, in his language and time zone.
async fn page(app: &App, right: Right, mut request: Request, next: Next) -> Response {
    let Some(session) = request.extensions().get::<Session>().cloned() else {
        return Redirect::to(&login_url(&request)).into_response();
    };
    let signed_in = match session::user_of(app, &session).await {
        Ok(Some(signed_in)) => signed_in,
        Ok(None) => return Redirect::to(&login_url(&request)).into_response(),
        Err(error) => return error_page(&error),
    };
    let ip = request.extensions().get::<ClientIp>().copied();
    if let Err(error) = session::note_seen(&session, request.headers(), ip, app.clock.now()).await {
        return error_page(&error);
    }
    let language = signed_in.language.unwrap_or_else(|| reader::wanted(request.headers()));
    let reader = Reader { language, zone: signed_in.zone };
    let may = may_open(right, &signed_in.principal);
    if !may && request.uri().path() == "/" {
        return Redirect::to(PORTAL).into_response();
    }
    request.extensions_mut().insert(signed_in.principal);
    reader::reading(
        reader,
        Box::pin(async move {
            if may { next.run(request).await } else { error_page(&Error::Forbidden(say("error-role").into())) }
        }),
    )
    .await
}
