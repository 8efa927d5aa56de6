//! `/networks/{id}/answers`: what an answer would mean, and what the last ones meant.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;
use tower_sessions::Session;

use super::frame::{Frame, Tab, find};
use super::request::gone;
use super::test::sentence;
use crate::app::App;
use crate::base::exchange::Response;
use crate::base::field_error::FieldError;
use crate::db::network_health::{self, ANSWERS, Attempt, Pace};
use crate::domain::outcome::Outcome;
use crate::flow::preview::{self, Meaning};
use crate::flow::status_words::Origin;
use crate::http::api::networks::NetworkView;
use crate::http::dashboard::chart::{Chart, Line};
use crate::http::dashboard::fields::{Field, Form};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::format;
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::texts::{self, say};
use crate::http::dashboard::{lines, words};
use crate::http::error::Error;
use crate::http::extract::{PathId, QueryOf};
use crate::http::principal::Principal;

/// Answers shown.
const ROWS: i64 = 100;
/// Older ones are not looked for.
const DAYS: i64 = 30;
/// Hours in the chart, with the present one.
const HOURS: i64 = 24;

/// Which answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Ask {
    /// Word of the outcome; empty: all.
    outcome: String,
}

/// A filter with how many it finds.
struct Count {
    word: String,
    count: i64,
    is_current: bool,
}

/// What a pasted answer would mean.
#[derive(Debug)]
struct Judged {
    /// Word and sentence; none when the send would go on.
    outcome: Option<(&'static str, String)>,
    following: Option<String>,
    /// Label and value.
    facts: Vec<(String, String)>,
    /// Number and text of the rule.
    rule: Option<(usize, String)>,
}

#[derive(Template)]
#[template(path = "networks/answers.html")]
struct Page {
    shell: Shell,
    frame: Frame,
    form: Form,
    judged: Option<Judged>,
    /// Why it was not judged.
    wrong: Option<String>,
    counts: Vec<Count>,
    total: i64,
    is_filtered: bool,
    attempts: Vec<Attempt>,
    sample: i64,
    /// Of the last [`HOURS`].
    pace: Vec<Pace>,
}

impl Page {
    /// How long answers took, hour by hour.
    fn chart(&self) -> Chart {
        let line = |label: &'static str, read: fn(&Pace) -> i32| Line {
            label: say(label).into(),
            values: self.pace.iter().map(|hour| Some(f64::from(read(hour)))).collect(),
        };
        Chart {
            labels: self.pace.iter().map(|hour| format::clock(hour.at)).collect(),
            lines: vec![
                line("answers-p50", |hour| hour.p50),
                line("answers-p95", |hour| hour.p95),
                line("answers-p99", |hour| hour.p99),
            ],
        }
    }
}

/// What differs from a plain look.
#[derive(Default)]
struct With {
    form: Option<Form>,
    judged: Option<Judged>,
    wrong: Option<String>,
}

fn form(values: &FormPairs, errors: &[FieldError]) -> Form {
    let fields = vec![
        Field::new(values, "status", "number", say("answer-status")).required(),
        Field::new(values, "headers", "lines", say("answer-headers")).help(say("network-lines")),
        Field::new(values, "body", "lines", say("answer-body")),
    ];
    Form::new(fields, Vec::new(), None, errors).named("answer")
}

fn read(pairs: &FormPairs) -> Result<Response, Vec<FieldError>> {
    let mut errors = Vec::new();
    let status = pairs.get("status").parse::<u16>().ok().filter(|status| (100..=599).contains(status));
    if status.is_none() {
        errors.push(FieldError::invalid("status", say("answer-status-wrong")));
    }
    let headers = lines::read(pairs.raw("headers"), ':', false, &Value::Null).unwrap_or_else(|line| {
        errors.push(FieldError::invalid("headers", say("network-lines-wrong").with("line", line)));
        Value::Null
    });
    let named = headers.as_object().into_iter().flatten();
    let headers = named.map(|(name, value)| (name.to_lowercase(), lines::text(value))).collect();
    let body = pairs.raw("body").as_bytes().to_vec();
    match status {
        Some(status) if errors.is_empty() => Ok(Response { status, headers, body, is_cut: false }),
        _ => Err(errors),
    }
}

fn judged(meaning: Meaning) -> Judged {
    let mut facts = Vec::new();
    if let Some(Outcome::Accepted(accepted)) = &meaning.outcome {
        let payout = accepted.payout.map(|payout| format::money(payout, accepted.currency.as_deref().unwrap_or("")));
        let means = accepted.status.as_ref().map(|_| match &meaning.status {
            Some((status, Origin::Own)) => say("answer-means-own").with("status", words::state(status.as_str())),
            Some((status, Origin::Integration)) => say("answer-means").with("status", words::state(status.as_str())),
            None => say("answer-means-nothing"),
        });
        let all = [
            ("answer-id", accepted.external_id.clone()),
            ("answer-word", accepted.status.clone()),
            ("column-means", means.map(String::from)),
            ("answer-payout", payout),
            ("answer-redirect", accepted.redirect_url.clone()),
            ("answer-message", accepted.message.clone()),
        ];
        facts.extend(all.into_iter().filter_map(|(label, value)| Some((say(label).into(), value?))));
    }
    if let Some(Outcome::Retry { after: Some(after), .. } | Outcome::NoCapacity { after: Some(after), .. }) =
        &meaning.outcome
    {
        facts.push((say("answer-after").into(), format::span(after.as_secs())));
    }
    Judged {
        outcome: meaning.outcome.as_ref().map(|outcome| (outcome.word(), sentence(outcome).into())),
        following: meaning.following,
        facts,
        rule: meaning.decided.map(|decided| (decided.no, decided.rule)),
    }
}

async fn answer(
    app: &App,
    session: &Session,
    principal: &Principal,
    network: NetworkView,
    outcome: &str,
    (with, status): (With, StatusCode),
) -> Answer {
    let since = app.clock.now() - TimeDelta::days(DAYS);
    let named = Some(outcome).filter(|word| !word.is_empty());
    let mut conn = app.db.acquire().await?;
    let found = network_health::outcomes(&mut conn, network.id, since).await?;
    let attempts = network_health::attempts(&mut conn, network.id, since, named, ROWS).await?;
    let pace = network_health::pace(&mut conn, network.id, &hours(app.clock.now())).await?;
    drop(conn);
    let frame = Frame::of(app, network, Tab::Answers).await?;
    let page = Page {
        shell: Shell::of(session, principal, frame.title(), "/networks").await?,
        frame,
        form: with.form.unwrap_or_else(|| form(&FormPairs::default(), &[])),
        judged: with.judged,
        wrong: with.wrong,
        total: found.iter().map(|(_, count)| count).sum(),
        counts: found.into_iter().map(|(word, count)| Count { is_current: word == outcome, word, count }).collect(),
        is_filtered: named.is_some(),
        attempts,
        sample: ANSWERS,
        pace,
    };
    layout::page_with(status, &page)
}

/// Where the last hours begin.
fn hours(now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let present = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
    (0..HOURS).rev().map(|back| present - TimeDelta::hours(back)).collect()
}

/// `GET /networks/{id}/answers`
pub async fn show(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    QueryOf(ask): QueryOf<Ask>,
) -> Answer {
    let network = find(&app, &id).await?;
    let outcome = ask.outcome.replace('\0', "");
    answer(&app, &session, &principal, network, outcome.trim(), (With::default(), StatusCode::OK)).await
}

/// `POST /networks/{id}/answers`: the fields `status`, `headers`, `body`. Nothing is stored.
pub async fn judge(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    pairs: FormPairs,
) -> Answer {
    let network = find(&app, &id).await?;
    let with = match read(&pairs) {
        Err(errors) => {
            (With { form: Some(form(&pairs, &errors)), ..With::default() }, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Ok(response) => match preview::answer(&app, network.id, response).map_err(gone) {
            Ok(meaning) => {
                (With { form: Some(form(&pairs, &[])), judged: Some(judged(meaning)), wrong: None }, StatusCode::OK)
            }
            Err(Error::Conflict { detail, .. }) => {
                let form = Some(form(&pairs, &[]));
                (With { form, judged: None, wrong: Some(detail) }, StatusCode::CONFLICT)
            }
            Err(error) => return Err(error.into()),
        },
    };
    answer(&app, &session, &principal, network, "", with).await
}

#[cfg(test)]
mod tests {
    use super::super::frame::tests::{frame, shell};
    use super::*;
    use crate::adapters::Decided;
    use crate::domain::outcome::Accepted;
    use crate::domain::status::Status;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    fn page(attempts: Vec<Attempt>, judged: Option<Judged>) -> Page {
        let counts = vec![
            Count { word: "accepted".into(), count: 610, is_current: false },
            Count { word: "refused".into(), count: 205, is_current: true },
        ];
        Page {
            shell: shell(UserRole::Manager),
            frame: frame(Tab::Answers),
            form: form(&FormPairs::parse(b"status=200&body=%3Cb%3E"), &[]),
            judged,
            wrong: None,
            counts: if attempts.is_empty() { vec![] } else { counts },
            total: 815,
            is_filtered: true,
            attempts,
            sample: ANSWERS,
            pace: [0, 1]
                .map(|hour| Pace {
                    at: DateTime::UNIX_EPOCH + TimeDelta::hours(hour),
                    sends: 40,
                    p50: 180,
                    p95: 420,
                    p99: 1260,
                })
                .to_vec(),
        }
    }

    fn attempt(number: i64, outcome: &str, http_status: Option<i16>, detail: Option<&str>) -> Attempt {
        Attempt {
            lead_id: uuid::Uuid::from_u128(9),
            lead_number: number,
            started_at: DateTime::UNIX_EPOCH + TimeDelta::minutes(number % 9),
            kind: "send".into(),
            outcome: outcome.into(),
            http_status,
            took_ms: 184,
            detail: detail.map(str::to_owned),
        }
    }

    #[test]
    fn the_last_answers_stand_below_and_none_is_said() {
        let attempts = vec![
            attempt(20_418, "accepted", Some(200), None),
            attempt(20_417, "refused", Some(200), Some("duplicate <phone>")),
            attempt(20_409, "unknown", None, Some("the answer did not come within 30 s")),
        ];
        let text = html::check("network-answers", &page(attempts, None));
        assert!(text.contains("duplicate &#60;phone&#62;") && text.contains("?outcome=refused"));
        assert!(html::check("network-answers-none", &page(vec![], None)).contains("Nothing was sent yet"));
    }

    #[test]
    fn what_an_answer_means_is_told_with_the_rule_that_decided() {
        let accepted = Accepted {
            external_id: Some("L-<7>".into()),
            status: Some("in work".into()),
            payout: Some(rust_decimal::Decimal::new(1250, 2)),
            currency: Some("USD".into()),
            ..Accepted::default()
        };
        let meaning = Meaning {
            outcome: Some(Outcome::Accepted(accepted)),
            following: None,
            decided: Some(Decided { no: 3, rule: "{\"is\":\"accepted\"}".into() }),
            status: Some((Status::Hold, Origin::Own)),
        };
        let text = html::check("network-answer-judged", &page(vec![], Some(judged(meaning))));
        assert!(text.contains("L-&#60;7&#62;") && text.contains("Rule 3") && text.contains("hold"), "{text}");
        let step =
            Meaning { outcome: None, following: Some("GET https://x.example/".into()), decided: None, status: None };
        html::check("network-answer-step", &page(vec![], Some(judged(step))));
    }

    #[test]
    fn a_pasted_answer_is_read_and_what_is_wrong_is_named() {
        let read = |raw: &[u8]| read(&FormPairs::parse(raw));
        let response = read(b"status=429&headers=Retry-After%3A+17&body=%7B%7D").unwrap();
        assert_eq!((response.status, response.header("retry-after"), response.body.len()), (429, Some("17"), 2));
        let fields = |raw: &[u8]| read(raw).unwrap_err().into_iter().map(|error| error.field).collect::<Vec<_>>();
        assert_eq!(fields(b"status=ok&headers=nonsense"), ["status", "headers"]);
        assert_eq!(fields(b"status=99"), ["status"]);
    }
}
