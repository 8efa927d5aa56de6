//! The form of a network, made from its integration's own list of settings. Field names are the paths the API
//! uses, so its complaints find their field. Secrets are never shown: an empty one is left as it is.

use serde_json::{Map, Value, json};

use crate::adapters::{About, Setting};
use crate::base::field_error::FieldError;
use crate::http::api::networks::NetworkView;
use crate::http::dashboard::fields::{Field, Form, id};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::lines;
use crate::http::dashboard::list::Choice;
use crate::http::dashboard::texts::say;

/// The form with these values in it.
pub fn form(about: &About, values: &FormPairs, secrets_set: &[String], errors: &[FieldError]) -> Form {
    let plain = |name: &str, kind: &'static str, label: &'static str, help: &'static str| {
        Field::new(values, name, kind, say(label)).help(say(help))
    };
    let mut fields = vec![
        plain("name", "text", "network-name", "network-name-help"),
        plain("slug", "text", "network-slug", "network-slug-help").required(),
    ];
    fields.extend(about.settings.iter().map(|setting| of_setting(setting, values, secrets_set)));
    let more = vec![
        plain("timeout_seconds", "number", "network-timeout", "network-timeout-help"),
        plain("rate_limit.concurrency", "number", "network-concurrency", "network-concurrency-help"),
        plain("rate_limit.per_second", "number", "network-per-second", "network-per-second-help"),
        plain("status_map", "lines", "network-status-map", "network-status-map-help"),
        plain("params", "json", "network-params", "network-params-help"),
    ];
    Form::new(fields, more, Some(say("network-more")), errors)
}

fn of_setting(setting: &Setting, values: &FormPairs, secrets_set: &[String]) -> Field {
    let name = format!("settings.{}", setting.name);
    let value = values.raw(&name).to_owned();
    let kind = match setting.kind.as_str() {
        "secret" => "secret",
        "url" => "url",
        "number" => "number",
        "bool" => "bool",
        "choice" => "choice",
        "object" => "lines",
        _ => "text",
    };
    let hint = if kind == "lines" { say("network-lines").to_string() } else { String::new() };
    let is_set = secrets_set.contains(&setting.name);
    Field {
        id: id(&name),
        label: if setting.title.is_empty() { setting.name.clone() } else { setting.title.clone() },
        choices: setting.choices.iter().map(|choice| Choice { value: choice.clone(), label: choice.clone() }).collect(),
        is_required: setting.required && !is_set,
        // What was typed into a secret is not sent back.
        value: if kind == "secret" { String::new() } else { value },
        name,
        kind,
        help: format!("{} {hint}", setting.help).trim().to_owned(),
        is_set,
        errors: Vec::new(),
    }
}

/// What stands in the form of a network, or of a new one.
pub fn values(about: &About, network: Option<&NetworkView>) -> FormPairs {
    let mut out = FormPairs::default();
    let none = Map::new();
    let stored = network.and_then(|network| network.settings.as_object()).unwrap_or(&none);
    for setting in about.settings.iter().filter(|setting| !setting.is_secret()) {
        if let Some(value) = stored.get(&setting.name).or(setting.default.as_ref()) {
            let text = if setting.kind == "object" { lines::write(value, ':') } else { lines::text(value) };
            out.0.insert(format!("settings.{}", setting.name), text);
        }
    }
    if let Some(network) = network {
        let number = |number: Option<String>| number.unwrap_or_default();
        let params = &network.params;
        let has_params = params.as_object().is_some_and(|params| !params.is_empty());
        out.0.extend(
            [
                ("name", network.name.clone()),
                ("slug", network.slug.clone()),
                ("timeout_seconds", network.timeout_seconds.to_string()),
                ("rate_limit.concurrency", number(network.rate_limit.concurrency.map(|it| it.to_string()))),
                ("rate_limit.per_second", number(network.rate_limit.per_second.map(|it| it.to_string()))),
                ("status_map", lines::write(&network.status_map, '=')),
                ("params", if has_params { format!("{params:#}") } else { String::new() }),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
    }
    out
}

/// What the form asks the API to set: a merge patch over the network, or the body of a new one.
pub fn body(about: &About, form: &FormPairs, network: Option<&NetworkView>) -> Result<Value, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut settings = Map::new();
    let stored = |name: &str| network.and_then(|network| network.settings.get(name)).unwrap_or(&Value::Null);
    for setting in &about.settings {
        let value = setting_value(setting, form, stored(&setting.name), &mut errors);
        settings.extend(value.map(|value| (setting.name.clone(), value)));
    }
    let mut number = |name: &str| match form.given(name).map(str::parse::<serde_json::Number>) {
        None => Value::Null,
        Some(Ok(number)) => Value::Number(number),
        Some(Err(_)) => {
            errors.push(FieldError::invalid(name, say("network-number-wrong")));
            Value::Null
        }
    };
    let (timeout, concurrency, per_second) =
        (number("timeout_seconds"), number("rate_limit.concurrency"), number("rate_limit.per_second"));
    let status_map = lines::read(form.raw("status_map"), '=', true, &Value::Null);
    let status_map = status_map.unwrap_or_else(|line| {
        errors.push(FieldError::invalid("status_map", say("network-status-map-wrong").with("line", line)));
        json!({})
    });
    let params = match form.given("params").map(serde_json::from_str::<Map<String, Value>>) {
        None => json!({}),
        Some(Ok(params)) => Value::Object(params),
        Some(Err(error)) => {
            errors.push(FieldError::invalid("params", say("network-params-wrong").with("line", error.line())));
            json!({})
        }
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    let over = |old: Option<&Value>, new: &Value| lines::difference(old.unwrap_or(&json!({})), new);
    let name = form.given("name").map_or(Value::Null, Value::from);
    Ok(json!({
        "slug": form.get("slug"),
        "name": name,
        "settings": settings,
        "timeout_seconds": timeout,
        "rate_limit": { "concurrency": concurrency, "per_second": per_second },
        "status_map": over(network.map(|it| &it.status_map), &status_map),
        "params": over(network.map(|it| &it.params), &params),
    }))
}

/// What a field of the form does to its setting. Nothing: it stays. Null: the default holds.
fn setting_value(setting: &Setting, form: &FormPairs, stored: &Value, errors: &mut Vec<FieldError>) -> Option<Value> {
    let name = format!("settings.{}", setting.name);
    let (typed, raw) = (form.given(&name), form.raw(&name));
    let value = match setting.kind.as_str() {
        "secret" if form.get(&format!("{name}.clear")) == "true" => Value::Null,
        "secret" => Value::from(typed?),
        "bool" => Value::Bool(typed == Some("true")),
        "object" => match lines::read(raw, ':', false, stored) {
            Ok(new) if new.as_object().is_some_and(Map::is_empty) => Value::Null,
            Ok(new) => return Some(lines::difference(stored, &new)),
            Err(line) => {
                errors.push(FieldError::invalid(name, say("network-lines-wrong").with("line", line)));
                Value::Null
            }
        },
        // An emptied text switches its default off.
        "text" if typed.is_none() && setting.default.is_some() && !setting.required => Value::from(""),
        _ => typed.map_or(Value::Null, Value::from),
    };
    let is_default = setting.default.as_ref().is_some_and(|default| lines::text(default) == lines::text(&value));
    Some(if is_default { Value::Null } else { value })
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::adapters::Registry;
    use crate::db::lane_view::Why;
    use crate::http::api::resource::merge;

    /// A network as the API would show it.
    pub fn network() -> NetworkView {
        let at = chrono::DateTime::UNIX_EPOCH;
        NetworkView {
            id: uuid::Uuid::from_u128(7),
            number: 3,
            slug: "tea-house".into(),
            name: "Tea House <CRM>".into(),
            integration: "http-json".into(),
            settings: json!({ "url": "https://crm.example/leads", "headers": { "x-source": "relay", "x-n": 5 } }),
            secrets_set: vec!["token".into()],
            params: json!({ "offer": { "de": 5 } }),
            needs_params: vec![crate::adapters::Param {
                name: "acme".into(),
                help: "Their id of the offer.".into(),
                required: true,
                instead: None,
            }],
            missing_params: vec![crate::http::api::networks::MissingParams {
                offer: "green-tea".into(),
                params: vec!["acme".into()],
            }],
            status_map: json!({ "in work": "hold" }),
            enabled: true,
            timeout_seconds: 30,
            rate_limit: crate::http::api::networks::RateLimit { per_second: Some(2.5), concurrency: Some(8) },
            postback_url: "https://relay.example/postback/abcdefghijklmnopqrstuvwxyz012345".into(),
            state: "degraded".into(),
            state_reason: None,
            why: Some(Why::Failing { in_row: 3, until: chrono::DateTime::from_timestamp(1_790_000_000, 0) }),
            paused_at: None,
            queued: 1204,
            in_flight: 2,
            settings_version: 4,
            feeds: vec![feed("open", None), feed("approved", Some("HTTP 500 instead of a list"))],
            last_poll_at: Some(at),
            last_inbound_at: None,
            created_at: at,
            updated_at: at,
            archived_at: None,
        }
    }

    fn feed(name: &str, error: Option<&str>) -> crate::http::api::networks::FeedView {
        let at = chrono::DateTime::UNIX_EPOCH;
        crate::http::api::networks::FeedView {
            name: name.into(),
            asks: "ids".into(),
            every_seconds: 600,
            next_at: Some(at),
            until: Some(at),
            lag_seconds: Some(190),
            last_ok_at: Some(at),
            failures: i32::from(error.is_some()),
            last_error: error.map(str::to_owned),
        }
    }

    fn about() -> About {
        Registry::load(None).unwrap().get("http-json").unwrap().about().clone()
    }

    #[test]
    fn a_form_sent_as_it_was_shown_changes_nothing() {
        let (about, network) = (about(), network());
        let patch = body(&about, &values(&about, Some(&network)), Some(&network)).unwrap();
        let before = json!({
            "slug": network.slug, "name": network.name, "settings": network.settings, "params": network.params,
            "status_map": network.status_map, "timeout_seconds": 30, "rate_limit": network.rate_limit,
        });
        let mut after = before.clone();
        merge(&mut after, patch.clone());
        assert_eq!(after, before);
        assert!(patch["settings"].get("token").is_none(), "a secret that is not typed is left alone");
    }

    #[test]
    fn what_is_taken_out_is_cleared() {
        let (about, network) = (about(), network());
        let mut form = values(&about, Some(&network));
        form.0.insert("settings.headers".into(), "x-source: other".into());
        form.0.insert("status_map".into(), "done = approved".into());
        form.0.insert("params".into(), String::new());
        form.0.insert("settings.token.clear".into(), "true".into());
        let patch = body(&about, &form, Some(&network)).unwrap();
        assert_eq!(patch["settings"]["headers"], json!({ "x-n": null, "x-source": "other" }));
        assert_eq!(patch["status_map"], json!({ "in work": null, "done": "approved" }));
        assert_eq!(patch["params"], json!({ "offer": null }));
        assert_eq!(patch["settings"]["token"], Value::Null);
    }

    #[test]
    fn complaints_find_their_field_and_what_was_typed_stays() {
        let about = about();
        let form =
            FormPairs::parse(b"slug=a&settings.url=nonsense&settings.token=hush&status_map=oops&timeout_seconds=x");
        let errors = body(&about, &form, None).unwrap_err();
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["timeout_seconds", "status_map"]);
        let more = [
            FieldError::invalid("settings.url", "must be a URL"),
            FieldError::invalid("settings.headers.x", "must be a text"),
            FieldError::invalid("elsewhere", "is odd"),
        ];
        let shown = super::form(&about, &form, &[], &[errors, more.to_vec()].concat());
        let wrong: Vec<&str> = shown.wrong().map(|field| field.id.as_str()).collect();
        assert_eq!(wrong, ["f-settings-url", "f-settings-headers", "f-timeout_seconds", "f-status_map"]);
        assert_eq!(shown.others, ["elsewhere is odd"]);
        assert!(shown.is_more_open());
        assert!(shown.fields.iter().any(|field| field.value == "nonsense"));
        assert!(shown.fields.iter().all(|field| field.value != "hush"));
    }
}
