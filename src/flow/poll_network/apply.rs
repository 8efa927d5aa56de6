//! What the reports of a page do: each is matched to a delivery of the network and judged like any other report. One
//! that cannot be judged does not hold up the others; one that finds no lead is kept where a person sees it.

use sqlx::{Acquire, PgConnection};
use uuid::Uuid;

use crate::app::App;
use crate::db;
use crate::db::inbound::Reference;
use crate::db::orphan::NewOrphan;
use crate::db::poll::Poll;
use crate::domain::report::StatusReport;
use crate::domain::status::{Source, Verdict};
use crate::flow::apply_status::{self, Item, Judged};
use crate::flow::take_inbound;

/// Reports judged in one go.
const CHUNK: usize = 200;

/// What became of the reports of a page.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    reports: i32,
    applied: i32,
    unchanged: i32,
    unmapped: i32,
    unmatched: i32,
    ignored: i32,
    new_orphans: i32,
}

impl Counts {
    /// Whether it told anything new.
    pub fn has_changed(&self) -> bool {
        self.applied > 0 || self.new_orphans > 0
    }

    /// Adds them to a poll's. A page that is read once more counts only by what it changes.
    pub fn add_to(&self, poll: &mut Poll, is_repeat: bool) {
        poll.applied += self.applied;
        if is_repeat {
            poll.reports += self.applied + self.new_orphans;
            poll.unmatched += self.new_orphans;
            return;
        }
        poll.reports += self.reports;
        poll.unchanged += self.unchanged;
        poll.unmapped += self.unmapped;
        poll.unmatched += self.unmatched;
        poll.ignored += self.ignored;
    }

    fn note(&mut self, verdict: Verdict) {
        self.reports += 1;
        match verdict {
            Verdict::Applied => self.applied += 1,
            Verdict::Unchanged => self.unchanged += 1,
            Verdict::Unmapped => self.unmapped += 1,
            Verdict::Unmatched => self.unmatched += 1,
            Verdict::Stale | Verdict::Ignored => self.ignored += 1,
        }
    }
}

/// The counts, and the leads that were reported about.
pub(super) struct Applied {
    pub counts: Counts,
    pub leads: Vec<Uuid>,
}

/// Applies a page in the caller's transaction.
pub(super) async fn run(
    app: &App,
    conn: &mut PgConnection,
    poll: &Poll,
    reports: &[StatusReport],
    by_number: bool,
) -> anyhow::Result<Applied> {
    let mut applied = Applied { counts: Counts::default(), leads: Vec::new() };
    for chunk in reports.chunks(CHUNK) {
        let mut all = conn.begin().await?;
        match judge(app, &mut all, poll, chunk, by_number).await {
            Ok(part) => {
                all.commit().await?;
                part.merge_into(&mut applied);
            }
            Err(error) if is_of_database(&error) => return Err(error),
            Err(error) => {
                all.rollback().await?;
                tracing::warn!(
                    error = format!("{error:#}"),
                    reports = chunk.len(),
                    "reports of a poll are judged one by one"
                );
                for report in chunk {
                    let mut own = conn.begin().await?;
                    match judge(app, &mut own, poll, std::slice::from_ref(report), by_number).await {
                        Ok(part) => {
                            own.commit().await?;
                            part.merge_into(&mut applied);
                        }
                        Err(error) if is_of_database(&error) => return Err(error),
                        Err(error) => {
                            own.rollback().await?;
                            tracing::error!(error = format!("{error:#}"), poll_id = %poll.poll_id, "judge a report of a poll");
                            applied.counts.note(Verdict::Ignored);
                        }
                    }
                }
            }
        }
    }
    Ok(applied)
}

/// One report, asked for by a person.
pub(super) async fn one(
    app: &App,
    conn: &mut PgConnection,
    network_id: Uuid,
    report: StatusReport,
    actor: &str,
) -> anyhow::Result<Judged> {
    let found = db::inbound::resolve(conn, &[take_inbound::reference(network_id, &report)]).await?;
    let Some((_, delivery_id, lead_id)) = found.into_iter().next() else {
        return Ok(Judged { verdict: Verdict::Unmatched, reason: Some("it names no lead of this network".into()) });
    };
    let item = Item {
        lead_id,
        delivery_id,
        source: Source::Poll,
        actor: Some(actor.to_owned()),
        report,
        is_unsold: false,
        origin: None,
    };
    let judged = apply_status::run(app, conn, &[item]).await?.into_iter().next();
    Ok(judged.unwrap_or(Judged { verdict: Verdict::Unmatched, reason: None }))
}

/// The whole page comes again later.
fn is_of_database(error: &anyhow::Error) -> bool {
    error.downcast_ref::<sqlx::Error>().is_some_and(|error| db::is_retryable(error) || db::is_unavailable(error))
}

impl Applied {
    fn merge_into(self, all: &mut Self) {
        let (to, from) = (&mut all.counts, self.counts);
        to.reports += from.reports;
        to.applied += from.applied;
        to.unchanged += from.unchanged;
        to.unmapped += from.unmapped;
        to.unmatched += from.unmatched;
        to.ignored += from.ignored;
        to.new_orphans += from.new_orphans;
        all.leads.extend(self.leads);
    }
}

async fn judge(
    app: &App,
    conn: &mut PgConnection,
    poll: &Poll,
    reports: &[StatusReport],
    by_number: bool,
) -> anyhow::Result<Applied> {
    let references: Vec<Reference> = reports
        .iter()
        .map(|report| {
            let named = take_inbound::reference(poll.network_id, report);
            Reference { number: named.number.filter(|_| by_number), ..named }
        })
        .collect();
    let found = db::inbound::resolve(conn, &references).await?;
    let mut items = Vec::with_capacity(found.len());
    let mut orphans = Vec::new();
    let mut counts = Counts::default();
    for (index, report) in reports.iter().enumerate() {
        match found.iter().find(|(of, ..)| *of == index) {
            Some((_, delivery_id, lead_id)) => items.push(Item {
                lead_id: *lead_id,
                delivery_id: *delivery_id,
                source: Source::Poll,
                actor: poll.actor.clone(),
                report: report.clone(),
                is_unsold: false,
                origin: Some(poll.poll_id),
            }),
            None => {
                counts.note(Verdict::Unmatched);
                orphans.extend(orphan(app, poll, report));
            }
        }
    }
    let judged = apply_status::run(app, conn, &items).await?;
    judged.iter().for_each(|judged| counts.note(judged.verdict));
    counts.new_orphans = i32::try_from(db::orphan::keep(conn, &orphans, app.clock.now()).await?).unwrap_or(i32::MAX);
    learn(app, conn, poll, &items, &judged).await?;
    Ok(Applied { counts, leads: items.iter().map(|item| item.lead_id).collect() })
}

/// Ids of the network that its reports have told, and orphans that have found their leads.
async fn learn(
    app: &App,
    conn: &mut PgConnection,
    poll: &Poll,
    items: &[Item],
    judged: &[Judged],
) -> anyhow::Result<()> {
    let meant = || {
        let pairs = items.iter().zip(judged);
        pairs
            .filter(|(_, judged)| !matches!(judged.verdict, Verdict::Ignored | Verdict::Unmatched))
            .map(|(item, _)| item)
    };
    let told: Vec<_> = meant()
        .filter_map(|item| Some((poll.network_id, item.delivery_id, item.report.external_id.clone()?)))
        .filter(|(.., external_id)| !external_id.is_empty())
        .collect();
    take_inbound::learn(app, conn, told).await?;
    let at_home: Vec<_> =
        meant().filter_map(|item| Some((poll.network_id, key_of(&item.report)?, item.lead_id))).collect();
    db::orphan::found(conn, &at_home).await?;
    Ok(())
}

/// What the network calls the thing it reports about.
fn key_of(report: &StatusReport) -> Option<String> {
    let names = [&report.transaction_id, &report.external_id, &report.our_ref];
    names.into_iter().flatten().find(|name| !name.is_empty()).cloned()
}

fn orphan(app: &App, poll: &Poll, report: &StatusReport) -> Option<NewOrphan> {
    Some(NewOrphan {
        orphan_id: app.ids.next(),
        network_id: poll.network_id,
        key: key_of(report)?,
        source: Source::Poll.to_string(),
        our_ref: report.our_ref.clone(),
        status: report.status.clone(),
        revenue: report.revenue,
        currency: report.currency.clone(),
        report: serde_json::to_value(report).unwrap_or_default(),
    })
}
