//! What webmasters are told of a change: which of their postbacks hear of it, rendered now, sent in order later.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{AtOnce, Subject};
use crate::app::App;
use crate::db;
use crate::db::postback_delivery::{Last, NewPostbackDelivery};
use crate::domain::macros::Values;
use crate::domain::rules::{Postback, Rules};
use crate::domain::status::Status;
use crate::flow::postback_text::{self, Rendered};
use crate::queue::{self, Kind, NewJob};

/// One rule's call about a changed lead.
pub(super) struct Call {
    is_main: bool,
    row: NewPostbackDelivery,
}

impl Call {
    pub(super) fn lead_id(&self) -> Uuid {
        self.row.lead_id
    }
}

/// Renders what the rules make of changed leads.
pub(super) fn render<'a>(
    app: &App,
    rules: &Rules,
    subjects: impl Iterator<Item = &'a Subject>,
    now: DateTime<Utc>,
) -> Vec<Call> {
    let mut calls = Vec::new();
    for subject in subjects {
        for postback in listeners(rules, &subject.lead) {
            calls.push(Call { is_main: postback.is_main, row: row(app, rules, subject, postback, now) });
        }
    }
    calls
}

/// Queues the calls. Those that need not wait start with the commit, as far as there is room for them.
pub(super) async fn queue(
    app: &App,
    conn: &mut PgConnection,
    mut calls: Vec<Call>,
    at_once: Option<&mut AtOnce>,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    if calls.is_empty() {
        return Ok(());
    }
    let (leads, postbacks): (Vec<Uuid>, Vec<Uuid>) =
        calls.iter().map(|call| (call.row.lead_id, call.row.postback_id)).unzip();
    let last: HashMap<(Uuid, Uuid), Last> = db::postback_delivery::last_of(conn, &leads, &postbacks)
        .await?
        .into_iter()
        .map(|last| ((last.lead_id, last.postback_id), last))
        .collect();
    let mut overtaken = Vec::new();
    let mut jobs = Vec::new();
    for Call { is_main, row } in calls.iter_mut().filter(|call| call.row.state == "waiting") {
        let pair = (row.lead_id, row.postback_id);
        let last = last.get(&pair);
        // A main postback is not repeated while it would say the same as the last time; the log shows it.
        if *is_main && last.is_some_and(|last| last.url == row.url && last.body == row.body) {
            row.state = "suppressed";
            row.reason = Some("it would repeat the last call".into());
            continue;
        }
        let is_behind = last.is_some_and(|last| last.is_open);
        if *is_main && is_behind {
            overtaken.push(pair);
        }
        let job = NewJob::now(app.ids.next(), row.postback_id, Kind::SendPostback, row.postback_delivery_id);
        jobs.push((job, row, is_behind));
    }
    let superseded = db::postback_delivery::supersede(conn, &overtaken, now).await?;
    queue::cancel(conn, &superseded).await?;
    if let Some(at_once) = at_once {
        let mut first: Vec<_> = jobs.iter_mut().filter(|(_, _, is_behind)| !is_behind).collect();
        let mut boarding: Vec<&mut NewJob> = first.iter_mut().map(|(job, _, _)| job).collect();
        at_once.departure.board(conn, &app.ids, &mut boarding).await?;
        for (job, row, _) in first {
            let Some(job) = job.started() else { continue };
            row.state = "sending";
            at_once.jobs.push(job);
            at_once.calls.push(row.sending());
        }
    }
    let jobs: Vec<NewJob> = jobs.into_iter().map(|(job, _, _)| job).collect();
    let rows: Vec<NewPostbackDelivery> = calls.into_iter().map(|call| call.row).collect();
    db::postback_delivery::insert_many(conn, &rows, now).await?;
    queue::enqueue(conn, &jobs).await?;
    Ok(())
}

/// The postbacks that hear of this lead in this status. A flow's main one wins for the statuses it names; the
/// webmaster's own main one serves the rest.
fn listeners<'a>(rules: &'a Rules, lead: &db::lead::Lead) -> Vec<&'a Arc<Postback>> {
    let fits = |postback: &&Arc<Postback>| {
        postback.enabled
            && !(lead.test && postback.webmaster_id.is_none())
            && postback.webmaster_id.is_none_or(|id| id == lead.webmaster_id)
            && postback.flow_id.is_none_or(|id| Some(id) == lead.flow_id)
            && postback.offer_id.is_none_or(|id| id == lead.offer_id)
            && postback.statuses.contains(&lead.status)
    };
    let all: Vec<&Arc<Postback>> = rules.postbacks.values().filter(fits).collect();
    let has_flow_main = all.iter().any(|p| p.is_main && p.flow_id.is_some());
    all.into_iter()
        .filter(|p| !(has_flow_main && p.is_main && p.flow_id.is_none() && p.webmaster_id.is_some()))
        .collect()
}

fn row(app: &App, rules: &Rules, subject: &Subject, postback: &Postback, now: DateTime<Utc>) -> NewPostbackDelivery {
    let lead = &subject.lead;
    let rendered = postback_text::render(postback, &values(rules, subject, now));
    let base = NewPostbackDelivery {
        postback_delivery_id: app.ids.next(),
        postback_id: postback.postback_id,
        lead_id: lead.lead_id,
        webmaster_id: lead.webmaster_id,
        seq: lead.seq,
        status: lead.status.to_string(),
        method: postback.method.clone(),
        url: String::new(),
        content_type: None,
        body: None,
        state: "waiting",
        reason: None,
    };
    match rendered {
        Ok(Rendered { url, content_type, body }) => NewPostbackDelivery { url, content_type, body, ..base },
        // Checked when it was saved; a rule of an older version may still be wrong.
        Err(error) => NewPostbackDelivery {
            url: postback.url.clone(),
            state: "suppressed",
            reason: Some(format!("the template is wrong: {error}")),
            ..base
        },
    }
}

fn values(rules: &Rules, subject: &Subject, now: DateTime<Utc>) -> Values {
    let lead = &subject.lead;
    let tag = |name: &str| lead.tags.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let payout = match lead.status {
        Status::New | Status::Pending => lead.payout_due,
        _ => lead.payout,
    };
    Values {
        id: lead.lead_id.to_string(),
        number: Some(lead.number),
        external_id: lead.external_id.clone(),
        click_id: lead.click_id.clone(),
        subs: std::array::from_fn(|index| tag(&format!("sub{}", index + 1))),
        utm: ["source", "medium", "campaign", "content", "term"].map(|name| tag(&format!("utm_{name}"))),
        status: Some(lead.status),
        old_status: Some(subject.before.status),
        reason: lead.reason.clone(),
        comment: lead.comment.clone(),
        payout: Some(payout),
        revenue: Some(lead.revenue),
        currency: Some(lead.currency.clone()),
        goal: subject.goal.clone(),
        offer: rules.offers.get(&lead.offer_id).map(|offer| offer.slug.clone()),
        flow: lead.flow_id.and_then(|id| rules.flows.get(&id)).map(|flow| flow.code.clone()),
        country: lead.country.clone(),
        at: Some(now),
        transaction_id: Some(subject.transaction_id.clone()).filter(|id| !id.is_empty()),
        seq: Some(lead.seq.into()),
    }
}
