//! Takes leads. A valid lead is handed to the intake writer, which writes whatever waits (1 to 256 leads) in one
//! transaction of set-based statements and gives each its receipt after the commit.
//!
//! Locks are taken in sorted order: idempotency keys, duplicate keys, leads. Two requests for the same lead in one
//! batch do not race each other: the second is judged in the next batch, against what the first has written.

mod judge;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{batch, deliver_lead};
use crate::app::App;
use crate::db;
use crate::domain::dedupe::{self, DuplicateKeys};
use crate::domain::lead::NewLead;
use crate::domain::routing::{self, Decision, Subject};
use crate::domain::rules::{Offer, Rules};
use crate::queue::Job;

/// Rounds in a row that may settle nothing. One is usual: every lead of a round may lose its key to another writer,
/// whose lead the next round finds.
const IDLE_ROUNDS: u32 = 10;

/// A valid lead on its way to the database, with its plan.
#[derive(Debug)]
pub struct Intake {
    lead_id: Uuid,
    webmaster_id: Uuid,
    offer: Arc<Offer>,
    lead: NewLead,
    hash: [u8; 32],
    idempotency_key: Option<String>,
    duplicates: DuplicateKeys,
    decision: Decision,
    created_at: DateTime<Utc>,
}

/// What a lead's request is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// Stored, durably.
    Created(Stored),
    /// The same request was answered before; this is its lead.
    Repeat(Stored),
    /// The key or external id was used with other fields.
    Conflict(Uuid),
    /// The offer's duplicate rule hits; the earlier lead when it is the same webmaster's.
    Duplicate(Option<Uuid>),
    /// Nothing was stored: the database is away.
    Unavailable,
    /// Nothing was stored: our fault.
    Failed,
}

/// A lead that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Our id.
    pub lead_id: Uuid,
    /// Our number.
    pub number: i64,
    /// When it came.
    pub created_at: DateTime<Utc>,
}

impl Intake {
    /// Plans a lead on the snapshot of the rules: no query. `hash` was taken of the fields as the caller gave them.
    pub fn plan(
        app: &App,
        rules: &Arc<Rules>,
        webmaster_id: Uuid,
        offer: &Arc<Offer>,
        lead: NewLead,
        hash: [u8; 32],
        idempotency_key: Option<String>,
    ) -> Self {
        let now = app.clock.now();
        let lead_id = app.ids.next();
        let subject =
            Subject { lead_id, country: lead.country.as_deref(), webmaster_id, created_at: now, test: lead.test };
        let decision = routing::choose(rules, offer.offer_id, None, &subject, &[], now);
        let duplicates = match &offer.duplicates {
            Some(rule) if !lead.test => {
                dedupe::keys(rule, offer.offer_id, webmaster_id, lead.phone.as_deref(), lead.email.as_deref())
            }
            _ => DuplicateKeys::default(),
        };
        Self {
            lead_id,
            webmaster_id,
            offer: Arc::clone(offer),
            lead,
            hash,
            idempotency_key,
            duplicates,
            decision,
            created_at: now,
        }
    }

    /// What makes it the same as another lead: its webmaster's own id, and what the offer's duplicate rule compares.
    pub fn twins(&self) -> Vec<String> {
        let own = self.lead.external_id.as_ref().map(|id| format!("id:{id}"));
        let locks: Vec<String> = self.duplicates.locks.iter().map(i64::to_string).collect();
        let compared = match (locks.is_empty(), self.duplicates.must_match_all) {
            (true, _) => Vec::new(),
            (false, true) => vec![format!("all:{}", locks.join(","))],
            (false, false) => locks.into_iter().map(|lock| format!("any:{lock}")).collect(),
        };
        own.into_iter().chain(compared).collect()
    }

    /// The id the lead will have if it is new.
    pub fn lead_id(&self) -> Uuid {
        self.lead_id
    }
}

/// Has a lead written and answers its receipt.
pub async fn run(app: &App, intake: Intake) -> Receipt {
    match app.writers.intake.submit(Arc::new(intake)).await {
        Ok(receipt) => receipt,
        Err(batch::BatchError::Full) => Receipt::Unavailable,
        Err(batch::BatchError::Stopped) => Receipt::Failed,
    }
}

/// What leads would be answered by what is stored; `None`: they are new. Nothing is written, and the caller's
/// transaction need not be committed.
pub async fn foresee(conn: &mut sqlx::PgConnection, items: &[Arc<Intake>]) -> sqlx::Result<Vec<Option<Receipt>>> {
    let items: Vec<&Intake> = items.iter().map(AsRef::as_ref).collect();
    let mut receipts = vec![None; items.len()];
    judge::repeats(conn, &items, &mut receipts).await?;
    judge::duplicates(conn, &items, &mut receipts).await?;
    Ok(receipts)
}

/// Writes a batch: what the writer of `app.writers.intake` runs.
pub async fn write(app: App, items: Vec<Arc<Intake>>) -> Vec<Receipt> {
    let mut receipts: BTreeMap<usize, Receipt> = BTreeMap::new();
    let mut left: Vec<usize> = (0..items.len()).collect();
    let mut idle_rounds = 0;
    let mut is_first = true;
    // A round settles at least the first of every group of twins, unless another writer has just taken its key.
    while !left.is_empty() {
        let part: Vec<(usize, Arc<Intake>)> =
            left.iter().filter_map(|index| Some((*index, Arc::clone(items.get(*index)?)))).collect();
        let results = batch::or_bisect(
            &app,
            &part,
            |app, part| Box::pin(round(app, part, is_first)),
            |error| {
                let is_away = error.downcast_ref::<sqlx::Error>().is_some_and(db::is_unavailable);
                tracing::error!(error = format!("{error:#}"), is_away, "write leads");
                Some(if is_away { Receipt::Unavailable } else { Receipt::Failed })
            },
        )
        .await;
        is_first = false;
        let before = left.len();
        left.clear();
        for ((index, _), result) in part.into_iter().zip(results) {
            match result {
                Some(receipt) => {
                    receipts.insert(index, receipt);
                }
                None => left.push(index),
            }
        }
        idle_rounds = if left.len() == before { idle_rounds + 1 } else { 0 };
        if idle_rounds > IDLE_ROUNDS {
            tracing::error!(leads = before, "a batch of leads makes no progress");
            break;
        }
    }
    (0..items.len()).map(|index| receipts.remove(&index).unwrap_or(Receipt::Failed)).collect()
}

type Numbered = (usize, Arc<Intake>);

/// One transaction. `None`: to be judged in the next round. Most leads are new, so the first round writes them without a
/// look at what was answered before: a taken key or id shows there as well.
async fn round(app: &App, items: &[Numbered], is_first: bool) -> anyhow::Result<Vec<Option<Receipt>>> {
    let items: Vec<&Intake> = items.iter().map(|(_, item)| item.as_ref()).collect();
    let mut receipts: Vec<Option<Receipt>> = vec![None; items.len()];
    let mut departure = app.express.take(items.len());
    let mut tx = app.db.begin().await?;
    if !is_first {
        judge::repeats(&mut tx, &items, &mut receipts).await?;
    }
    judge::duplicates(&mut tx, &items, &mut receipts).await?;
    let fresh = judge::first_of_twins(&items, &receipts);
    let made = write::insert(app, &mut tx, &items, &fresh, &mut receipts, &mut departure).await?;
    let write::Made { ready, has_waiting } = made;
    let jobs: Vec<Job> = ready.iter().map(|one| one.job.clone()).collect();
    let own = app.clone();
    departure.commit(tx, &app.db, jobs, |held| deliver_lead::send_now(own, ready, held)).await?;
    if has_waiting {
        app.wake.jobs();
    }
    let created = receipts.iter().filter(|receipt| matches!(receipt, Some(Receipt::Created(_)))).count();
    metrics::counter!("leadrelay_leads_total").increment(u64::try_from(created).unwrap_or(0));
    Ok(receipts)
}
