//! Whatever is reported in whatever order by whomever: a lead is what an independent model of the rules says, every report
//! is on the timeline with its verdict, the money is the sum of its entries, and replaying the log makes the same lead.

use leadrelay::domain::report::StatusReport;
use leadrelay::domain::status::Source;
use leadrelay::flow::apply_status::{self, Item};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{World, id, world};
use crate::delivery::{last, phone, timeline};
use crate::kit::fake::Play;

/// One thing somebody says about the lead.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    source: Source,
    /// Of the network's order; `None`: the default conversion. An admin names none.
    order: Option<&'static str>,
    word: Option<&'static str>,
    /// Revenue in the smallest unit.
    revenue: Option<i64>,
    currency: Option<&'static str>,
    /// Only by an admin or an import.
    payout: Option<i64>,
    reason: Option<&'static str>,
    comment: Option<&'static str>,
}

const STATUSES: [&str; 6] = ["pending", "hold", "approved", "paid", "rejected", "trash"];

fn said() -> impl Strategy<Value = Said> {
    let source = proptest::sample::select(vec![
        Source::Postback,
        Source::Postback,
        Source::Postback,
        Source::Poll,
        Source::Import,
        Source::Admin,
    ]);
    let word = prop_oneof![
        12 => proptest::sample::select(&STATUSES[..]).prop_map(Some),
        1 => Just(Some("on the moon")),
        1 => Just(None),
    ];
    let order = proptest::sample::select(vec![None, None, Some("t1"), Some("t2")]);
    // Few amounts, so that some are named twice.
    let amount = || proptest::option::weighted(0.5, proptest::sample::select(vec![0, 2240]));
    let currency = proptest::option::weighted(0.5, proptest::sample::select(vec!["USD", "EUR"]));
    let reason = proptest::option::weighted(0.2, proptest::sample::select(vec!["fraud", "no answer"]));
    let comment = proptest::option::weighted(0.2, proptest::sample::select(vec!["called", "late"]));
    (source, order, word, amount(), currency, amount(), reason, comment).prop_map(
        |(source, order, word, revenue, currency, payout, reason, comment)| {
            let is_admin = source == Source::Admin;
            let word = if is_admin && !word.is_some_and(|word| STATUSES.contains(&word)) { Some("hold") } else { word };
            Said {
                source,
                order: order.filter(|_| !is_admin),
                word,
                revenue,
                // An admin's amounts are in the lead's currency.
                currency: if is_admin { revenue.map(|_| "USD") } else { currency },
                payout: payout.filter(|_| is_admin || source == Source::Import),
                reason,
                comment,
            }
        },
    )
}

fn money(cents: i64) -> Decimal {
    Decimal::new(cents, 2)
}

/// The rules of the design, written a second time.
#[derive(Clone, Debug, Default)]
struct Model {
    /// In the order in which they came up.
    conversions: Vec<Conversion>,
    lead: Lead,
    /// Times the lead has changed.
    changes: i64,
}

#[derive(Clone, Debug, PartialEq)]
struct Conversion {
    order: String,
    status: &'static str,
    their_word: Option<&'static str>,
    revenue: Decimal,
    currency: Option<String>,
    payout: Decimal,
    reason: Option<&'static str>,
    comment: Option<&'static str>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Lead {
    status: String,
    revenue: Decimal,
    currency: Option<String>,
    payout: Decimal,
    reason: Option<String>,
    comment: Option<String>,
}

/// Where reports of everybody may move a conversion, and where those who know its present state may also.
fn table(from: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match from {
        "pending" => (&["hold", "approved", "paid", "rejected", "trash"], &[]),
        "hold" => (&["approved", "paid", "rejected", "trash"], &["pending"]),
        "approved" => (&["paid", "rejected", "trash"], &["pending", "hold"]),
        "rejected" | "trash" => (&["approved", "paid"], &["pending", "hold"]),
        "paid" => (&[], &["pending", "hold", "approved", "rejected", "trash"]),
        other => panic!("no conversion is {other}"),
    }
}

impl Model {
    /// The verdict on a report; the model moves when it is applied.
    fn hear(&mut self, said: &Said) -> &'static str {
        let order = said.order.unwrap_or_default();
        let known = self.conversions.iter().position(|conversion| conversion.order == order);
        let before = known.map(|at| self.conversions[at].clone());
        let to = match (said.word, &before) {
            (Some(word), _) if !STATUSES.contains(&word) => return "unmapped",
            (Some(word), _) => word,
            (None, Some(before)) => before.status,
            (None, None) => return "ignored",
        };
        let from = before.as_ref().map_or("pending", |before| before.status);
        if before.is_some() && from != to {
            let (by_all, by_knowing) = table(from);
            let knows = said.source != Source::Postback;
            let may = by_all.contains(&to) || (knows && by_knowing.contains(&to));
            if !may {
                return "stale";
            }
        }
        let mut after = before.clone().unwrap_or(Conversion {
            order: order.to_owned(),
            status: "pending",
            their_word: None,
            revenue: Decimal::ZERO,
            currency: None,
            payout: Decimal::ZERO,
            reason: None,
            comment: None,
        });
        after.status = to;
        if said.source != Source::Admin && said.word.is_some() {
            after.their_word = said.word;
        }
        after.comment = said.comment.or(after.comment);
        let has_failed = matches!(to, "rejected" | "trash");
        after.reason = if has_failed { said.reason.or(after.reason) } else { said.reason };
        let is_settled = from == "paid" && said.source == Source::Postback;
        if !is_settled {
            set_money(&mut after, matches!(from, "hold" | "approved" | "paid"), said);
        }
        if before.as_ref() == Some(&after) {
            return "unchanged";
        }
        match known {
            Some(at) => self.conversions[at] = after,
            None => self.conversions.push(after),
        }
        self.fold();
        "applied"
    }

    fn fold(&mut self) {
        let has = |status: &str| self.conversions.iter().any(|conversion| conversion.status == status);
        let best = ["paid", "approved", "hold", "pending", "rejected", "trash"].into_iter().find(|status| has(status));
        let best = best.expect("a conversion");
        let speaker = self.conversions.iter().find(|conversion| conversion.status == best).expect("the best one");
        let lead = Lead {
            status: best.to_owned(),
            revenue: self.conversions.iter().map(|conversion| conversion.revenue).sum(),
            currency: self.conversions.iter().rev().find_map(|conversion| conversion.currency.clone()),
            payout: self.conversions.iter().map(|conversion| conversion.payout).sum(),
            reason: speaker.reason.map(str::to_owned),
            comment: speaker.comment.map(str::to_owned),
        };
        self.changes += i64::from(lead != self.lead);
        self.lead = lead;
    }
}

/// The offer pays 10 and earns 15 USD, from hold on; a payout of nothing that a person has set stands.
fn set_money(after: &mut Conversion, was_due: bool, said: &Said) {
    if matches!(after.status, "rejected" | "trash") {
        (after.revenue, after.currency, after.payout) = (Decimal::ZERO, None, Decimal::ZERO);
        return;
    }
    let is_due = after.status != "pending";
    if let Some(revenue) = said.revenue {
        after.revenue = money(revenue);
        after.currency = said.currency.map(str::to_owned).or(after.currency.take()).or(Some("USD".into()));
    } else if is_due && after.revenue.is_zero() && after.currency.is_none() {
        (after.revenue, after.currency) = (money(1500), Some("USD".into()));
    }
    if let Some(payout) = said.payout {
        after.payout = money(payout);
    } else if is_due && !was_due && after.payout.is_zero() {
        after.payout = money(1000);
    } else if !is_due {
        after.payout = Decimal::ZERO;
    }
}

impl Said {
    fn report(&self) -> StatusReport {
        let text = |text: Option<&str>| text.map(str::to_owned);
        StatusReport {
            transaction_id: text(self.order),
            status: text(self.word),
            revenue: self.revenue.map(money),
            currency: text(self.currency),
            payout: self.payout.map(money),
            reason: text(self.reason),
            comment: text(self.comment),
            ..StatusReport::default()
        }
    }
}

/// A lead and the delivery that owns it.
#[derive(Clone, Copy)]
struct Subject {
    lead_id: Uuid,
    delivery_id: Uuid,
}

impl World {
    async fn subject(&self, lead: &Value) -> Subject {
        let uuid = |value: &Value| value.as_str().expect("an id").parse().expect("a UUID");
        Subject { lead_id: uuid(&lead["id"]), delivery_id: uuid(&last(lead)["id"]) }
    }

    /// Says it the way its source says things; gives the verdict, an ignored one as `stale` or `ignored` alike.
    async fn hears(&self, lead: &Value, subject: Subject, said: &Said) -> String {
        let cents = |amount: Option<i64>| amount.map(|amount| money(amount).to_string());
        match said.source {
            Source::Postback => {
                let (revenue, all) = (cents(said.revenue), [("id", Some(id(lead)))]);
                let given = [
                    ("status", said.word),
                    ("transaction_id", said.order),
                    ("payout", revenue.as_deref()),
                    ("currency", said.currency),
                    ("reason", said.reason),
                    ("comment", said.comment),
                ];
                let all = all.into_iter().chain(given);
                let params: Vec<(&str, &str)> = all.filter_map(|(name, value)| Some((name, value?))).collect();
                self.report(&params).await
            }
            Source::Admin => {
                let body = json!({
                    "status": said.word, "payout": cents(said.payout), "revenue": cents(said.revenue),
                    "reason": said.reason, "comment": said.comment,
                });
                let answer = self.app.post(&format!("/api/v1/leads/{}/status", id(lead)), body).await;
                match answer.status {
                    200 => "heard".into(),
                    409 => "ignored".into(),
                    status => panic!("{status} {}", answer.text),
                }
            }
            _ => self.applies(subject, &[(said.source, said.report())]).await.remove(0),
        }
    }

    /// Gives reports to the one place where statuses change.
    async fn applies(&self, subject: Subject, reports: &[(Source, StatusReport)]) -> Vec<String> {
        let items: Vec<Item> = reports
            .iter()
            .map(|(source, report)| Item {
                lead_id: subject.lead_id,
                delivery_id: subject.delivery_id,
                source: *source,
                actor: None,
                report: report.clone(),
                is_unsold: false,
                origin: None,
            })
            .collect();
        let mut tx = self.app.app.db.begin().await.expect("a transaction");
        let judged = apply_status::run(&self.app.app, &mut tx, &items).await.expect("judged");
        tx.commit().await.expect("committed");
        judged.into_iter().map(|judged| judged.verdict.to_string()).collect()
    }

    /// The lead as it is stored, and its number of changes.
    async fn stored_lead(&self, subject: Subject) -> (Lead, i64) {
        let row: (String, Decimal, Option<String>, Decimal, Option<String>, Option<String>, i64) = sqlx::query_as(
            "select status, revenue, revenue_currency, payout, reason, comment, seq::bigint from lead where lead_id = $1",
        )
        .bind(subject.lead_id)
        .fetch_one(&self.app.app.db)
        .await
        .expect("the lead");
        let (status, revenue, currency, payout, reason, comment, seq) = row;
        (Lead { status, revenue, currency, payout, reason, comment }, seq)
    }

    /// Its conversions, without their ids.
    async fn stored_conversions(&self, subject: Subject) -> Vec<Value> {
        sqlx::query_scalar(
            "select to_jsonb(c) - array['conversion_id', 'lead_id', 'delivery_id', 'created_at', 'updated_at']
             from conversion c where lead_id = $1 order by conversion_id",
        )
        .bind(subject.lead_id)
        .fetch_all(&self.app.app.db)
        .await
        .expect("conversions")
    }

    /// What of the lead's money no entry explains: conversions beside their entries, and the lead beside its conversions.
    async fn unexplained(&self, subject: Subject) -> i64 {
        sqlx::query_scalar(
            "with side as (select c.*,
               coalesce((select sum(amount) from conversion_entry e where e.conversion_id = c.conversion_id and side = 'payout'), 0) as p,
               coalesce((select sum(amount) from conversion_entry e where e.conversion_id = c.conversion_id and side = 'revenue'), 0) as r
               from conversion c where lead_id = $1)
             select count(*) + (select count(*) from lead l where l.lead_id = $1
                 and (l.payout <> (select coalesce(sum(p), 0) from side) or l.revenue <> (select coalesce(sum(r), 0) from side)))
             from side where p <> payout or r <> revenue",
        )
        .bind(subject.lead_id)
        .fetch_one(&self.app.app.db)
        .await
        .expect("a count")
    }

    /// Places where the ledger of the stats has the lead, but the lead is not, and the other way round.
    async fn off_the_ledger(&self, subject: Subject) -> i64 {
        sqlx::query_scalar(
            "with place as (
               select status, network_id, reason_code, revenue_currency, sum(leads) as leads, sum(payout) as payout, sum(revenue) as revenue
               from stats_move where lead_id = $1 group by status, network_id, reason_code, revenue_currency
               having sum(leads) <> 0 or sum(payout) <> 0 or sum(revenue) <> 0),
             truth as (
               select status, network_id, reason_code, revenue_currency, 1::bigint as leads, payout, revenue from lead where lead_id = $1)
             select count(*) from ((table place except table truth) union all (table truth except table place)) off",
        )
        .bind(subject.lead_id)
        .fetch_one(&self.app.app.db)
        .await
        .expect("a count")
    }

    /// The reports on the timeline: verdict, source and what was said.
    async fn log(&self, subject: Subject) -> Vec<(String, Source, StatusReport)> {
        let items = self.app.get(&format!("/api/v1/leads/{}/timeline", subject.lead_id)).await.expect(200);
        let items = items["items"].as_array().cloned().unwrap_or_default();
        let reports = items.into_iter().filter(|item| item["kind"] == "report");
        reports
            .map(|item| {
                let source = item["source"].as_str().expect("a source").parse().expect("a known one");
                // The entry holds the report beside its verdict.
                let report = serde_json::from_value(item["detail"].clone()).expect("the report");
                (item["detail"]["result"].as_str().expect("a verdict").to_owned(), source, report)
            })
            .collect()
    }
}

/// A lead that its network has accepted, or one of which nobody knows whether it has it.
async fn lead_of(world: &World, number: usize, is_in_doubt: bool) -> Value {
    if !is_in_doubt {
        return world.accepted(number).await;
    }
    world.fake.answers([Play::Json(500, json!({}))]);
    let lead_id = world.app.lead_id(&world.token, "tea", &phone(number)).await;
    world.app.drain().await;
    let lead = world.app.show(&lead_id).await;
    assert_eq!(last(&lead)["state"], "needs_review");
    // Too many lost answers in a row would stop the network.
    sqlx::query("update lane set failures_in_row = 0, open_until = null")
        .execute(&world.app.app.db)
        .await
        .expect("reset");
    lead
}

async fn check(world: &World, number: usize, is_in_doubt: bool, all: &[Said]) {
    let lead = lead_of(world, number, is_in_doubt).await;
    let subject = world.subject(&lead).await;
    let mut model = Model::default();
    (model.lead.status, model.changes) = ("new".into(), world.stored_lead(subject).await.1);
    if !is_in_doubt {
        let accepted = Said {
            source: Source::Import,
            order: None,
            word: Some("pending"),
            revenue: None,
            currency: None,
            payout: None,
            reason: None,
            comment: None,
        };
        model.hear(&accepted);
        model.conversions[0].their_word = None;
        model.changes -= 1;
    }
    let (mut expected, mut last_poll) = (Vec::new(), None);
    for said in all {
        // A person gives no status to a lead that no network is known to have, but ends it.
        if said.source == Source::Admin && model.conversions.is_empty() {
            continue;
        }
        let verdict = model.hear(said);
        let heard = world.hears(&lead, subject, said).await;
        let is_same = match (heard.as_str(), verdict) {
            ("heard", verdict) => matches!(verdict, "applied" | "unchanged"),
            ("ignored", verdict) => matches!(verdict, "stale" | "ignored"),
            (heard, verdict) => heard == verdict,
        };
        assert!(is_same, "{verdict} expected, {heard} heard of {said:?}\n{model:#?}");
        let (stored, seq) = world.stored_lead(subject).await;
        assert_eq!((&stored, seq), (&model.lead, model.changes), "{said:?}\n{model:#?}");
        if said.source == Source::Poll {
            // What a poll says once more, to no effect, is not told again; nor what is known already.
            let is_idle = verdict != "applied";
            if verdict == "unchanged" || (is_idle && last_poll == Some((verdict, said))) {
                continue;
            }
            last_poll = Some((verdict, said));
        }
        expected.push((verdict.to_owned(), said.source));
    }
    assert_eq!(world.unexplained(subject).await, 0, "money without entries");
    assert_eq!(world.off_the_ledger(subject).await, 0, "stats that do not follow");
    let log = world.log(subject).await;
    let told: Vec<_> = log.iter().map(|(verdict, source, _)| (verdict.clone(), *source)).collect();
    assert_eq!(told, expected, "every report is on the timeline with its verdict, but what a poll says again");

    // The entries of the status follow each other and end where the lead is.
    let mut at = "new".to_owned();
    for step in timeline(&world.app, id(&lead), "status").await {
        assert_eq!(step["from"], at.as_str());
        at = step["to"].as_str().expect("a status").to_owned();
    }
    assert_eq!(at, model.lead.status);

    replay(world, number, is_in_doubt, subject, log).await;
}

/// What was applied, given to fresh leads: one report after the other, and all at once.
async fn replay(
    world: &World,
    number: usize,
    is_in_doubt: bool,
    subject: Subject,
    log: Vec<(String, Source, StatusReport)>,
) {
    let applied: Vec<(Source, StatusReport)> = log
        .into_iter()
        .filter(|(verdict, ..)| verdict == "applied")
        .map(|(_, source, report)| (source, report))
        .collect();
    let (original, seq) = world.stored_lead(subject).await;
    let conversions = world.stored_conversions(subject).await;
    for (offset, is_at_once) in [(1, false), (2, true)] {
        let fresh = lead_of(world, number + offset, is_in_doubt).await;
        let fresh = world.subject(&fresh).await;
        let size = if is_at_once { applied.len().max(1) } else { 1 };
        for part in applied.chunks(size) {
            let verdicts = world.applies(fresh, part).await;
            assert!(verdicts.iter().all(|verdict| verdict == "applied"), "{verdicts:?}");
        }
        let (replayed, replayed_seq) = world.stored_lead(fresh).await;
        assert_eq!(replayed, original);
        assert!(is_at_once || replayed_seq == seq, "as many changes");
        assert_eq!(world.stored_conversions(fresh).await, conversions);
        assert_eq!(world.unexplained(fresh).await, 0, "money without entries");
    }
}

#[test]
fn any_reports_in_any_order_end_where_the_rules_say_and_their_replay_too() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = runtime.block_on(world());
    let number = std::cell::Cell::new(0);
    let mut config = Config { failure_persistence: None, ..Config::default() };
    // Each case is some dozens of transactions.
    config.cases = (config.cases / 24).max(1);
    let mut runner = TestRunner::new(config);
    let result = runner.run(&(any::<bool>(), proptest::collection::vec(said(), 0..24)), |(is_in_doubt, all)| {
        number.set(number.get() + 3);
        runtime.block_on(check(&world, number.get(), is_in_doubt, &all));
        Ok(())
    });
    result.unwrap_or_else(|failed| panic!("{failed}"));
}
