//! What an operator sets of a postback, and how it is checked: POST and a merged PATCH alike.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::target::{check_body, check_target, check_url};
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db::postback::{Row, Written, live_offer, live_webmaster};
use crate::db::reference::{self, Reference};
use crate::domain::macros::Audience;
use crate::domain::status::Status;
use crate::http::api::input::{maybe_reference, refuse, unknown};
use crate::http::error::Error;

crate::text_enum! {
    /// How often a postback speaks.
    #[derive(Default)]
    pub enum PostbackKind {
        /// One per flow or webmaster; not repeated while it would say the same.
        #[default]
        Main = "main",
        /// Any number; each change is told.
        Additional = "additional",
    }
}

crate::text_enum! {
    /// Method of a postback.
    #[derive(Default)]
    pub enum CallMethod {
        /// The values stand in the URL.
        #[default]
        Get = "GET",
        /// With a body.
        Post = "POST",
    }
}

/// A postback as it is written.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostbackInput {
    /// Whose leads; absent: an admin's postback that hears of every webmaster's.
    #[serde(default, deserialize_with = "maybe_reference")]
    pub webmaster: Option<String>,
    /// Only the leads of this flow.
    #[serde(default, deserialize_with = "maybe_reference")]
    pub flow: Option<String>,
    /// Only the leads of this offer.
    #[serde(default, deserialize_with = "maybe_reference")]
    pub offer: Option<String>,
    /// Where to call, with macros such as `{status}`.
    pub url: String,
    /// `GET` when absent.
    #[serde(default)]
    pub method: CallMethod,
    /// With POST: `form` (the URL's query is sent as the body) or a JSON template, as text or as JSON.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub body: Option<Value>,
    /// Which statuses are told; all but `new` when absent.
    #[serde(default)]
    pub statuses: Option<Vec<Status>>,
    #[serde(default)]
    pub kind: PostbackKind,
    /// Signs the calls (Standard Webhooks). `true` or `generate`: one is made and answered once. A new one is used
    /// beside the one before until `drop_old_secret`; null clears.
    #[serde(default, skip_serializing)]
    #[schema(value_type = Option<String>)]
    pub secret: Option<Value>,
    /// Stop signing with the secret before the present one.
    #[serde(default, skip_serializing)]
    pub drop_old_secret: bool,
    /// Switched off, nothing new is told.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

impl PostbackInput {
    /// What is stored now, in the form of an input; the secret stays out.
    pub fn of(row: &Row) -> Self {
        Self {
            webmaster: row.webmaster_id.map(|id| id.to_string()),
            flow: row.flow_id.map(|id| id.to_string()),
            offer: row.offer_id.map(|id| id.to_string()),
            url: row.url.clone(),
            method: row.method.parse().unwrap_or_default(),
            body: row.body.clone().map(Value::String),
            statuses: Some(row.statuses.iter().filter_map(|word| word.parse().ok()).collect()),
            kind: row.kind.parse().unwrap_or_default(),
            secret: None,
            drop_old_secret: false,
            enabled: row.enabled,
        }
    }

    /// Checks everything; `secret` is what is kept of the signing secrets, sealed.
    pub async fn check(
        self,
        app: &App,
        conn: &mut PgConnection,
        postback_id: Uuid,
        secret: Option<Vec<u8>>,
    ) -> Result<Written, Error> {
        let mut errors = Vec::new();
        let mut must = |field: &str, given: bool, found: Option<Uuid>| {
            if given && found.is_none() {
                errors.push(unknown(field, field));
            }
            found
        };
        let (webmaster, flow, offer) = (refer(&self.webmaster), refer(&self.flow), refer(&self.offer));
        let found = match &webmaster {
            Some(of) => live_webmaster(conn, of).await?,
            None => None,
        };
        let webmaster_id = must("webmaster", webmaster.is_some(), found);
        let found = match &offer {
            Some(of) => live_offer(conn, of).await?,
            None => None,
        };
        let offer_id = must("offer", offer.is_some(), found);
        let of_flow = match &flow {
            Some(of) => reference::flow(conn, of).await?,
            None => None,
        };
        must("flow", flow.is_some(), of_flow.map(|flow| flow.flow_id));
        if let Some(flow) = of_flow {
            if webmaster_id.is_some_and(|id| id != flow.webmaster_id) {
                errors.push(FieldError::invalid("flow", "belongs to another webmaster"));
            }
            if offer_id.is_some_and(|id| id != flow.offer_id) {
                errors.push(FieldError::invalid("flow", "is of another offer"));
            }
        }
        let audience = if webmaster.is_none() { Audience::Admin } else { Audience::Webmaster };
        let url = self.url.trim().to_owned();
        match check_url(&url, audience) {
            Ok(()) => errors.extend(check_target(app, &url).err()),
            Err(error) => errors.push(error),
        }
        let body =
            self.body.as_ref().map(|body| check_body(body, self.method, audience)).transpose().map(Option::flatten);
        let body = body.unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        let mut statuses: Vec<String> = Vec::new();
        for status in self.statuses.unwrap_or_else(all_but_new) {
            if !statuses.iter().any(|word| word == status.as_str()) {
                statuses.push(status.as_str().to_owned());
            }
        }
        if statuses.is_empty() {
            errors.push(FieldError::invalid("statuses", "must name at least one status"));
        }
        refuse(errors)?;
        Ok(Written {
            postback_id,
            webmaster_id,
            flow_id: of_flow.map(|flow| flow.flow_id),
            offer_id,
            url,
            method: self.method.as_str().to_owned(),
            body,
            statuses,
            kind: self.kind.as_str().to_owned(),
            secret,
            enabled: self.enabled,
        })
    }
}

fn refer(text: &Option<String>) -> Option<Reference> {
    text.as_deref().map(Reference::parse)
}

fn all_but_new() -> Vec<Status> {
    Status::ALL.iter().copied().filter(|status| *status != Status::New).collect()
}
