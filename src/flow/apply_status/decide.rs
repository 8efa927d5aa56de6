//! One report against one lead: which conversion it means, whether it may move it, what that does to money and lead.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::json;

use super::{Effects, Item, Judged, Subject};
use crate::app::App;
use crate::base::money;
use crate::db;
use crate::db::conversion::Conversion;
use crate::domain::rules::Rules;
use crate::domain::status::{self, Source, Status, Verdict};
use crate::flow::status_words;

/// Judges one report and changes the subject in memory.
pub(super) fn one(
    app: &App,
    rules: &Rules,
    subject: &mut Subject,
    item: &Item,
    effects: &mut Effects,
    now: DateTime<Utc>,
) -> Judged {
    let judged = if item.is_unsold { unsold(subject, item) } else { judge(app, rules, subject, item, effects, now) };
    let says_nothing = match item.source {
        Source::Answer => judged.verdict == Verdict::Applied,
        // Asked for again and again for months: what is known already is not told each time.
        Source::Poll => judged.verdict == Verdict::Unchanged,
        _ => false,
    };
    if !says_nothing {
        effects.events.push(report_event(app, item, &judged, now));
    }
    judged
}

/// Every route has refused the lead.
fn unsold(subject: &mut Subject, item: &Item) -> Judged {
    if subject.deliveries.iter().any(|delivery| delivery.purpose == "sale" && delivery.accepted_at.is_some()) {
        return no(Verdict::Ignored, "a network has the lead");
    }
    subject.lead.status = item.report.mapped.unwrap_or(Status::Rejected);
    subject.lead.reason.clone_from(&item.report.reason);
    subject.lead.reason_code = item.report.reason_code;
    Judged { verdict: Verdict::Applied, reason: None }
}

fn judge(
    app: &App,
    rules: &Rules,
    subject: &mut Subject,
    item: &Item,
    effects: &mut Effects,
    now: DateTime<Utc>,
) -> Judged {
    let Some(delivery) = subject.deliveries.iter().find(|delivery| delivery.delivery_id == item.delivery_id).cloned()
    else {
        return no(Verdict::Unmatched, "the delivery is gone");
    };
    let mapped = match (&item.report.mapped, &item.report.status) {
        (Some(status), _) => Some(*status),
        (None, Some(raw)) => match map(app, rules, delivery.network_id, raw) {
            Some(status) => Some(status),
            None => {
                keep_unmapped(app, effects, item, &delivery, raw);
                return no(Verdict::Unmapped, &format!("the status {:?} is not mapped", cut(raw)));
            }
        },
        (None, None) => None,
    };
    if let Some(reason) = contradiction(subject, &delivery, mapped) {
        return no(Verdict::Ignored, &reason);
    }
    let key = item.report.transaction_id.clone().unwrap_or_default();
    let existing = subject.conversions.iter().find(|c| c.delivery_id == delivery.delivery_id && c.key == key).cloned();
    let Some(mapped) = mapped.or_else(|| existing.as_ref().map(|conversion| conversion.status)) else {
        return no(Verdict::Ignored, "it names no status");
    };
    if mapped == Status::New {
        return no(Verdict::Ignored, "a network cannot make a lead new again");
    }
    let before = existing.clone();
    let mut conversion = existing.unwrap_or_else(|| fresh(app, subject, &delivery, key, item));
    if before.as_ref().is_some_and(|b| b.status != mapped) && !status::may_move(conversion.status, mapped, item.source)
    {
        return no(Verdict::Stale, &format!("{} does not follow {}", mapped, conversion.status));
    }
    let is_paid_over = conversion.status == Status::Paid && item.source == Source::Postback;
    conversion.status = mapped;
    words(&mut conversion, item);
    if !is_paid_over {
        set_money(rules, subject, before.as_ref(), &mut conversion, item);
    }
    if before.as_ref() == Some(&conversion) {
        return Judged { verdict: Verdict::Unchanged, reason: None };
    }
    book(app, before.as_ref(), &conversion, item.source, effects);
    accept(subject, &delivery, item, effects, now);
    note_approval(before.as_ref().map(|b| b.status), mapped, &delivery, effects);
    put(subject, conversion);
    fold(subject, &delivery, item, has_orders_only(app, rules, delivery.network_id));
    let moved = before.map(|b| b.status).and_then(|from| status::move_name(from, mapped)).map(str::to_owned);
    Judged { verdict: Verdict::Applied, reason: moved }
}

fn no(verdict: Verdict, reason: &str) -> Judged {
    Judged { verdict, reason: Some(reason.to_owned()) }
}

fn cut(raw: &str) -> String {
    raw.chars().take(80).collect()
}

/// What a word of a network means.
pub(in crate::flow) fn map(app: &App, rules: &Rules, network_id: uuid::Uuid, raw: &str) -> Option<Status> {
    status_words::meaning(app, rules.networks.get(&network_id)?, raw).map(|(status, _)| status)
}

fn keep_unmapped(app: &App, effects: &mut Effects, item: &Item, delivery: &db::delivery::Delivery, raw: &str) {
    effects.unmapped.push(db::inbound::Unmapped {
        report_id: app.ids.next(),
        unmapped_id: app.ids.next(),
        network_id: delivery.network_id,
        raw: status_words::fold(raw).chars().take(255).collect(),
        delivery_id: delivery.delivery_id,
        lead_id: item.lead_id,
        revenue: item.report.revenue,
        currency: item.report.currency.clone(),
        report: json!({ "source": item.source, "report": item.report }),
    });
}

/// A report that says this network has a lead which another network has, or which it refused itself.
fn contradiction(subject: &Subject, delivery: &db::delivery::Delivery, mapped: Option<Status>) -> Option<String> {
    if delivery.accepted_at.is_some() || delivery.purpose != "sale" {
        return None;
    }
    let is_no = mapped.is_none_or(|status| !status.is_alive());
    let others = || {
        subject.deliveries.iter().filter(|other| other.delivery_id != delivery.delivery_id && other.purpose == "sale")
    };
    // One lead has one owner, whatever became of this delivery.
    if others().any(|other| other.accepted_at.is_some()) {
        return Some("another network has the lead".into());
    }
    let other =
        others().any(|other| matches!(other.state.as_str(), "waiting" | "sending" | "retrying" | "needs_review"));
    match delivery.state.as_str() {
        "refused" | "cancelled" | "dead" if other => Some("another network is being asked".into()),
        "refused" | "cancelled" if is_no => Some("the network had refused it already".into()),
        _ => None,
    }
}

fn fresh(app: &App, subject: &Subject, delivery: &db::delivery::Delivery, key: String, item: &Item) -> Conversion {
    Conversion {
        conversion_id: app.ids.next(),
        lead_id: subject.lead.lead_id,
        delivery_id: delivery.delivery_id,
        key,
        goal: item.report.goal.clone().or_else(|| subject.lead.goal.clone()),
        status: Status::Pending,
        network_status: None,
        reason_code: None,
        reason: None,
        comment: None,
        revenue: Decimal::ZERO,
        revenue_currency: None,
        payout: Decimal::ZERO,
        payout_currency: subject.lead.currency.clone(),
    }
}

fn words(conversion: &mut Conversion, item: &Item) {
    let report = &item.report;
    if let Some(raw) = &report.status {
        conversion.network_status = Some(raw.clone());
    }
    if report.goal.is_some() {
        conversion.goal.clone_from(&report.goal);
    }
    if report.comment.is_some() {
        conversion.comment.clone_from(&report.comment);
    }
    if conversion.status.is_alive() {
        // A reason belongs to a refusal; one that was reopened has none.
        conversion.reason = report.reason.clone();
        conversion.reason_code = report.reason_code;
    } else {
        if report.reason.is_some() {
            conversion.reason.clone_from(&report.reason);
        }
        if report.reason_code.is_some() {
            conversion.reason_code = report.reason_code;
        }
    }
}

/// Money as it stands after the report: what is owed while the conversion is held or better, nothing when it failed.
fn set_money(rules: &Rules, subject: &Subject, before: Option<&Conversion>, conversion: &mut Conversion, item: &Item) {
    let books = |status: Status| matches!(status, Status::Hold | Status::Approved | Status::Paid);
    let is_booked = books(conversion.status);
    // Nothing owed for what was booked already is what somebody has set.
    let is_set = before.is_some_and(|before| books(before.status) && before.goal == conversion.goal);
    let is_sale = subject.deliveries.iter().any(|d| d.delivery_id == conversion.delivery_id && d.purpose == "sale");
    if subject.lead.test || !conversion.status.is_alive() {
        conversion.revenue = Decimal::ZERO;
        // Forgotten with its amount: one that is reopened earns what the offer expects, as at first.
        conversion.revenue_currency = None;
        conversion.payout = Decimal::ZERO;
        return;
    }
    let offer = rules.offers.get(&subject.lead.offer_id);
    if let Some(revenue) = item.report.revenue {
        conversion.revenue = revenue.round_dp(6);
        conversion.revenue_currency = item
            .report
            .currency
            .as_deref()
            .map(str::to_uppercase)
            .filter(|code| money::is_currency(code))
            .or_else(|| conversion.revenue_currency.clone())
            .or_else(|| Some(subject.lead.currency.clone()));
    } else if is_booked && is_sale && conversion.revenue.is_zero() && conversion.revenue_currency.is_none() {
        // The network named no amount: what the offer expects holds until it does.
        if let Some((_, Some(revenue), currency)) = offer.map(|offer| offer.money_of(conversion.goal.as_deref())) {
            conversion.revenue = revenue;
            conversion.revenue_currency = Some(currency.to_owned());
        }
    }
    if let Some(payout) = item.report.payout {
        conversion.payout = payout.round_dp(6);
    } else if is_booked && is_sale && !is_set && conversion.payout.is_zero() {
        // What was promised when the lead came; another goal than the lead's own is paid by its own rule.
        let own_goal = conversion.goal.is_none() || conversion.goal == subject.lead.goal;
        let by_goal = offer.map(|offer| offer.money_of(conversion.goal.as_deref()).0);
        conversion.payout = if own_goal { subject.lead.payout_due } else { by_goal.unwrap_or(subject.lead.payout_due) };
    } else if !is_booked {
        conversion.payout = Decimal::ZERO;
    }
}

/// The difference to before, as entries.
fn book(app: &App, before: Option<&Conversion>, after: &Conversion, source: Source, effects: &mut Effects) {
    let zero = Decimal::ZERO;
    let mut entry = |side: &'static str, amount: Decimal, currency: &str| {
        if !amount.is_zero() {
            effects.entries.push(db::conversion::Entry {
                entry_id: app.ids.next(),
                conversion_id: after.conversion_id,
                side,
                amount,
                currency: currency.to_owned(),
                source: source.to_string(),
            });
        }
    };
    entry("payout", after.payout - before.map_or(zero, |b| b.payout), &after.payout_currency);
    let old_currency = before.and_then(|b| b.revenue_currency.as_deref()).unwrap_or(&after.payout_currency);
    let new_currency = after.revenue_currency.as_deref().unwrap_or(old_currency);
    let old = before.map_or(zero, |b| b.revenue);
    if old_currency == new_currency {
        entry("revenue", after.revenue - old, new_currency);
    } else {
        // Another currency: the old amount is taken back whole.
        entry("revenue", -old, old_currency);
        entry("revenue", after.revenue, new_currency);
    }
}

/// A report proves that the network has the lead: a delivery still in doubt is accepted by it.
fn accept(
    subject: &mut Subject,
    delivery: &db::delivery::Delivery,
    item: &Item,
    effects: &mut Effects,
    now: DateTime<Utc>,
) {
    if delivery.accepted_at.is_some() {
        return;
    }
    // While it is being sent, the settle writes the state: it sees accepted_at and does not doubt any more.
    let state = if delivery.state == "sending" { "sending" } else { "accepted" };
    if state == "accepted" {
        effects.cancelled_jobs.push(delivery.delivery_id);
    }
    effects.deliveries.push(db::delivery::Change {
        delivery_id: delivery.delivery_id,
        state,
        next_at: None,
        external_id: item.report.external_id.clone(),
        redirect_url: None,
        message: None,
        reason: (item.source != Source::Answer).then(|| format!("proved by a status report ({})", item.source)),
        is_duplicate: false,
        accepted_at: Some(now),
    });
    if let Some(known) = subject.deliveries.iter_mut().find(|known| known.delivery_id == delivery.delivery_id) {
        known.accepted_at = Some(now);
        known.state = state.to_owned();
    }
}

fn note_approval(before: Option<Status>, after: Status, delivery: &db::delivery::Delivery, effects: &mut Effects) {
    let counts = |status: Status| matches!(status, Status::Approved | Status::Paid);
    let was = before.is_some_and(counts);
    if was != counts(after)
        && let Some(route_id) = delivery.route_id
    {
        effects.approvals.push((delivery.delivery_id, route_id, !was));
    }
}

fn put(subject: &mut Subject, conversion: Conversion) {
    if !subject.touched.contains(&conversion.conversion_id) {
        subject.touched.push(conversion.conversion_id);
    }
    match subject.conversions.iter_mut().find(|known| known.conversion_id == conversion.conversion_id) {
        Some(known) => *known = conversion,
        None => subject.conversions.push(conversion),
    }
}

/// Whether the network says nothing about a lead but by its orders.
fn has_orders_only(app: &App, rules: &Rules, network_id: uuid::Uuid) -> bool {
    let adapter = rules.networks.get(&network_id).and_then(|network| app.adapters.get(&network.integration));
    adapter.is_some_and(|adapter| adapter.about().orders_only)
}

/// The lead from the conversions of its owning delivery; a fulfilment delivery never owns it. Where there are
/// `orders_only`, the default conversion stands for the lead until the first one comes.
fn fold(subject: &mut Subject, delivery: &db::delivery::Delivery, item: &Item, orders_only: bool) {
    if delivery.purpose != "sale" {
        return;
    }
    let mut owned: Vec<&Conversion> =
        subject.conversions.iter().filter(|c| c.delivery_id == delivery.delivery_id).collect();
    if orders_only && owned.iter().any(|conversion| !conversion.key.is_empty()) {
        owned.retain(|conversion| !conversion.key.is_empty());
    }
    let Some(status) = status::fold(owned.iter().map(|c| c.status)) else { return };
    let lead = &mut subject.lead;
    lead.network_id = Some(delivery.network_id);
    lead.status = status;
    lead.payout = owned.iter().map(|c| c.payout).sum();
    lead.revenue = owned.iter().map(|c| c.revenue).sum();
    lead.revenue_currency = owned.iter().rev().find_map(|c| c.revenue_currency.clone());
    if let Some(best) = owned.iter().find(|c| c.status == status) {
        lead.reason.clone_from(&best.reason);
        lead.reason_code = best.reason_code;
        lead.comment.clone_from(&best.comment);
    }
    subject.goal = item.report.goal.clone().or_else(|| subject.lead.goal.clone());
    subject.transaction_id = item.report.transaction_id.clone().unwrap_or_default();
}

fn report_event(app: &App, item: &Item, judged: &Judged, now: DateTime<Utc>) -> db::event::Event {
    let report = &item.report;
    db::event::Event {
        event_id: app.ids.next(),
        lead_id: item.lead_id,
        at: now,
        kind: "report".into(),
        source: item.source.to_string(),
        actor: item.actor.clone(),
        detail: json!({
            "result": judged.verdict,
            "why": judged.reason,
            "delivery_id": item.delivery_id,
            "origin": item.origin,
            "status": report.status,
            "mapped": report.mapped,
            "transaction_id": report.transaction_id,
            "goal": report.goal,
            "revenue": report.revenue,
            "payout": report.payout,
            "currency": report.currency,
            "reason": report.reason,
            "reason_code": report.reason_code,
            "comment": report.comment,
        }),
    }
}
