//! What an operator sets of a network, and how it is checked: POST and a merged PATCH alike.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::adapters::{SharedAdapter, check_settings, with_defaults};
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db::network::{Row, Written};
use crate::domain::status::Status;
use crate::flow::settings::{open_secrets, seal_secrets};
use crate::http::api::input;
use crate::http::api::resource::check_slug;
use crate::http::error::Error;

/// Leads at once when nothing is said.
const CONCURRENCY: i32 = 16;
/// Seconds for one call when nothing is said.
const TIMEOUT: i32 = 30;

/// A network as it is written.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkInput {
    /// Unique name for programs.
    pub slug: String,
    /// Name for people; the slug when absent.
    #[serde(default)]
    pub name: Option<String>,
    /// How to talk to this partner: an id of `/api/v1/integrations`.
    pub integration: String,
    /// As the integration asks; secrets are accepted here and never returned.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub settings: Map<String, Value>,
    /// Override the offer's parameters.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub params: Map<String, Value>,
    /// Raw status text to our status; overrides the integration's own table.
    #[serde(default)]
    pub status_map: BTreeMap<String, Status>,
    /// Switched off, its leads wait.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// For one whole call, 1 to 120; 30 when absent.
    #[serde(default)]
    pub timeout_seconds: Option<i32>,
    /// How fast it may be called.
    #[serde(default)]
    pub rate_limit: RateLimit,
}

/// How fast a network may be called.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Calls a second, above 0; no limit when absent.
    #[serde(default)]
    pub per_second: Option<f64>,
    /// Calls at once, 1 to 1000; 16 when absent.
    #[serde(default)]
    pub concurrency: Option<i32>,
}

fn yes() -> bool {
    true
}

impl NetworkInput {
    /// What is stored now, in the form of an input; the secrets are opened.
    pub fn of(app: &App, row: &Row) -> Result<Self, Error> {
        let mut settings = row.settings.as_object().cloned().unwrap_or_default();
        settings.extend(secrets_of(app, row)?);
        Ok(Self {
            slug: row.slug.clone(),
            name: Some(row.name.clone()),
            integration: row.integration.clone(),
            settings,
            params: row.params.as_object().cloned().unwrap_or_default(),
            status_map: serde_json::from_value(row.status_map.clone()).unwrap_or_default(),
            enabled: row.enabled,
            timeout_seconds: Some(row.timeout_seconds),
            rate_limit: RateLimit { per_second: row.per_second, concurrency: Some(row.concurrency) },
        })
    }

    /// Leaves out the settings that the integration does not know: another one has just been chosen.
    pub fn keep_known_settings(&mut self, app: &App, integration: &str) {
        if let Some(adapter) = app.adapters.get(integration) {
            let known = &adapter.about().settings;
            self.settings.retain(|name, _| known.iter().any(|setting| setting.name == *name));
        }
    }

    /// Checks everything and seals the secrets.
    pub fn check(self, app: &App, network_id: Uuid) -> Result<Written, Error> {
        let mut errors = Vec::new();
        errors.extend(check_slug("slug", &self.slug));
        let name = input::name("name", self.name.as_deref().unwrap_or(""), &self.slug, &mut errors);
        let timeout_seconds = self.timeout_seconds.unwrap_or(TIMEOUT);
        if !(1..=120).contains(&timeout_seconds) {
            errors.push(FieldError::invalid("timeout_seconds", "must be 1 to 120"));
        }
        let concurrency = self.rate_limit.concurrency.unwrap_or(CONCURRENCY);
        if !(1..=1000).contains(&concurrency) {
            errors.push(FieldError::invalid("rate_limit.concurrency", "must be 1 to 1000"));
        }
        let per_second = self.rate_limit.per_second;
        if per_second.is_some_and(|rate| !rate.is_finite() || rate <= 0.0 || rate > 100_000.0) {
            errors.push(FieldError::invalid("rate_limit.per_second", "must be above 0 and at most 100000"));
        }
        for (raw, status) in &self.status_map {
            let field = format!("status_map.{}", raw.chars().take(60).collect::<String>());
            if *status == Status::New {
                errors.push(FieldError::invalid(field, "must be a status a network can report, not new"));
            } else if raw.trim().is_empty() || raw.len() > 200 || raw.contains('\0') {
                errors.push(FieldError::invalid(field, "must be a text of 1 to 200 bytes"));
            }
        }
        input::object("params", &self.params, &mut errors);
        let split = match app.adapters.get(&self.integration) {
            Some(adapter) => check_for(adapter, &self.settings),
            None => Err(vec![FieldError::new("integration", "unknown", "is not one of /api/v1/integrations")]),
        };
        match split {
            Ok((settings, secrets)) if errors.is_empty() => Ok(Written {
                network_id,
                slug: self.slug,
                name,
                integration: self.integration,
                settings: Value::Object(settings),
                secrets: seal_secrets(&app.seal, network_id, &secrets)
                    .map_err(|error| Error::Internal(anyhow::Error::new(error).context("seal settings")))?,
                params: Value::Object(self.params),
                status_map: serde_json::to_value(&self.status_map).map_err(|error| Error::Internal(error.into()))?,
                enabled: self.enabled,
                timeout_seconds,
                per_second,
                concurrency,
            }),
            Ok(_) => Err(Error::Invalid(errors)),
            Err(more) => {
                errors.extend(more);
                Err(Error::Invalid(errors))
            }
        }
    }
}

/// The secrets of a stored network, opened.
pub fn secrets_of(app: &App, row: &Row) -> Result<Map<String, Value>, Error> {
    open_secrets(&app.seal, row.network_id, row.secrets.as_deref())
        .map_err(|error| Error::Internal(anyhow::Error::new(error).context("open the settings of a network")))
}

type Split = (Map<String, Value>, Map<String, Value>);

/// The types of the settings, then what the adapter itself says of them.
fn check_for(adapter: &SharedAdapter, settings: &Map<String, Value>) -> Result<Split, Vec<FieldError>> {
    let about = adapter.about();
    let (open, secrets) = check_settings(about, settings)?;
    let errors: Vec<FieldError> = adapter
        .check(&with_defaults(about, &open, &secrets))
        .into_iter()
        .map(|mut error| {
            if !error.field.starts_with("settings") {
                error.field = format!("settings.{}", error.field);
            }
            error
        })
        .collect();
    if errors.is_empty() { Ok((open, secrets)) } else { Err(errors) }
}
