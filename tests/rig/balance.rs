//! The balance after the trouble: what was acknowledged, what the database says and what the networks and the
//! webmaster's server have in their books must agree. Collects everything that does not, so that one run tells all.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use sqlx::{PgPool, Row};
use uuid::Uuid;

use super::network::Books;
use super::posting::Answers;
use super::told::Heard;

/// May a network be sent a lead again when nobody knows whether it has it?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resend {
    /// Never.
    Once,
    /// After it was asked and did not have it.
    Checkable,
    /// Always: it drops repeats itself.
    Idempotent,
}

/// One network as the drill made it.
#[derive(Clone, Debug)]
pub struct Account {
    pub slug: String,
    pub resend: Resend,
    /// The most leads it may accept.
    pub cap: Option<usize>,
}

/// What the other side saw.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub answers: Answers,
    pub books: BTreeMap<String, Books>,
    /// Marks of inbound calls that got 200.
    pub called: Vec<String>,
    pub heard: HashMap<String, Heard>,
    pub unsigned: u64,
}

/// The balance of a drill.
#[derive(Clone, Debug, Default)]
pub struct Balance {
    pub received: usize,
    pub delivered: usize,
    pub refused: usize,
    pub waiting: usize,
    pub in_review: usize,
    pub acknowledged: usize,
    /// Leads the networks took, and how often they took one again.
    pub taken: usize,
    pub repeats: usize,
    pub inbound: usize,
    pub told: usize,
    pub unavailable: u64,
    pub broken: u64,
    pub wrong: Vec<String>,
}

impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "received {} = delivered {} + refused {} + waiting {} + in review {}; acknowledged {}; networks took {} ({} again); \
             inbound {}; told {}; callers met 503 {} times and broken connections {} times",
            self.received,
            self.delivered,
            self.refused,
            self.waiting,
            self.in_review,
            self.acknowledged,
            self.taken,
            self.repeats,
            self.inbound,
            self.told,
            self.unavailable,
            self.broken
        )
    }
}

/// One lead as the database has it.
struct Lead {
    id: Uuid,
    number: String,
    status: String,
    is_unrouted: bool,
    deliveries: Vec<Delivery>,
}

struct Delivery {
    network: String,
    state: String,
    has_job: bool,
    has_next: bool,
}

/// Draws it up.
pub async fn draw(pool: &PgPool, accounts: &[Account], seen: &Seen) -> Balance {
    let mut balance = Balance {
        acknowledged: seen.answers.acknowledged.len(),
        unavailable: seen.answers.unavailable(),
        broken: seen.answers.broken(),
        inbound: seen.called.len(),
        told: seen.heard.values().filter(|heard| heard.times > 0).count(),
        wrong: seen.answers.wrong.clone(),
        ..Balance::default()
    };
    let leads = leads(pool).await;
    balance.received = leads.len();
    acknowledged(&mut balance, &leads, seen);
    states(&mut balance, &leads);
    networks(&mut balance, &leads, accounts, seen);
    caps(&mut balance, pool, accounts, seen).await;
    slots(&mut balance, pool).await;
    inbound(&mut balance, pool, seen).await;
    told(&mut balance, pool, &leads, seen).await;
    balance
}

impl Balance {
    fn wrong(&mut self, what: impl Into<String>) {
        // A thousand of one kind say no more than twenty.
        if self.wrong.len() < 20 {
            self.wrong.push(what.into());
        }
    }
}

async fn leads(pool: &PgPool) -> Vec<Lead> {
    let mut deliveries: HashMap<Uuid, Vec<Delivery>> = HashMap::new();
    let rows = sqlx::query(
        "select d.lead_id, n.slug, d.state, d.next_at is not null as has_next,
           exists (select from job j where j.subject_id = d.delivery_id) as has_job
         from delivery d join network n using (network_id)
         where d.purpose = 'sale' order by d.delivery_id",
    );
    for row in rows.fetch_all(pool).await.expect("the deliveries") {
        deliveries.entry(row.get("lead_id")).or_default().push(Delivery {
            network: row.get("slug"),
            state: row.get("state"),
            has_next: row.get("has_next"),
            has_job: row.get("has_job"),
        });
    }
    let rows = sqlx::query("select lead_id, coalesce(external_id, '') as number, status, unrouted from lead");
    let rows = rows.fetch_all(pool).await.expect("the leads");
    rows.into_iter()
        .map(|row| {
            let id: Uuid = row.get("lead_id");
            Lead {
                id,
                number: row.get("number"),
                status: row.get("status"),
                is_unrouted: row.get("unrouted"),
                deliveries: deliveries.remove(&id).unwrap_or_default(),
            }
        })
        .collect()
}

/// No acknowledged lead is missing, and none is there twice.
fn acknowledged(balance: &mut Balance, leads: &[Lead], seen: &Seen) {
    let mut stored: HashMap<&str, Uuid> = HashMap::new();
    for lead in leads {
        if stored.insert(&lead.number, lead.id).is_some() {
            balance.wrong(format!("lead {} is stored twice", lead.number));
        }
    }
    for (number, id) in &seen.answers.acknowledged {
        match stored.get(format!("o-{number}").as_str()) {
            None => balance.wrong(format!("lost: lead {number}, acknowledged as {id}")),
            Some(there) if there != id => {
                balance.wrong(format!("lead {number} was acknowledged as {id} and is {there}"))
            }
            Some(_) => {}
        }
    }
}

/// Every lead is in exactly one honest state.
fn states(balance: &mut Balance, leads: &[Lead]) {
    for lead in leads {
        let count = |wanted: &[&str]| lead.deliveries.iter().filter(|one| wanted.contains(&one.state.as_str())).count();
        let accepted = count(&["accepted"]);
        let in_review = count(&["needs_review", "dead"]);
        let open = count(&["waiting", "sending", "retrying"]);
        match (accepted, in_review, open) {
            (1, 0, 0) => {
                balance.delivered += 1;
                if lead.status == "new" {
                    balance.wrong(format!("{} is delivered and new", lead.id));
                }
            }
            (0, 1, 0) => balance.in_review += 1,
            (0, 0, 1) => {
                balance.waiting += 1;
                for one in lead
                    .deliveries
                    .iter()
                    .filter(|one| ["waiting", "sending", "retrying"].contains(&one.state.as_str()))
                {
                    if !one.has_job {
                        balance.wrong(format!("{} is {} and nothing will happen to it", lead.id, one.state));
                    } else if one.state == "retrying" && !one.has_next {
                        balance.wrong(format!("{} is retrying without a next time", lead.id));
                    }
                }
            }
            (0, 0, 0) if ["rejected", "trash"].contains(&lead.status.as_str()) => balance.refused += 1,
            (0, 0, 0) if lead.is_unrouted => balance.waiting += 1,
            _ => balance.wrong(format!(
                "{} is in no honest state: status {}, {accepted} accepted, {in_review} in review, {open} open",
                lead.id, lead.status
            )),
        }
    }
    let sum = balance.delivered + balance.refused + balance.waiting + balance.in_review;
    if sum != balance.received {
        balance.wrong(format!("the balance does not balance: {} received, {sum} accounted for", balance.received));
    }
}

/// What the networks have agrees with what we say.
fn networks(balance: &mut Balance, leads: &[Lead], accounts: &[Account], seen: &Seen) {
    let resend: HashMap<&str, Resend> = accounts.iter().map(|one| (one.slug.as_str(), one.resend)).collect();
    let known: HashSet<Uuid> = leads.iter().map(|lead| lead.id).collect();
    let mut takers: HashMap<Uuid, Vec<&str>> = HashMap::new();
    for (slug, books) in &seen.books {
        for (lead, times) in &books.taken {
            balance.taken += 1;
            balance.repeats += (*times as usize) - 1;
            takers.entry(*lead).or_default().push(slug);
            if !known.contains(lead) {
                balance.wrong(format!("{slug} was sent {lead}, which is not stored"));
            }
            if *times > 1 && resend.get(slug.as_str()) != Some(&Resend::Idempotent) {
                balance.wrong(format!("{slug} was sent {lead} {times} times"));
            }
            if books.refused.contains_key(lead) {
                balance.wrong(format!("{slug} took and refused {lead}"));
            }
        }
    }
    for lead in leads {
        let takers = takers.get(&lead.id).map(Vec::as_slice).unwrap_or_default();
        if takers.len() > 1 {
            balance.wrong(format!("{} was sold to {takers:?}", lead.id));
        }
        for one in &lead.deliveries {
            let has = takers.contains(&one.network.as_str());
            match one.state.as_str() {
                "accepted" if !has => {
                    balance.wrong(format!("{} is delivered, {} does not have it", lead.id, one.network))
                }
                "refused" | "cancelled" | "dead" if has => {
                    balance.wrong(format!("{} is {}, {} has it", lead.id, one.state, one.network));
                }
                "waiting" | "retrying" if has && resend.get(one.network.as_str()) == Some(&Resend::Once) => {
                    balance.wrong(format!("{} will be sent again to {}", lead.id, one.network));
                }
                _ => {}
            }
        }
    }
}

/// Every cap is held, by our count and by theirs.
async fn caps(balance: &mut Balance, pool: &PgPool, accounts: &[Account], seen: &Seen) {
    for account in accounts {
        let taken = seen.books.get(&account.slug).map_or(0, |books| books.taken.len());
        if let Some(cap) = account.cap
            && taken > cap
        {
            balance.wrong(format!("{} took {taken} leads over its cap of {cap}", account.slug));
        }
    }
    let rows = sqlx::query(
        "select w.used::bigint as used, c.max::bigint as most,
           (select count(*) from cap_hold h where h.cap_id = w.cap_id and h.starts_at = w.starts_at) as held
         from cap_window w join cap c using (cap_id)",
    );
    for row in rows.fetch_all(pool).await.expect("the caps") {
        let (used, most, held): (i64, i64, i64) = (row.get("used"), row.get("most"), row.get("held"));
        if used > most || used != held {
            balance.wrong(format!("a cap of {most} has {used} used and {held} held"));
        }
    }
}

/// A delivery that is over without a sale holds no slot.
async fn slots(balance: &mut Balance, pool: &PgPool) {
    let leaked = sqlx::query_scalar::<_, i64>(
        "select count(*) from cap_hold join delivery using (delivery_id) where state in ('refused', 'dead', 'cancelled')",
    );
    let leaked = leaked.fetch_one(pool).await.expect("the slots");
    if leaked > 0 {
        balance.wrong(format!("{leaked} slots of caps are held by deliveries that are over"));
    }
}

/// Every inbound call that got 200 is stored and judged.
async fn inbound(balance: &mut Balance, pool: &PgPool, seen: &Seen) {
    let rows = sqlx::query("select query, result from inbound_postback").fetch_all(pool).await.expect("inbound calls");
    let mut stored = HashSet::new();
    for row in &rows {
        let query: String = row.get("query");
        let result: Option<String> = row.get("result");
        if result.is_none() || result.as_deref() == Some("failed") {
            balance.wrong(format!("an inbound call ended as {result:?}"));
        }
        if let Some(mark) = query.split('&').find_map(|pair| pair.strip_prefix("comment=")) {
            stored.insert(mark.to_owned());
        }
    }
    for mark in &seen.called {
        if !stored.contains(mark) {
            balance.wrong(format!("lost: inbound call {mark}, which got 200"));
        }
    }
}

/// Every change was told at least once, each under one id of its own.
async fn told(balance: &mut Balance, pool: &PgPool, leads: &[Lead], seen: &Seen) {
    if seen.unsigned > 0 {
        balance.wrong(format!("{} calls to the webmaster were not signed", seen.unsigned));
    }
    let rows = sqlx::query(
        "select d.postback_delivery_id::text as id, d.lead_id, d.seq, d.status, d.state,
           exists (select from job j where j.subject_id = d.postback_delivery_id) as has_job
         from postback_delivery d",
    );
    let mut changes: HashMap<Uuid, BTreeMap<i32, String>> = HashMap::new();
    let mut ids = HashSet::new();
    for row in rows.fetch_all(pool).await.expect("the postbacks") {
        let (id, lead, seq): (String, Uuid, i32) = (row.get("id"), row.get("lead_id"), row.get("seq"));
        let (status, state): (String, String) = (row.get("status"), row.get("state"));
        changes.entry(lead).or_default().insert(seq, status.clone());
        let heard = seen.heard.get(&id);
        match state.as_str() {
            "delivered" => match heard {
                Some(heard) if heard.times > 0 => {
                    let words = &heard.words;
                    if words.lead != lead.to_string() || words.seq != seq.to_string() || words.status != status {
                        balance.wrong(format!("{id} said {words:?}, which is not change {seq} of {lead}"));
                    }
                }
                _ => balance.wrong(format!("change {seq} of {lead} is told, and nobody heard it")),
            },
            "waiting" | "sending" | "retrying" if row.get("has_job") => {}
            _ => balance.wrong(format!("change {seq} of {lead} is {state} and will not be told")),
        }
        ids.insert(id);
    }
    for (id, heard) in &seen.heard {
        if heard.is_changed {
            balance.wrong(format!("{id} was used for different words"));
        }
        if !ids.contains(id) {
            balance.wrong(format!("{id} was told and is not stored"));
        }
    }
    let rows = sqlx::query("select lead_id, count(*) as times from lead_event where kind = 'status' group by 1");
    let rows = rows.fetch_all(pool).await.expect("the changes of status");
    let moved: HashMap<Uuid, i64> = rows.iter().map(|row| (row.get("lead_id"), row.get("times"))).collect();
    for lead in leads {
        // Money is told as well, so there may be more calls than changes of status.
        let told = changes.get(&lead.id);
        let (times, moved) = (told.map_or(0, BTreeMap::len), moved.get(&lead.id).copied().unwrap_or(0));
        if i64::try_from(times).unwrap_or(0) < moved {
            balance.wrong(format!("{} has changed its status {moved} times, {times} are told", lead.id));
        }
        let last = told.and_then(|told| told.values().next_back());
        if lead.status != "new" && last != Some(&lead.status) {
            balance.wrong(format!("{} is {}, the webmaster knows it as {last:?}", lead.id, lead.status));
        }
    }
}
