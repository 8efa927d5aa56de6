//! Calls of networks to our postback URLs. A batched writer stores them raw, judges each, applies what they report and
//! commits once; then they are answered. A judgement that fails keeps its raw row.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use sqlx::{Acquire, PgConnection};
use uuid::Uuid;

use super::apply_status::{self, Item};
use super::{batch, settings};
use crate::adapters::{Inbound, InboundAnswer, InboundCall, SharedAdapter, altercpa};
use crate::app::App;
use crate::db;
use crate::db::inbound::{Judged, Raw, Reference};
use crate::domain::report::StatusReport;
use crate::domain::status::{Source, Verdict};

/// A call and its headers, which are not stored.
#[derive(Clone, Debug)]
pub struct Call {
    /// As it came.
    pub raw: Raw,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
}

/// What a call is answered.
#[derive(Clone, Debug)]
pub enum Taken {
    /// Stored and judged.
    Stored {
        /// The word for our JSON answer.
        result: String,
        /// The partner's own answer.
        answer: Option<InboundAnswer>,
    },
    /// Not stored: the database is away.
    Unavailable,
}

/// Takes a batch: what the writer of `app.writers.inbound` runs.
pub async fn run(app: App, calls: Vec<Call>) -> Vec<Taken> {
    batch::or_bisect(
        &app,
        &calls,
        |app, part| Box::pin(write(app, part)),
        |error| {
            tracing::error!(error = format!("{error:#}"), "take an inbound call");
            Taken::Unavailable
        },
    )
    .await
}

async fn write(app: &App, calls: &[Call]) -> anyhow::Result<Vec<Taken>> {
    let mut tx = app.db.begin().await?;
    let raws: Vec<Raw> = calls.iter().map(|call| call.raw.clone()).collect();
    db::inbound::insert_raw(&mut tx, &raws).await?;
    let taken = judge(app, &mut tx, calls).await?;
    let mut networks: Vec<Uuid> = calls.iter().map(|call| call.raw.network_id).collect();
    networks.sort_unstable();
    networks.dedup();
    db::inbound::touch_networks(&mut tx, &networks, app.clock.now()).await?;
    tx.commit().await?;
    app.wake.jobs();
    Ok(taken)
}

/// Judges stored calls: all together in one savepoint, or, when that fails, each in its own.
async fn judge(app: &App, conn: &mut PgConnection, calls: &[Call]) -> anyhow::Result<Vec<Taken>> {
    let mut all = conn.begin().await?;
    match judge_in(app, &mut all, calls).await {
        Ok(taken) => {
            all.commit().await?;
            return Ok(taken);
        }
        Err(error)
            if error.downcast_ref::<sqlx::Error>().is_some_and(|e| db::is_retryable(e) || db::is_unavailable(e)) =>
        {
            return Err(error);
        }
        Err(error) => {
            all.rollback().await?;
            tracing::warn!(
                error = format!("{error:#}"),
                calls = calls.len(),
                "a batch of inbound calls is judged one by one"
            );
        }
    }
    let mut taken = Vec::with_capacity(calls.len());
    for call in calls {
        let mut own = conn.begin().await?;
        match judge_in(app, &mut own, std::slice::from_ref(call)).await {
            Ok(mut one) => {
                own.commit().await?;
                taken.append(&mut one);
            }
            Err(error) => {
                own.rollback().await?;
                tracing::error!(error = format!("{error:#}"), inbound_id = %call.raw.inbound_id, "judge an inbound call");
                let judged = verdict(
                    &call.raw,
                    "failed",
                    Some("the judgement failed; it can be processed again".into()),
                    None,
                    None,
                );
                db::inbound::judge_many(conn, &[judged], app.clock.now()).await?;
                taken.push(Taken::Stored { result: "ignored".into(), answer: None });
            }
        }
    }
    Ok(taken)
}

fn verdict(
    raw: &Raw,
    result: &str,
    reason: Option<String>,
    found: Option<(Uuid, Uuid)>,
    report: Option<&StatusReport>,
) -> Judged {
    Judged {
        inbound_id: raw.inbound_id,
        received_at: raw.received_at,
        result: result.to_owned(),
        reason,
        lead_id: found.map(|(_, lead_id)| lead_id),
        delivery_id: found.map(|(delivery_id, _)| delivery_id),
        our_ref: report.and_then(|report| report.our_ref.clone()),
        external_id: report.and_then(|report| report.external_id.clone()),
    }
}

async fn judge_in(app: &App, conn: &mut PgConnection, calls: &[Call]) -> anyhow::Result<Vec<Taken>> {
    let now = app.clock.now();
    let read: Vec<Result<Inbound, String>> = calls.iter().map(|call| read(app, call)).collect();
    // Reports of all calls, in the order they came: (call, report).
    let reports: Vec<(usize, &StatusReport)> = read
        .iter()
        .enumerate()
        .flat_map(|(index, inbound)| {
            inbound.iter().flat_map(move |inbound| inbound.reports.iter().map(move |report| (index, report)))
        })
        .collect();
    let references: Vec<Reference> = reports
        .iter()
        .filter_map(|(index, report)| Some(reference(calls.get(*index)?.raw.network_id, report)))
        .collect();
    let found: BTreeMap<usize, (Uuid, Uuid)> = if references.is_empty() {
        BTreeMap::new()
    } else {
        db::inbound::resolve(conn, &references)
            .await?
            .into_iter()
            .map(|(index, delivery, lead)| (index, (delivery, lead)))
            .collect()
    };
    let mut items = Vec::new();
    let mut item_of = BTreeMap::new();
    for (position, (index, report)) in reports.iter().enumerate() {
        if let (Some((delivery_id, lead_id)), Some(call)) = (found.get(&position), calls.get(*index)) {
            item_of.insert(position, items.len());
            items.push(Item {
                lead_id: *lead_id,
                delivery_id: *delivery_id,
                source: Source::Postback,
                actor: None,
                report: (*report).clone(),
                is_unsold: false,
                origin: Some(call.raw.inbound_id),
            });
        }
    }
    let judged = apply_status::run(app, conn, &items).await?;
    let told: Vec<(Uuid, Uuid, String)> = reports
        .iter()
        .enumerate()
        .filter_map(|(position, (index, report))| {
            let item = *item_of.get(&position)?;
            let is_meant = !matches!(judged.get(item)?.verdict, Verdict::Ignored | Verdict::Unmatched);
            let external_id = report.external_id.clone().filter(|id| is_meant && !id.is_empty())?;
            Some((calls.get(*index)?.raw.network_id, items.get(item)?.delivery_id, external_id))
        })
        .collect();
    let mut rows = Vec::with_capacity(calls.len());
    let mut taken = Vec::with_capacity(calls.len());
    for (index, (call, inbound)) in calls.iter().zip(&read).enumerate() {
        let (row, answer) = match inbound {
            Err(why) => {
                let answer = adapter_of(app, call.raw.network_id).and_then(|adapter| adapter.inbound_answer(None));
                (verdict(&call.raw, Verdict::Ignored.as_str(), Some(why.clone()), None, None), answer)
            }
            Ok(inbound) => {
                // Several reports in one call: the most telling verdict stands for the call.
                let own = reports.iter().enumerate().filter(|(_, (of, _))| *of == index);
                let best = own
                    .map(|(position, (_, report))| {
                        let told = item_of.get(&position).and_then(|item| judged.get(*item));
                        let (verdict, reason) = told.map_or_else(
                            || (Verdict::Unmatched, Some("no delivery of this network has that id".to_owned())),
                            |judged| (judged.verdict, judged.reason.clone()),
                        );
                        (verdict, reason, found.get(&position).copied(), *report)
                    })
                    .min_by_key(|(verdict, ..)| *verdict);
                let judged = best.as_ref().map_or(Verdict::Ignored, |(verdict, ..)| *verdict);
                let row = match best {
                    Some((best, reason, found, report)) => {
                        verdict(&call.raw, best.as_str(), reason, found, Some(report))
                    }
                    None => {
                        verdict(&call.raw, Verdict::Ignored.as_str(), Some("it reports nothing".into()), None, None)
                    }
                };
                let by_verdict =
                    || adapter_of(app, call.raw.network_id).and_then(|adapter| adapter.inbound_answer(Some(judged)));
                (row, inbound.answer.clone().or_else(by_verdict))
            }
        };
        metrics::counter!("leadrelay_inbound_total", "result" => row.result.clone()).increment(1);
        taken.push(Taken::Stored { result: public_word(&row.result).to_owned(), answer });
        rows.push(row);
    }
    db::inbound::judge_many(conn, &rows, now).await?;
    learn(app, conn, told).await?;
    for item in &items {
        app.waiters.wake(item.lead_id);
    }
    Ok(taken)
}

/// A report that names our lead may bring the network's id of it: earlier calls by that id are judged again.
/// Boxed: judging them comes here again, and ends, because what has been matched is not waiting any more.
pub(super) fn learn<'a>(
    app: &'a App,
    conn: &'a mut PgConnection,
    told: Vec<(Uuid, Uuid, String)>,
) -> BoxFuture<'a, anyhow::Result<()>> {
    Box::pin(async move {
        if told.is_empty() {
            return Ok(());
        }
        let ids: Vec<(Uuid, String)> = told.iter().map(|(_, delivery_id, id)| (*delivery_id, id.clone())).collect();
        db::delivery::learn(conn, &ids).await?;
        let learned: Vec<(Uuid, String)> = told.into_iter().map(|(network_id, _, id)| (network_id, id)).collect();
        reprocess_waiting(app, conn, &learned).await
    })
}

/// The answer knows five words.
fn public_word(result: &str) -> &str {
    if result == Verdict::Stale.as_str() { Verdict::Ignored.as_str() } else { result }
}

fn adapter_of(app: &App, network_id: Uuid) -> Option<SharedAdapter> {
    let rules = app.rules.load();
    app.adapters.get(&rules.networks.get(&network_id)?.integration).cloned()
}

fn read(app: &App, call: &Call) -> Result<Inbound, String> {
    let rules = app.rules.load();
    let network = rules.networks.get(&call.raw.network_id).ok_or("the network is gone")?;
    let adapter = app.adapters.get(&network.integration).ok_or("the integration is gone")?;
    let plain = InboundCall {
        method: call.raw.method.clone(),
        params: params(&call.raw),
        body: call.raw.body.clone(),
        headers: call.headers.clone(),
    };
    if call.raw.dialect.as_deref() == Some(altercpa::DIALECT) {
        return Ok(altercpa::read(&plain));
    }
    let settings = settings::settings_of(&app.seal, network, adapter.about())
        .map_err(|_| "the network's secrets do not open with this instance's key")?;
    adapter.inbound(&settings, &plain)
}

/// The parameters of a call: query, then form or JSON body over it.
pub fn params(raw: &Raw) -> BTreeMap<String, String> {
    let pairs = |bytes: &[u8]| -> Vec<(String, String)> {
        url::form_urlencoded::parse(bytes).map(|(key, value)| (key.into_owned(), value.into_owned())).collect()
    };
    let mut params: BTreeMap<String, String> = pairs(raw.query.as_bytes()).into_iter().collect();
    let mime = raw.content_type.as_deref().unwrap_or("").to_ascii_lowercase();
    let looks_like_json = raw.body.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| *byte == b'{');
    if mime.contains("json") || looks_like_json {
        if let Ok(serde_json::Value::Object(object)) = serde_json::from_slice(&raw.body) {
            flatten("", &object, &mut params);
        }
    } else if !raw.body.is_empty() {
        params.extend(pairs(&raw.body));
    }
    params
}

fn flatten(prefix: &str, object: &serde_json::Map<String, serde_json::Value>, into: &mut BTreeMap<String, String>) {
    for (key, value) in object {
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            serde_json::Value::Null => {}
            serde_json::Value::Object(inner) => flatten(&name, inner, into),
            serde_json::Value::String(text) => {
                into.insert(name, text.clone());
            }
            other => {
                into.insert(name, other.to_string());
            }
        }
    }
}

/// Which lead a report means: our id with or without hyphens, or its number; or the network's own id.
pub(super) fn reference(network_id: Uuid, report: &StatusReport) -> Reference {
    let our_ref = report.our_ref.as_deref().map(str::trim).unwrap_or_default();
    Reference {
        network_id,
        lead_id: Uuid::parse_str(our_ref).ok(),
        number: our_ref.parse().ok(),
        external_id: report.external_id.clone().filter(|id| !id.is_empty()),
    }
}

/// Judges stored calls again: after a fix, or when an id has become known. The headers are gone by then.
pub async fn reprocess(app: &App, conn: &mut PgConnection, raws: Vec<Raw>) -> anyhow::Result<Vec<Taken>> {
    let calls: Vec<Call> = raws.into_iter().map(|raw| Call { raw, headers: Vec::new() }).collect();
    if calls.is_empty() {
        return Ok(Vec::new());
    }
    judge(app, conn, &calls).await
}

/// Calls that came before the answer of their own delivery: their external ids are known now.
pub(super) async fn reprocess_waiting(
    app: &App,
    conn: &mut PgConnection,
    learned: &[(Uuid, String)],
) -> anyhow::Result<()> {
    if learned.is_empty() {
        return Ok(());
    }
    let waiting = db::inbound::waiting_for(conn, learned).await?;
    reprocess(app, conn, waiting).await?;
    Ok(())
}
