//! What webmasters are told of a change: which of their postbacks hear of it, rendered now, sent in order later.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Subject;
use crate::app::App;
use crate::db;
use crate::db::postback_delivery::NewPostbackDelivery;
use crate::domain::macros::{Audience, Encoding, Template, Values};
use crate::domain::rules::{Postback, Rules};
use crate::domain::status::Status;
use crate::queue::{self, Kind, NewJob};

/// Renders and queues the postbacks of changed leads. Answers how many rules heard of each.
pub(super) async fn webmasters(
    app: &App,
    conn: &mut PgConnection,
    rules: &Arc<Rules>,
    subjects: &BTreeMap<Uuid, Subject>,
    changed: &[Uuid],
    now: DateTime<Utc>,
) -> anyhow::Result<HashMap<Uuid, usize>> {
    let mut told = HashMap::new();
    let mut rows = Vec::new();
    for subject in changed.iter().filter_map(|lead_id| subjects.get(lead_id)) {
        for postback in listeners(rules, &subject.lead) {
            *told.entry(subject.lead.lead_id).or_insert(0) += 1;
            rows.push((Arc::clone(postback), render(app, rules, subject, postback, now)));
        }
    }
    if rows.is_empty() {
        return Ok(told);
    }
    suppress(conn, &mut rows).await?;
    let overtaken: Vec<(Uuid, Uuid)> = rows
        .iter()
        .filter(|(postback, row)| postback.is_main && row.state == "waiting")
        .map(|(_, row)| (row.lead_id, row.postback_id))
        .collect();
    let superseded = db::postback_delivery::supersede(conn, &overtaken, now).await?;
    queue::cancel(conn, &superseded).await?;
    let rows: Vec<NewPostbackDelivery> = rows.into_iter().map(|(_, row)| row).collect();
    db::postback_delivery::insert_many(conn, &rows, now).await?;
    let jobs: Vec<NewJob> = rows
        .iter()
        .filter(|row| row.state == "waiting")
        .map(|row| NewJob::now(app.ids.next(), row.postback_id, Kind::SendPostback, row.postback_delivery_id))
        .collect();
    queue::enqueue(conn, &jobs).await?;
    Ok(told)
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

fn render(app: &App, rules: &Rules, subject: &Subject, postback: &Postback, now: DateTime<Utc>) -> NewPostbackDelivery {
    let lead = &subject.lead;
    let audience = if postback.webmaster_id.is_none() { Audience::Admin } else { Audience::Webmaster };
    let values = values(rules, subject, now);
    let text =
        |template: &str, encoding| Template::parse(template, encoding, audience).map(|parsed| parsed.render(&values));
    let rendered = text(&postback.url, Encoding::Url).and_then(|url| match postback.body.as_deref() {
        Some(body) if body != "form" => text(body, Encoding::Json).map(|body| (url, Some(body))),
        _ => Ok((url, None)),
    });
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
        Ok((url, Some(body))) => {
            NewPostbackDelivery { url, body: Some(body), content_type: Some("application/json".into()), ..base }
        }
        Ok((url, None)) if postback.method == "POST" && postback.body.as_deref() == Some("form") => {
            // The query travels as the body.
            let (url, body) =
                url.split_once('?').map_or((url.clone(), String::new()), |(u, q)| (u.to_owned(), q.to_owned()));
            let content_type = Some("application/x-www-form-urlencoded".into());
            NewPostbackDelivery { url, body: Some(body), content_type, ..base }
        }
        Ok((url, None)) => NewPostbackDelivery { url, ..base },
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

/// A main postback is not repeated while it would say the same as the last time; the log shows it.
async fn suppress(conn: &mut PgConnection, rows: &mut [(Arc<Postback>, NewPostbackDelivery)]) -> sqlx::Result<()> {
    let (leads, postbacks): (Vec<Uuid>, Vec<Uuid>) =
        rows.iter().filter(|(postback, _)| postback.is_main).map(|(_, row)| (row.lead_id, row.postback_id)).unzip();
    if leads.is_empty() {
        return Ok(());
    }
    let last = db::postback_delivery::last_of(conn, &leads, &postbacks).await?;
    for (postback, row) in rows.iter_mut().filter(|(postback, row)| postback.is_main && row.state == "waiting") {
        let is_same = last.iter().any(|said| {
            said.lead_id == row.lead_id
                && said.postback_id == postback.postback_id
                && said.url == row.url
                && said.body == row.body
        });
        if is_same {
            row.state = "suppressed";
            row.reason = Some("it would repeat the last call".into());
        }
    }
    Ok(())
}
