//! Rows of statuses: each is matched to a delivery and judged like any other report.

use std::collections::BTreeMap;

use sqlx::{Acquire, PgConnection};
use uuid::Uuid;

use super::step::Cx;
use super::{FAILED, cells_of, invalid};
use crate::app::App;
use crate::db;
use crate::db::import::{Line, Outcome};
use crate::db::inbound::Reference;
use crate::domain::import::report;
use crate::domain::report::StatusReport;
use crate::domain::status::{Source, Verdict};
use crate::flow::apply_status::{self, Item};
use crate::flow::take_inbound;

/// Earlier rows about the same leads that a dry run looks at again.
const EARLIER: i64 = 2000;

/// What rows would come to. They are applied, after the earlier rows about the same leads, and taken back.
pub(super) async fn foresee(app: &App, cx: &Cx<'_>, rows: &[Line]) -> anyhow::Result<Vec<Outcome>> {
    let mut tx = app.db.begin().await?;
    let found = matched(&mut tx, cx, rows).await?;
    let leads: Vec<Uuid> = found.iter().filter_map(|row| row.as_ref().ok().map(|item| item.lead_id)).collect();
    let until = cx.import.progress;
    let mut all = db::import::rows_of_leads(&mut tx, cx.import.import_id, &leads, until, EARLIER).await?;
    let earlier = all.len();
    all.extend_from_slice(rows);
    let mut outcomes = judge(app, &mut tx, cx, &all, true).await?;
    tx.rollback().await?;
    Ok(outcomes.split_off(earlier))
}

/// Judges rows in the caller's transaction: all together, or, when that fails, each by itself.
pub(super) async fn judge(
    app: &App,
    conn: &mut PgConnection,
    cx: &Cx<'_>,
    rows: &[Line],
    is_dry: bool,
) -> anyhow::Result<Vec<Outcome>> {
    let mut all = conn.begin().await?;
    match judge_in(app, &mut all, cx, rows, is_dry).await {
        Ok(outcomes) => {
            all.commit().await?;
            return Ok(outcomes);
        }
        Err(error) if is_of_database(&error) => return Err(error),
        Err(error) => {
            all.rollback().await?;
            tracing::warn!(error = format!("{error:#}"), rows = rows.len(), "rows of an import are judged one by one");
        }
    }
    let mut outcomes = Vec::with_capacity(rows.len());
    for row in rows {
        let mut own = conn.begin().await?;
        match judge_in(app, &mut own, cx, std::slice::from_ref(row), is_dry).await {
            Ok(mut one) => {
                own.commit().await?;
                outcomes.append(&mut one);
            }
            Err(error) if is_of_database(&error) => return Err(error),
            Err(error) => {
                own.rollback().await?;
                tracing::error!(error = format!("{error:#}"), import_id = %cx.import.import_id, "judge a row of an import");
                outcomes.push(outcome(row.line, FAILED, Some("it could not be judged: our fault".into()), None));
            }
        }
    }
    Ok(outcomes)
}

/// The whole step comes again later.
fn is_of_database(error: &anyhow::Error) -> bool {
    error.downcast_ref::<sqlx::Error>().is_some_and(|error| db::is_retryable(error) || db::is_unavailable(error))
}

fn outcome(line: i32, result: &'static str, reason: Option<String>, lead_id: Option<Uuid>) -> Outcome {
    Outcome { line, result, field: None, reason, lead_id }
}

async fn judge_in(
    app: &App,
    conn: &mut PgConnection,
    cx: &Cx<'_>,
    rows: &[Line],
    is_dry: bool,
) -> anyhow::Result<Vec<Outcome>> {
    let found = matched(conn, cx, rows).await?;
    let items: Vec<Item> = found.iter().filter_map(|row| row.as_ref().ok().map(|item| item.item.clone())).collect();
    let judged = apply_status::run(app, conn, &items).await?;
    let mut verdicts = judged.into_iter();
    let mut outcomes = Vec::with_capacity(rows.len());
    let mut told = Vec::new();
    for (row, found) in rows.iter().zip(found) {
        match found {
            Err(outcome) => outcomes.push(outcome),
            Ok(found) => {
                let Some(judged) = verdicts.next() else { anyhow::bail!("a row was not judged") };
                let is_meant = !matches!(judged.verdict, Verdict::Ignored | Verdict::Unmatched);
                let external_id = found.item.report.external_id.filter(|id| is_meant && !id.is_empty());
                told.extend(external_id.map(|id| (found.network_id, found.item.delivery_id, id)));
                outcomes.push(outcome(row.line, judged.verdict.as_str(), judged.reason, Some(found.lead_id)));
            }
        }
    }
    if !is_dry {
        take_inbound::learn(app, conn, told).await?;
    }
    Ok(outcomes)
}

/// A row that has found its delivery.
struct Found {
    network_id: Uuid,
    lead_id: Uuid,
    item: Item,
}

/// The delivery that each row means, among those of the network of the import; or why there is none.
async fn matched(conn: &mut PgConnection, cx: &Cx<'_>, rows: &[Line]) -> sqlx::Result<Vec<Result<Found, Outcome>>> {
    let read: Vec<Result<StatusReport, Outcome>> = rows
        .iter()
        .map(|row| {
            report(cx.mapping, &cx.import.heads, &cells_of(&row.cells)).map_err(|errors| invalid(row.line, &errors))
        })
        .collect();
    let references = references(conn, cx, &read).await?;
    let asked: Vec<Reference> = references.iter().filter_map(|reference| reference.as_ref().ok().cloned()).collect();
    let mut deliveries: BTreeMap<usize, (Uuid, Uuid)> = BTreeMap::new();
    if !asked.is_empty() {
        let resolved = db::inbound::resolve(conn, &asked).await?;
        deliveries.extend(resolved.into_iter().map(|(index, delivery_id, lead_id)| (index, (delivery_id, lead_id))));
    }
    let mut position = 0;
    let mut found = Vec::with_capacity(rows.len());
    for ((row, report), reference) in rows.iter().zip(read).zip(references) {
        let unmatched = |why: &str| outcome(row.line, Verdict::Unmatched.as_str(), Some(why.to_owned()), None);
        found.push(match (report, reference) {
            (Err(outcome), _) => Err(outcome),
            (Ok(_), Err(why)) => Err(unmatched(why)),
            (Ok(report), Ok(reference)) => {
                let delivery = deliveries.get(&position).copied();
                position += 1;
                delivery.ok_or_else(|| unmatched("it names no lead of this network")).map(|(delivery_id, lead_id)| {
                    Found {
                        network_id: reference.network_id,
                        lead_id,
                        item: Item {
                            lead_id,
                            delivery_id,
                            source: Source::Import,
                            actor: Some(cx.import.created_by.clone()),
                            report,
                            is_unsold: false,
                            origin: Some(cx.import.import_id),
                        },
                    }
                })
            }
        });
    }
    Ok(found)
}

/// What each row is looked for by. Without a network of the import it is the one that has the lead.
async fn references(
    conn: &mut PgConnection,
    cx: &Cx<'_>,
    read: &[Result<StatusReport, Outcome>],
) -> sqlx::Result<Vec<Result<Reference, &'static str>>> {
    let plain = |network_id| {
        read.iter().map(move |row| match row {
            Ok(report) => Ok(take_inbound::reference(network_id, report)),
            Err(_) => Err("it cannot be read"),
        })
    };
    if let Some(network_id) = cx.import.network_id {
        return Ok(plain(network_id).collect());
    }
    let named: Vec<Result<Reference, &'static str>> = plain(Uuid::nil()).collect();
    let leads: Vec<(Option<Uuid>, Option<i64>)> = named
        .iter()
        .map(|reference| reference.as_ref().map_or((None, None), |reference| (reference.lead_id, reference.number)))
        .collect();
    let owners: BTreeMap<usize, Option<Uuid>> = db::import::owners(conn, &leads).await?.into_iter().collect();
    let with_owner = |(index, reference): (usize, Result<Reference, &'static str>)| {
        let reference = reference?;
        match owners.get(&index) {
            None => Err("there is no such lead"),
            Some(None) => Err("no network has this lead"),
            Some(Some(network_id)) => Ok(Reference { network_id: *network_id, external_id: None, ..reference }),
        }
    };
    Ok(named.into_iter().enumerate().map(with_owner).collect())
}
