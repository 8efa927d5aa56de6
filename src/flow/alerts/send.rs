//! Sends messages, each on the way of its channel, and tries again what did not get through.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::bundle::Message;
use super::way::Way;
use crate::app::App;
use crate::base::exchange::{Exchange, Method, Request};
use crate::base::text::cut;
use crate::db::alert_message::Due;
use crate::db::{self, alert_channel};
use crate::domain::alert::pace::RETRIES;
use crate::domain::retry;
use crate::flow::send_postback;
use crate::net::mail::{Mail, mailbox};
use crate::net::{CallOptions, Reuse, record, sign};

/// Messages that are sent at once.
const AT_ONCE: usize = 16;
/// A send that has not ended by then is counted as lost and made again, with the same id.
const LOST_AFTER: TimeDelta = TimeDelta::minutes(2);
/// A bot or a webhook answers within this.
const DEADLINE: Duration = Duration::from_secs(20);
/// Longest text of a message to a chat, in UTF-16 units: Telegram refuses more.
const CHAT_UNITS: usize = 4096;

/// What came of one try, safe to be shown.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// As sent, secrets masked.
    pub request: String,
    /// As answered, or why there is no answer.
    pub response: String,
    /// Why it did not get through; none: it did.
    pub failure: Option<String>,
    pub retry_after: Option<Duration>,
    pub took_ms: i64,
}

/// Sends what is due.
pub(super) async fn run(app: &App) -> anyhow::Result<()> {
    let mut taken = Vec::new();
    let now = app.clock.now();
    let mut conn = app.db.acquire().await?;
    while taken.len() < AT_ONCE {
        let Some(due) = db::alert_message::take(&mut conn, now, now + LOST_AFTER).await? else { break };
        taken.push(due);
    }
    drop(conn);
    join_all(taken.iter().map(|due| one(app, due))).await.into_iter().collect()
}

async fn one(app: &App, due: &Due) -> anyhow::Result<()> {
    let mut conn = app.db.acquire().await?;
    let channel = alert_channel::find(&mut conn, due.alert_channel_id).await?;
    drop(conn);
    // One that was archived has ended its messages.
    let Some(channel) = channel else { return Ok(()) };
    let opened = Way::open(&app.seal, &channel).map_err(|error| error.to_string());
    let message = serde_json::from_value::<Message>(due.content.clone()).map_err(|error| error.to_string());
    let attempt = match (opened, message) {
        (Ok(way), Ok(message)) => deliver(app, &way, due.alert_message_id, &message).await,
        (Err(why), _) | (_, Err(why)) => Attempt::unsent(why),
    };
    settle(app, due, &attempt).await
}

async fn settle(app: &App, due: &Due, attempt: &Attempt) -> anyhow::Result<()> {
    let now = app.clock.now();
    let tries = u32::try_from(due.attempts).unwrap_or(1);
    let jitter = retry::jitter_of(due.alert_message_id, tries);
    let wait = retry::next_wait(RETRIES, tries, attempt.retry_after, jitter);
    let again_at = wait.and_then(|wait| TimeDelta::from_std(wait).ok()).map(|wait| now + wait);
    let failure = attempt.failure.as_deref();
    let mut tx = app.db.begin().await?;
    db::alert_message::settle(&mut tx, due, failure, again_at.filter(|_| failure.is_some()), now).await?;
    alert_channel::note_try(&mut tx, due.alert_channel_id, failure, now).await?;
    tx.commit().await?;
    if failure.is_some() {
        tracing::warn!(alert_channel_id = %due.alert_channel_id, tries, "a message about alerts did not get through");
    }
    Ok(())
}

impl Attempt {
    fn unsent(failure: String) -> Self {
        Self { request: String::new(), response: String::new(), failure: Some(failure), retry_after: None, took_ms: 0 }
    }
}

/// Sends a message on a way. `id` is the same over retries.
pub async fn deliver(app: &App, way: &Way, id: Uuid, message: &Message) -> Attempt {
    let base = app.public_url.as_str().trim_end_matches('/');
    match way {
        Way::Email { server, from, to } => {
            let (Some(sender), Some(to)) = (mailbox(from), to.iter().map(|to| mailbox(to)).collect()) else {
                return Attempt::unsent("an address cannot be read".to_owned());
            };
            let subject = format!("[leadrelay] {}", cut(&message.title, 200));
            let text = text(message, base);
            let request =
                format!("{}:{} ({})\nSubject: {subject}\n\n{text}", server.host, server.port, server.security);
            let mail = Mail { id: id.to_string(), from: sender, to, subject, text, at: app.clock.now() };
            let began = tokio::time::Instant::now();
            let answer = app.net.mail(server, &mail).await;
            let took_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
            let (response, failure) = match answer {
                Ok(said) => (said, None),
                Err(error) => (error.to_string(), Some(error.to_string())),
            };
            Attempt { request, response, failure, retry_after: None, took_ms }
        }
        Way::Telegram { api, token, chat } => match chat_request(api, token, chat, &text(message, base)) {
            Some(request) => of_chat(call(app, request).await),
            None => Attempt::unsent("the address of the Bot API cannot be used".to_owned()),
        },
        Way::Webhook { url, secret } => {
            let request = webhook_request(url, secret, id, &payload(message, base), app.clock.now());
            let exchange = call(app, request).await;
            let retry_after = exchange.answer.as_ref().ok().and_then(|answer| {
                answer.header("retry-after").and_then(|value| retry::parse_retry_after(value, app.clock.now()))
            });
            let failure = send_postback::failure(&exchange);
            Attempt { retry_after, ..attempt(&exchange, failure) }
        }
    }
}

async fn call(app: &App, request: Request) -> Exchange {
    let options = CallOptions {
        deadline: DEADLINE,
        connect_timeout: Duration::from_secs(app.config.http.connect_timeout_seconds),
        reuse: Reuse::No,
        is_list: false,
    };
    app.net.call(request, options).await
}

fn attempt(exchange: &Exchange, failure: Option<String>) -> Attempt {
    let shown = record::record(exchange);
    Attempt {
        request: shown.request.trim_end().to_owned(),
        response: shown.response.trim_end().to_owned(),
        failure,
        retry_after: None,
        took_ms: i64::try_from(exchange.took.as_millis()).unwrap_or(i64::MAX),
    }
}

/// The message for people who read plain text. A single line is its own title.
fn text(message: &Message, base: &str) -> String {
    let lines = message.lines.iter().map(|line| format!("{}\n{base}{}", line.text, line.link));
    let lines: Vec<String> = lines.collect();
    if let [one] = lines.as_slice()
        && message.lines.iter().all(|line| line.text == message.title)
    {
        return format!("{one}\n");
    }
    format!("{}\n\n{}\n\n{base}/alerts\n", message.title, lines.join("\n\n"))
}

/// `sendMessage` of the Bot API.
fn chat_request(api: &Url, token: &str, chat: &str, text: &str) -> Option<Request> {
    let url = format!("{}/bot{token}/sendMessage", api.as_str().trim_end_matches('/')).parse().ok()?;
    let mut units = 0;
    let shown = text.chars().take_while(|char| {
        units += char.len_utf16();
        units <= CHAT_UNITS
    });
    let body = json!({
        "chat_id": chat,
        "text": shown.collect::<String>(),
        "link_preview_options": { "is_disabled": true },
    });
    Some(Request {
        method: Method::Post,
        url,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.to_string().into_bytes(),
        secrets: vec![token.to_owned()],
    })
}

/// The Bot API says in its body whether it took the message, why not, and when to come again.
fn of_chat(exchange: Exchange) -> Attempt {
    let answer = exchange.answer.as_ref().ok();
    let body: Value = answer.and_then(|answer| serde_json::from_slice(&answer.body).ok()).unwrap_or_default();
    let failure = match (send_postback::failure(&exchange), body.get("ok").and_then(Value::as_bool)) {
        (None, Some(true)) => None,
        (failure, _) => {
            let said = body.get("description").and_then(Value::as_str).map(|said| cut(said, 200).to_owned());
            Some(said.or(failure).unwrap_or_else(|| "the answer is not that of the Bot API".to_owned()))
        }
    };
    let seconds = body.get("parameters").and_then(|given| given.get("retry_after")).and_then(Value::as_u64);
    Attempt { retry_after: seconds.map(Duration::from_secs), ..attempt(&exchange, failure) }
}

/// What a webhook gets.
fn payload(message: &Message, base: &str) -> Value {
    let alerts = message.lines.iter().map(|line| {
        json!({
            "id": line.alert_id, "kind": line.kind, "what": line.what, "critical": line.is_critical,
            "text": line.text, "link": format!("{base}{}", line.link), "opened_at": line.opened_at, "at": line.at,
        })
    });
    json!({
        "type": "alerts",
        "title": message.title,
        "link": format!("{base}/alerts"),
        "alerts": alerts.collect::<Vec<Value>>(),
    })
}

fn webhook_request(url: &Url, secret: &str, id: Uuid, payload: &Value, now: DateTime<Utc>) -> Request {
    let body = payload.to_string().into_bytes();
    let secrets = vec![secret.to_owned()];
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    headers.extend(sign::headers(&secrets, &id.to_string(), now.timestamp(), &body));
    Request { method: Method::Post, url: url.clone(), headers, body, secrets }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::exchange::Response;

    fn message(texts: &[&str], title: &str) -> Message {
        let line = |text: &&str| super::super::bundle::Line {
            alert_id: Uuid::nil(),
            kind: "disk".into(),
            what: "opened".into(),
            is_critical: true,
            text: (*text).to_owned(),
            link: "/health".into(),
            opened_at: DateTime::UNIX_EPOCH,
            at: DateTime::UNIX_EPOCH,
        };
        Message { title: title.into(), lines: texts.iter().map(line).collect() }
    }

    #[test]
    fn one_line_is_said_once_and_many_stand_below_their_title() {
        let one = text(&message(&["Disk"], "Disk"), "https://x.example");
        assert_eq!(one, "Disk\nhttps://x.example/health\n");
        let two = text(&message(&["Disk", "Queue"], "2 alerts"), "https://x.example");
        assert!(two.starts_with("2 alerts\n\nDisk\nhttps://x.example/health\n\nQueue\n") && two.ends_with("/alerts\n"));
    }

    #[test]
    fn a_chat_gets_no_more_than_it_takes() {
        let api: Url = "https://api.telegram.org".parse().unwrap();
        let request = chat_request(&api, "12:abc", "-100", &"😀".repeat(5000)).unwrap();
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["text"].as_str().unwrap().encode_utf16().count(), CHAT_UNITS);
        assert_eq!(request.url.as_str(), "https://api.telegram.org/bot12:abc/sendMessage");
    }

    #[test]
    fn the_bot_api_says_when_to_come_again() {
        let api: Url = "https://api.telegram.org".parse().unwrap();
        let of = |status, body: Value| {
            let request = chat_request(&api, "12:abc", "-100", "x").unwrap();
            let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            let answer = Ok(Response { status, headers, body: body.to_string().into_bytes(), is_cut: false });
            of_chat(Exchange { request, answer, remote_ip: None, took: Duration::ZERO })
        };
        assert_eq!(of(200, json!({ "ok": true, "result": {} })).failure, None);
        let busy = json!({ "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 5",
            "parameters": { "retry_after": 5 } });
        let busy = of(429, busy);
        assert_eq!(busy.failure.as_deref(), Some("Too Many Requests: retry after 5"));
        assert_eq!(busy.retry_after, Some(Duration::from_secs(5)));
        assert!(!busy.request.contains("12:abc"), "{}", busy.request);
        assert!(of(200, json!({ "hello": 1 })).failure.is_some(), "some other server");
    }
}
