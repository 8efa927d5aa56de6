//! The form of a channel: what stands in it, and what is stored of it or everything that is wrong with it.

use std::collections::HashMap;

use chrono_tz::Tz;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use crate::base::field_error::FieldError;
use crate::base::text::is_longer;
use crate::db::alert_channel::Row;
use crate::domain::alert::quiet;
use crate::flow::alerts::way::{ChannelKind, EmailSettings, Secrets, TELEGRAM, TelegramSettings, WebhookSettings};
use crate::http::dashboard::fields::{Field, Form};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::list::Choice;
use crate::http::dashboard::reader::{self, Language};
use crate::http::dashboard::texts::{Text, say};
use crate::net::Client;
use crate::net::mail::{Security, mailbox};

/// Messages an hour, and hours until what lasts is told again.
const PER_HOUR: i32 = 60;
const REPEAT_HOURS: i32 = 168;

/// The name of the one secret of a kind.
pub(super) const fn secret_name(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Email => "password",
        ChannelKind::Telegram => "token",
        ChannelKind::Webhook => "secret",
    }
}

/// The form. `has_secret`: one is stored.
pub(super) fn form(kind: ChannelKind, values: &FormPairs, has_secret: bool, errors: &[FieldError]) -> Form {
    let field = |name: &str, kind, label: &'static str| Field::new(values, name, kind, say(label));
    let secret = |label, help: &'static str| Field {
        is_set: has_secret,
        ..field(secret_name(kind), "secret", label).help(say(help))
    };
    let mut fields = vec![field("name", "text", "column-name").required()];
    match kind {
        ChannelKind::Email => fields.extend([
            field("host", "text", "alert-host").required(),
            field("port", "number", "alert-port").required(),
            field("security", "choice", "alert-security").of(securities()).required(),
            field("user", "text", "alert-user").help(say("alert-user-help")),
            secret("field-password", "alert-password-help"),
            field("from", "text", "alert-from").help(say("alert-from-help")).required(),
            field("to", "text", "alert-to").help(say("alert-to-help")).required(),
        ]),
        ChannelKind::Telegram => fields.extend([
            secret("alert-token", "alert-token-help").required(),
            field("chat", "text", "alert-chat").help(say("alert-chat-help")).required(),
            field("api", "url", "alert-api").help(say("alert-api-help")),
        ]),
        ChannelKind::Webhook => fields
            .extend([field("url", "url", "postback-url").required(), secret("postback-secret", "alert-secret-help")]),
    }
    let languages = Language::ALL.iter().map(|one| Choice { value: one.to_string(), label: one.own_name().to_owned() });
    fields.push(field("language", "choice", "account-language").of(languages.collect()).required());
    fields.push(field("enabled", "bool", "alert-enabled"));
    let more = vec![
        field("quiet_from", "text", "alert-quiet-from").help(say("alert-quiet-help")),
        field("quiet_until", "text", "alert-quiet-until"),
        field("time_zone", "text", "account-zone").help(say("alert-zone-help")).required(),
        field("critical_passes", "bool", "alert-critical-passes"),
        field("per_hour", "number", "alert-per-hour").help(say("alert-per-hour-help")).required(),
        field("repeat_hours", "number", "alert-repeat").help(say("alert-repeat-help")).required(),
    ];
    Form::new(fields, more, Some(say("alert-more")), errors)
}

fn securities() -> Vec<Choice> {
    let choice = |one: &Security| Choice { value: one.to_string(), label: say(format!("alert-security-{one}")).into() };
    Security::ALL.iter().map(choice).collect()
}

/// What stands in the form of a new channel.
pub(super) fn new_values(kind: ChannelKind) -> FormPairs {
    let language = reader::language().as_str();
    let zone = reader::zone();
    let mut pairs = vec![
        ("enabled", "true"),
        ("language", language),
        ("time_zone", zone.name()),
        ("critical_passes", "true"),
        ("per_hour", "10"),
        ("repeat_hours", "12"),
    ];
    if kind == ChannelKind::Email {
        pairs.extend([("port", "587"), ("security", Security::StartTls.as_str())]);
    }
    FormPairs(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// What stands in the form of a stored one.
pub(super) fn values(row: &Row) -> FormPairs {
    let flag = |is_on: bool| if is_on { "true".to_owned() } else { String::new() };
    let time = |minute: Option<i16>| minute.and_then(|minute| u32::try_from(minute).ok()).map(quiet::write);
    let mut pairs: HashMap<String, String> = row.settings.as_object().into_iter().flatten().map(setting).collect();
    pairs.extend(
        [
            ("name", row.name.clone()),
            ("enabled", flag(row.enabled)),
            ("language", row.language.clone()),
            ("time_zone", row.time_zone.clone()),
            ("quiet_from", time(row.quiet_from).unwrap_or_default()),
            ("quiet_until", time(row.quiet_until).unwrap_or_default()),
            ("critical_passes", flag(row.critical_passes)),
            ("per_hour", row.per_hour.to_string()),
            ("repeat_hours", row.repeat_hours.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    FormPairs(pairs)
}

fn setting((name, value): (&String, &Value)) -> (String, String) {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    (name.clone(), text)
}

/// Reads what was typed.
struct Reading<'a> {
    pairs: &'a FormPairs,
    net: &'a Client,
    errors: Vec<FieldError>,
}

impl Reading<'_> {
    fn wrong(&mut self, name: &str, text: Text) {
        self.errors.push(FieldError::invalid(name, text));
    }

    fn needed(&mut self, name: &str) -> String {
        let text = self.pairs.get(name).to_owned();
        if text.is_empty() {
            self.wrong(name, say("alert-needed"));
        } else if is_longer(&text, 255) {
            self.wrong(name, say("alert-too-long"));
        }
        text
    }

    fn number(&mut self, name: &str, least: i32, most: i32) -> i32 {
        match self.pairs.get(name).parse() {
            Ok(number) if (least..=most).contains(&number) => number,
            _ => {
                self.wrong(name, say("alert-between").count("least", least).count("most", most));
                least
            }
        }
    }

    /// An address that may be called. Something else that cannot be stored is none.
    fn url(&mut self, name: &str, text: &str) -> Option<Url> {
        match Url::parse(text) {
            Ok(url) => match self.net.check_url(&url) {
                Ok(()) => return Some(url),
                Err(refusal) => self.errors.push(FieldError::invalid(name, refusal.to_string())),
            },
            Err(_) => self.wrong(name, say("alert-no-url")),
        }
        None
    }

    fn time(&mut self, name: &str) -> Option<i16> {
        let text = self.pairs.given(name)?;
        let minute = quiet::read(text).and_then(|minute| i16::try_from(minute).ok());
        if minute.is_none() {
            self.wrong(name, say("alert-no-time"));
        }
        minute
    }

    fn address(&mut self, name: &str, text: &str) {
        if mailbox(text).is_none() {
            self.wrong(name, say("alert-no-address").with("address", text));
        }
    }

    fn email(&mut self, secrets: &Secrets) -> EmailSettings {
        let host = self.needed("host");
        let port = self.number("port", 1, 65_535);
        if !host.is_empty() {
            // Complains where the guard would refuse; the rest of the URL is nobody's.
            self.url("host", &format!("http://{host}:{port}/"));
        }
        let security = self.pairs.get("security").parse().unwrap_or(Security::StartTls);
        let user = self.pairs.given("user").map(str::to_owned);
        if user.is_some() && secrets.password.is_none() {
            self.wrong("password", say("alert-needed"));
        }
        let from = self.needed("from");
        if !from.is_empty() {
            self.address("from", &from);
        }
        let to = self.needed("to");
        let to: Vec<String> =
            to.split([',', ';', '\n']).map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect();
        for one in &to {
            self.address("to", one);
        }
        EmailSettings { host, port: u16::try_from(port).unwrap_or_default(), security, user, from, to }
    }
}

/// The secrets after the form: what was typed replaces, what was ticked is removed.
fn secrets(kind: ChannelKind, pairs: &FormPairs, mut before: Secrets) -> Secrets {
    let name = secret_name(kind);
    let slot = match kind {
        ChannelKind::Email => &mut before.password,
        ChannelKind::Telegram => &mut before.token,
        ChannelKind::Webhook => &mut before.secret,
    };
    if pairs.given(&format!("{name}.clear")).is_some() {
        *slot = None;
    }
    let typed = if kind == ChannelKind::Email { pairs.raw(name) } else { pairs.get(name) };
    if !typed.is_empty() {
        *slot = Some(typed.to_owned());
    }
    before
}

/// What is stored, and the secrets that are sealed with it. `made`: a secret to sign with that holds when none was typed.
pub(super) fn read(
    net: &Client,
    kind: ChannelKind,
    channel_id: Uuid,
    pairs: &FormPairs,
    before: Secrets,
    made: Option<&str>,
) -> Result<(Row, Secrets), Vec<FieldError>> {
    let mut secrets = secrets(kind, pairs, before);
    if kind == ChannelKind::Webhook && secrets.secret.is_none() {
        secrets.secret = made.map(str::to_owned);
    }
    let mut reading = Reading { pairs, net, errors: Vec::new() };
    let name = reading.needed("name");
    let settings = match kind {
        ChannelKind::Email => serde_json::to_value(reading.email(&secrets)).ok(),
        ChannelKind::Telegram => {
            if secrets.token.as_deref().is_none_or(|token| !is_token(token)) {
                reading.wrong("token", say("alert-no-token"));
            }
            let chat = reading.needed("chat");
            let api = reading.url("api", pairs.given("api").unwrap_or(TELEGRAM));
            api.and_then(|api| serde_json::to_value(TelegramSettings { chat, api }).ok())
        }
        ChannelKind::Webhook => {
            if secrets.secret.as_deref().is_none_or(|secret| secret.len() < 16 || !secret.is_ascii()) {
                reading.wrong("secret", say("alert-no-secret"));
            }
            let text = reading.needed("url");
            let url = if text.is_empty() { None } else { reading.url("url", &text) };
            url.and_then(|url| serde_json::to_value(WebhookSettings { url }).ok())
        }
    };
    let language = pairs.get("language").parse().unwrap_or(Language::English);
    let zone = pairs.get("time_zone").parse::<Tz>();
    if zone.is_err() {
        reading.wrong("time_zone", say("account-zone-wrong"));
    }
    let (quiet_from, quiet_until) = (reading.time("quiet_from"), reading.time("quiet_until"));
    if pairs.given("quiet_from").is_some() != pairs.given("quiet_until").is_some() {
        let missing = if pairs.given("quiet_from").is_some() { "quiet_until" } else { "quiet_from" };
        reading.wrong(missing, say("alert-quiet-both"));
    }
    let per_hour = reading.number("per_hour", 1, PER_HOUR);
    let repeat_hours = reading.number("repeat_hours", 0, REPEAT_HOURS);
    if !reading.errors.is_empty() {
        return Err(reading.errors);
    }
    let row = Row {
        alert_channel_id: channel_id,
        name,
        kind: kind.to_string(),
        settings: settings.unwrap_or_default(),
        secrets: None,
        enabled: pairs.given("enabled").is_some(),
        language: language.to_string(),
        time_zone: zone.map_or_else(|_| "UTC".to_owned(), |zone| zone.name().to_owned()),
        quiet_from,
        quiet_until,
        critical_passes: pairs.given("critical_passes").is_some(),
        per_hour,
        repeat_hours,
        last_ok_at: None,
        last_error: None,
        last_error_at: None,
    };
    Ok((row, secrets))
}

/// `123456:letters`: it becomes a part of a path.
fn is_token(token: &str) -> bool {
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    token.split_once(':').is_some_and(|(bot, key)| {
        !bot.is_empty() && bot.bytes().all(|byte| byte.is_ascii_digit()) && !key.is_empty() && is_plain(key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Limits, Policy};

    fn read_of(kind: ChannelKind, form: &[u8]) -> Result<(Row, Secrets), Vec<String>> {
        let net = Client::new(Policy::default(), Limits::default()).unwrap();
        let mut pairs = new_values(kind);
        pairs.0.extend(FormPairs::parse(form).0);
        let read = read(&net, kind, Uuid::from_u128(1), &pairs, Secrets::default(), None);
        read.map_err(|errors| errors.into_iter().map(|error| error.field).collect())
    }

    #[test]
    fn each_wrong_field_is_named() {
        let wrong = |kind, form: &str| read_of(kind, form.as_bytes()).err().unwrap_or_default();
        let mail = "name=x&host=127.0.0.1&port=0&user=u&from=nobody&to=a%40x.de,b&quiet_from=25:00&time_zone=Mars";
        let fields = wrong(ChannelKind::Email, mail);
        for field in ["port", "host", "password", "from", "to", "quiet_from", "quiet_until", "time_zone"] {
            assert!(fields.iter().any(|wrong| wrong == field), "{field}: {fields:?}");
        }
        assert_eq!(wrong(ChannelKind::Telegram, "name=x&token=12:a/b&chat=1&api=ftp://x"), ["token", "api"]);
        assert_eq!(wrong(ChannelKind::Webhook, "name=&url=http://10.0.0.1/&secret=short"), ["name", "secret", "url"]);
        assert_eq!(
            wrong(ChannelKind::Telegram, "name=x&token=12:ab&chat=1&per_hour=0&repeat_hours=-1"),
            ["per_hour", "repeat_hours"]
        );
    }

    #[test]
    fn what_is_stored_stands_in_the_form_again() {
        let form = "name=Ops&host=mail.example.com&port=465&security=tls&user=u&password=+p+&from=a%40x.de\
                    &to=b%40x.de%3B+c%40x.de&quiet_from=22:00&quiet_until=7:30";
        let (row, secrets) = read_of(ChannelKind::Email, form.as_bytes()).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        assert_eq!(secrets.password.as_deref(), Some(" p "), "as it was typed");
        assert!(!row.settings.to_string().contains(" p "));
        let shown = values(&row);
        for (name, value) in [("to", "b@x.de, c@x.de"), ("security", "tls"), ("quiet_until", "07:30"), ("port", "465")]
        {
            assert_eq!(shown.get(name), value, "{name}");
        }
        assert!(!form_has_errors(&row));
    }

    fn form_has_errors(row: &Row) -> bool {
        form(ChannelKind::Email, &values(row), true, &[]).has_errors()
    }
}
