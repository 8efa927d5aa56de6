//! Rows of leads: each goes through the intake like a lead that was posted. The key of its row makes it one lead, however
//! often the row is handled.

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::PgConnection;
use uuid::Uuid;

use super::step::Cx;
use super::{FAILED, cells_of, invalid};
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db;
use crate::db::import::{Line, Outcome};
use crate::domain::import::raw_lead;
use crate::domain::lead::{self, ParseCx};
use crate::domain::rules::Rules;
use crate::flow::accept_lead::{self, Intake, Receipt};

const CREATED: &str = "created";
const DUPLICATE: &str = "duplicate";

/// The database is away or too busy: the step comes again.
#[derive(Debug, thiserror::Error)]
#[error("leads cannot be stored now")]
struct Away;

/// Takes the leads of rows.
pub(super) async fn take(app: &App, cx: &Cx<'_>, rows: &[Line]) -> anyhow::Result<Vec<Outcome>> {
    let (ready, mut outcomes) = read(app, cx, rows);
    let intakes: Vec<Arc<Intake>> = ready.iter().map(|(_, intake)| Arc::clone(intake)).collect();
    let receipts = accept_lead::write(app.clone(), intakes).await;
    let webmaster_id = cx.import.webmaster_id.unwrap_or_default();
    let keys: Vec<String> = ready.iter().map(|(line, _)| key(cx, *line)).collect();
    // A row that was handled before a crash has made its lead already.
    let own: BTreeMap<String, Uuid> =
        db::import::leads_of_keys(&mut *app.db.acquire().await?, webmaster_id, &keys).await?.into_iter().collect();
    for (((line, _), key), receipt) in ready.iter().zip(&keys).zip(receipts) {
        let is_own = |lead_id: Uuid| own.get(key) == Some(&lead_id);
        let receipt = match receipt {
            Receipt::Unavailable => return Err(Away.into()),
            Receipt::Repeat(stored) if is_own(stored.lead_id) => Receipt::Created(stored),
            receipt => receipt,
        };
        outcomes.push(match receipt {
            Receipt::Conflict(lead_id) if is_own(lead_id) => outcome(*line, CREATED, None, Some(lead_id)),
            receipt => answered(*line, &receipt),
        });
    }
    outcomes.sort_by_key(|outcome| outcome.line);
    Ok(outcomes)
}

/// What rows would come to, by what is stored and by the rows before them.
pub(super) async fn foresee(
    app: &App,
    conn: &mut PgConnection,
    cx: &Cx<'_>,
    rows: &[Line],
) -> anyhow::Result<Vec<Outcome>> {
    let (ready, mut outcomes) = read(app, cx, rows);
    let intakes: Vec<Arc<Intake>> = ready.iter().map(|(_, intake)| Arc::clone(intake)).collect();
    let receipts = accept_lead::foresee(conn, &intakes).await?;
    let twins: Vec<String> = intakes.iter().flat_map(|intake| intake.twins()).collect();
    let known = db::import::keys(conn, cx.import.import_id, &twins).await?;
    let mut known: BTreeMap<String, i32> = known.into_iter().collect();
    let mut new = Vec::new();
    for ((line, intake), receipt) in ready.iter().zip(receipts) {
        let twins = intake.twins();
        let twin = twins.iter().find_map(|key| known.get(key));
        outcomes.push(match (receipt, twin) {
            (Some(receipt), _) => answered(*line, &receipt),
            (None, Some(first)) => {
                outcome(*line, DUPLICATE, Some(format!("line {first} of the file is the same lead")), None)
            }
            (None, None) => {
                for key in twins {
                    new.push((key.clone(), *line));
                    known.insert(key, *line);
                }
                outcome(*line, CREATED, None, None)
            }
        });
    }
    db::import::add_keys(conn, cx.import.import_id, &new).await?;
    outcomes.sort_by_key(|outcome| outcome.line);
    Ok(outcomes)
}

fn outcome(line: i32, result: &'static str, reason: Option<String>, lead_id: Option<Uuid>) -> Outcome {
    Outcome { line, result, field: None, reason, lead_id }
}

fn answered(line: i32, receipt: &Receipt) -> Outcome {
    let same_id = |reason: &str, lead_id| Outcome {
        field: Some("external_id".into()),
        ..outcome(line, DUPLICATE, Some(reason.to_owned()), Some(lead_id))
    };
    match receipt {
        Receipt::Created(stored) => outcome(line, CREATED, None, Some(stored.lead_id)),
        Receipt::Repeat(stored) => same_id("the lead of this external_id is there already", stored.lead_id),
        Receipt::Conflict(lead_id) => same_id("a lead of this external_id is there with other fields", *lead_id),
        Receipt::Duplicate(lead_id) => {
            outcome(line, DUPLICATE, Some("the offer has this lead already".into()), *lead_id)
        }
        Receipt::Unavailable | Receipt::Failed => {
            outcome(line, FAILED, Some("it could not be stored: our fault".into()), None)
        }
    }
}

/// The idempotency key of a row.
fn key(cx: &Cx<'_>, line: i32) -> String {
    format!("import:{}:{line}", cx.import.import_id)
}

/// The leads of rows, and the outcomes of those that are none.
fn read(app: &App, cx: &Cx<'_>, rows: &[Line]) -> (Vec<(i32, Arc<Intake>)>, Vec<Outcome>) {
    let rules = app.rules.load();
    let (mut ready, mut outcomes) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in rows {
        match intake(app, &rules, cx, row) {
            Ok(intake) => ready.push((row.line, Arc::new(intake))),
            Err(errors) => outcomes.push(invalid(row.line, &errors)),
        }
    }
    (ready, outcomes)
}

fn intake(app: &App, rules: &Arc<Rules>, cx: &Cx<'_>, row: &Line) -> Result<Intake, Vec<FieldError>> {
    let one = |field: &str, code, message: &str| vec![FieldError::new(field, code, message)];
    let webmaster = cx.import.webmaster_id.and_then(|id| rules.webmasters.get(&id));
    let webmaster = webmaster.ok_or_else(|| one("webmaster", "unknown", "the webmaster is archived"))?;
    if !webmaster.enabled {
        return Err(one("webmaster", "disabled", "this webmaster is blocked"));
    }
    let offer = cx.import.offer_id.and_then(|id| rules.offers.get(&id));
    let offer = offer.ok_or_else(|| one("offer", "unknown", "the offer is archived"))?;
    if !offer.enabled {
        return Err(one("offer", "disabled", "the offer is switched off"));
    }
    let mut raw = raw_lead(cx.mapping, &cx.import.heads, &cells_of(&row.cells));
    let mut errors = Vec::new();
    let flow_id = match raw.take_text("flow") {
        Ok(None) => None,
        Ok(Some(name)) => {
            let is_ours = |flow: &&Arc<crate::domain::rules::Flow>| {
                flow.webmaster_id == webmaster.webmaster_id && flow.offer_id == offer.offer_id
            };
            let found = rules.flow(&name).filter(is_ours).map(|flow| flow.flow_id);
            if found.is_none() {
                errors.extend(one("flow", "unknown", "there is no such flow of this webmaster and offer"));
            }
            found
        }
        Err(error) => {
            errors.push(error);
            None
        }
    };
    let parse = ParseCx { offer, is_admin: true, international_phone: cx.mapping.international_phone };
    let mut lead = match lead::parse(raw, &parse) {
        Ok(lead) if errors.is_empty() => lead,
        Ok(_) => return Err(errors),
        Err(more) => return Err(errors.into_iter().chain(more).collect()),
    };
    lead.flow_id = flow_id;
    let hash = lead.hash();
    let key = Some(key(cx, row.line));
    Ok(Intake::plan(app, rules, webmaster.webmaster_id, offer, lead, hash, key))
}
