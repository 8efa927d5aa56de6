//! `/tokens/new`: a token for programs of one's own. The answer to the form is the one page that shows it.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;
use tower_sessions::Session;
use uuid::Uuid;

use crate::app::App;
use crate::base::field_error::FieldError;
use crate::http::api::token_issue;
use crate::http::dashboard::fields::{Draft, Field, Form};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, PageError, Shell, refused};
use crate::http::dashboard::once::Once;
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::extract::JsonBody;
use crate::http::principal::Principal;

/// The scopes, each with the name of its box and its text.
const SCOPES: [(&str, &str, &str); 4] = [
    ("admin", "scopes.admin", "token-scope-admin"),
    ("leads:write", "scopes.write", "token-scope-write"),
    ("leads:read", "scopes.read", "token-scope-read"),
    ("stats:read", "scopes.stats", "token-scope-stats"),
];

/// A token that was just made.
struct Issued {
    token: String,
    /// A call with it.
    curl: String,
}

#[derive(Template)]
#[template(path = "tokens/new.html")]
struct Page {
    shell: Shell,
    form: Form,
    issued: Option<Issued>,
    once: Uuid,
}

fn form(values: &FormPairs, errors: &[FieldError]) -> Form {
    let mut fields = vec![Field::new(values, "name", "text", say("token-name"))];
    fields.extend(SCOPES.iter().map(|(scope, name, label)| {
        let field = Field::new(values, name, "bool", say(*label));
        if *scope == "admin" { field.help(say("token-scope-admin-help")) } else { field }
    }));
    fields.push(Field::new(values, "rate_per_minute", "number", say("token-limit")).help(say("token-limit-help")));
    Form::new(fields, Vec::new(), None, errors)
}

fn body(pairs: &FormPairs) -> Result<Value, Error> {
    let mut draft = Draft::of(pairs);
    draft.texts(&["name"]);
    draft.numbers(&["rate_per_minute"]);
    let scopes = SCOPES.iter().filter(|(_, name, _)| pairs.given(name).is_some());
    let scopes: Vec<Value> = scopes.map(|(scope, ..)| Value::from(*scope)).collect();
    if scopes.is_empty() {
        draft.complain("scopes.admin", say("token-scopes-none"));
    }
    draft.set("role", Value::from("admin"));
    draft.set("scopes", Value::Array(scopes));
    draft.end().map_err(Error::Invalid)
}

async fn page(app: &App, session: &Session, principal: &Principal, form: Form) -> Result<Page, Error> {
    let shell = Shell::of(session, principal, say("tokens-new"), "/tokens").await?;
    Ok(Page { shell, form, issued: None, once: app.ids.next() })
}

/// `GET /tokens/new`
pub async fn begin(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    let values = FormPairs([("scopes.admin".to_owned(), "true".to_owned())].into());
    layout::page(&page(&app, &session, &principal, form(&values, &[])).await?)
}

/// `POST /tokens/new`
pub async fn issue(State(app): State<App>, session: Session, principal: Principal, pairs: FormPairs) -> Answer {
    let Some(once) = Once::claim(&app, &principal, &pairs).await? else {
        return refused(&session, "/tokens", say("token-sent-before")).await;
    };
    let made = once.then(&app, async {
        token_issue::create(State(app.clone()), principal.clone(), JsonBody(body(&pairs)?)).await
    });
    match made.await {
        Ok((_, Json(issued))) => {
            let curl = curl(&app, &issued.token, &issued.shown.scopes);
            let mut page = page(&app, &session, &principal, form(&FormPairs::default(), &[])).await?;
            page.issued = Some(Issued { token: issued.token, curl });
            layout::page(&page)
        }
        Err(Error::Invalid(errors)) => {
            let page = page(&app, &session, &principal, form(&pairs, &errors)).await?;
            layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(PageError(error)),
    }
}

/// A call that these scopes allow.
fn curl(app: &App, token: &str, scopes: &[String]) -> String {
    let has = |scope: &str| scopes.iter().any(|has| has == scope);
    let base = app.public_url.as_str().trim_end_matches('/');
    let auth = format!("-H 'Authorization: Bearer {token}'");
    let reads = [("admin", "networks"), ("leads:read", "leads?limit=1"), ("stats:read", "stats?group_by=day")];
    if let Some((_, path)) = reads.into_iter().find(|(scope, _)| has(scope)) {
        return format!("curl '{base}/api/v1/{path}' \\\n  {auth}");
    }
    format!(
        "curl -X POST '{base}/api/v1/leads' \\\n  {auth} \\\n  -H 'Content-Type: application/json' \\\n  -d '{{\"webmaster\": \"WEBMASTER\", \"offer\": \"OFFER\", \"phone\": \"+4915112345678\"}}'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::dashboard::html;
    use crate::http::dashboard::overview::tests::shell;

    #[test]
    fn the_form_and_what_it_makes_stand() {
        let once = Uuid::from_u128(8);
        let page = |form, issued| Page { shell: shell("/tokens"), form, issued, once };
        let Err(Error::Invalid(errors)) = body(&FormPairs::default()) else { panic!("no scope is no token") };
        let text = html::check("token-new", &page(form(&FormPairs::default(), &errors), None));
        assert!(text.contains("id=\"f-scopes-admin-error\""));
        let issued = Issued { token: "lr_abc".into(), curl: "curl".into() };
        let text = html::check("token-issued", &page(form(&FormPairs::default(), &[]), Some(issued)));
        assert!(text.contains("id=\"issued-token\">lr_abc<") && !text.contains("name=\"once\""));
    }

    #[test]
    fn boxes_become_scopes() {
        let pairs = FormPairs::parse(b"name=bi&scopes.read=true&scopes.stats=true&rate_per_minute=60");
        let body = body(&pairs).unwrap();
        assert_eq!(body["scopes"], serde_json::json!(["leads:read", "stats:read"]));
        assert_eq!((&body["role"], &body["rate_per_minute"]), (&Value::from("admin"), &Value::from(60)));
    }
}
