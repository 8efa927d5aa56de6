//! What the intake writer reads and writes: many leads in a handful of statements. Every function takes and gives
//! whole batches; the caller owns the transaction and has sorted what must be locked in order.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::event::Event;
use super::lead::{Contact, Lead};
use crate::domain::status::Status;

/// A lead that an earlier request has made.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Which request it answers (index into the question).
    pub index: usize,
    pub lead_id: Uuid,
    pub number: i64,
    pub created_at: DateTime<Utc>,
    /// SHA-256 of the parsed fields of the earlier request.
    pub request_hash: Vec<u8>,
}

/// Leads that earlier requests have made, by `Idempotency-Key` and by the webmaster's own id. Both lists: webmaster and
/// key, absent where there is none to ask for; an index stands for the same request in both.
pub async fn earlier(
    conn: &mut PgConnection,
    webmasters: &[Uuid],
    keys: &[Option<String>],
    external_ids: &[Option<String>],
) -> sqlx::Result<Vec<Earlier>> {
    let rows = sqlx::query!(
        r#"with asked as materialized (
             select * from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality a(webmaster_id, key, external_id, index))
           select asked.index as "index!", key.lead_id as "lead_id!", lead.number as "number!", lead.created_at as "created_at!",
             key.request_hash as "request_hash!"
           from asked
           join idempotency_key key on key.webmaster_id = asked.webmaster_id and key.key = asked.key
           join lead on lead.lead_id = key.lead_id
           union all
           select asked.index, lead.lead_id, lead.number, lead.created_at, lead.request_hash
           from asked
           join lead on lead.external_id = asked.external_id and lead.webmaster_id = asked.webmaster_id"#,
        webmasters,
        keys as &[Option<String>],
        external_ids as &[Option<String>],
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Earlier {
            index: position(row.index),
            lead_id: row.lead_id,
            number: row.number,
            created_at: row.created_at,
            request_hash: row.request_hash,
        })
        .collect())
}

/// `with ordinality` counts from one.
fn position(ordinality: i64) -> usize {
    usize::try_from(ordinality - 1).unwrap_or_default()
}

/// One question of the duplicate rule.
#[derive(Clone, Debug)]
pub struct DuplicateQuestion {
    pub offer_id: Uuid,
    /// Only this webmaster's leads, when the rule's scope says so.
    pub webmaster_id: Option<Uuid>,
    /// Compared when given.
    pub phone: Option<String>,
    /// Compared when given.
    pub email: Option<String>,
    /// Whether both must be equal.
    pub all: bool,
    /// Leads before this do not count.
    pub since: DateTime<Utc>,
}

/// The earlier lead that each question finds: index into the questions, lead, its webmaster. First locks `keys` until the
/// end of the transaction, so that what another writer adds under them is seen.
pub async fn find_duplicates(
    conn: &mut PgConnection,
    keys: &[i64],
    questions: &[DuplicateQuestion],
) -> sqlx::Result<Vec<(usize, Uuid, Uuid)>> {
    let offers: Vec<Uuid> = questions.iter().map(|q| q.offer_id).collect();
    let webmasters: Vec<Option<Uuid>> = questions.iter().map(|q| q.webmaster_id).collect();
    let phones: Vec<Option<String>> = questions.iter().map(|q| q.phone.clone()).collect();
    let emails: Vec<Option<String>> = questions.iter().map(|q| q.email.clone()).collect();
    let all: Vec<bool> = questions.iter().map(|q| q.all).collect();
    let since: Vec<DateTime<Utc>> = questions.iter().map(|q| q.since).collect();
    let rows = sqlx::query!(
        r#"select index as "index!", lead_id as "lead_id!", webmaster_id as "webmaster_id!"
           from find_duplicates($1, $2, $3, $4, $5, $6, $7)"#,
        keys,
        &offers,
        &webmasters as &[Option<Uuid>],
        &phones as &[Option<String>],
        &emails as &[Option<String>],
        &all,
        &since,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (position(row.index), row.lead_id, row.webmaster_id)).collect())
}

/// Gives keys back whose lead was not made after all. `keys`: webmaster, key and the lead it was taken for.
pub async fn drop_idempotency_keys(conn: &mut PgConnection, keys: &[(Uuid, String, Uuid)]) -> sqlx::Result<()> {
    let webmasters: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
    let texts: Vec<String> = keys.iter().map(|key| key.1.clone()).collect();
    let lead_ids: Vec<Uuid> = keys.iter().map(|key| key.2).collect();
    sqlx::query!(
        "delete from idempotency_key own using unnest($1::uuid[], $2::text[], $3::uuid[]) gone(webmaster_id, key, lead_id)
         where own.webmaster_id = gone.webmaster_id and own.key = gone.key and own.lead_id = gone.lead_id",
        &webmasters,
        &texts,
        &lead_ids
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An `Idempotency-Key` that came with a lead.
#[derive(Clone, Debug)]
pub struct KeyRow {
    pub webmaster_id: Uuid,
    pub key: String,
    pub lead_id: Uuid,
    /// As in the lead's row.
    pub request_hash: Vec<u8>,
    pub created_at: DateTime<Utc>,
}

/// A lead to be written, with its contact.
#[derive(Clone, Debug)]
pub struct LeadRow {
    pub lead_id: Uuid,
    pub webmaster_id: Uuid,
    pub offer_id: Uuid,
    pub flow_id: Option<Uuid>,
    pub country: Option<String>,
    pub external_id: Option<String>,
    pub click_id: Option<String>,
    pub goal: Option<String>,
    pub tags: Value,
    pub price: Option<Decimal>,
    pub price_currency: Option<String>,
    pub quantity: Option<i32>,
    pub currency: String,
    pub payout_due: Decimal,
    pub test: bool,
    pub unrouted: bool,
    pub request_hash: Vec<u8>,
    pub created_at: DateTime<Utc>,
    /// Whether one of the keys is its.
    pub is_keyed: bool,
    pub contact: Contact,
}

impl LeadRow {
    /// The lead as it stands after it was written with this number.
    pub fn lead(&self, number: i64) -> Lead {
        Lead {
            lead_id: self.lead_id,
            number,
            webmaster_id: self.webmaster_id,
            offer_id: self.offer_id,
            flow_id: self.flow_id,
            network_id: None,
            status: Status::New,
            reason_code: None,
            reason: None,
            comment: None,
            country: self.country.clone(),
            external_id: self.external_id.clone(),
            click_id: self.click_id.clone(),
            goal: self.goal.clone(),
            tags: self.tags.clone(),
            price: self.price,
            price_currency: self.price_currency.clone(),
            quantity: self.quantity,
            currency: self.currency.clone(),
            payout_due: self.payout_due,
            payout: Decimal::ZERO,
            revenue: Decimal::ZERO,
            revenue_currency: None,
            test: self.test,
            unrouted: self.unrouted,
            seq: 0,
            created_at: self.created_at,
            changed_at: self.created_at,
        }
    }
}

macro_rules! column {
    ($rows:expr, $row:ident => $value:expr) => {
        &$rows.iter().map(|$row| $value).collect::<Vec<_>>()
    };
}

/// Writes leads with their keys, contacts, first events and first lines in the ledger of the reports, in one statement. Those whose key or
/// external id is taken are left out, and so is what belongs to them, but for a key that was free. Answers id and number
/// of what was written. `keys` are sorted, and so are `rows` by external id: writers cannot wait for each other in a ring.
pub async fn insert_leads(
    conn: &mut PgConnection,
    keys: &[KeyRow],
    rows: &[LeadRow],
    events: &[Event],
) -> sqlx::Result<Vec<(Uuid, i64)>> {
    // "is true" keeps a look-up in the few new ids from becoming a join of everything with everything.
    let inserted = sqlx::query!(
        "with new_key as (
           insert into idempotency_key (webmaster_id, key, lead_id, request_hash, created_at)
           select * from unnest($41::uuid[], $42::text[], $43::uuid[], $44::bytea[], $45::timestamptz[])
             new(webmaster_id, key, lead_id, request_hash, created_at)
           on conflict (webmaster_id, key) do nothing
           returning lead_id),
         new_lead as (
           insert into lead (lead_id, webmaster_id, offer_id, flow_id, country, external_id, click_id, goal, tags, price,
             quantity, currency, payout_due, test, unrouted, request_hash, created_at, changed_at, price_currency)
           select lead_id, webmaster_id, offer_id, flow_id, country, external_id, click_id, goal, tags, price,
             quantity, currency, payout_due, test, unrouted, request_hash, created_at, created_at, price_currency
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
             $9::jsonb[], $10::numeric[], $11::int[], $12::text[], $13::numeric[], $14::bool[], $15::bool[], $16::bytea[],
             $17::timestamptz[], $18::text[], $46::bool[])
             new(lead_id, webmaster_id, offer_id, flow_id, country, external_id, click_id, goal, tags, price,
             quantity, currency, payout_due, test, unrouted, request_hash, created_at, price_currency, is_keyed)
           where not is_keyed or (lead_id in (select lead_id from new_key)) is true
           on conflict (external_id, webmaster_id) where external_id is not null do nothing
           returning lead_id, number, created_at, test),
         new_change as (
           insert into lead_change (lead_id, at) select lead_id, created_at from new_lead where not test),
         new_contact as (
           insert into lead_contact (lead_id, name, first_name, last_name, phone, email, ip, user_agent, referer, landing_url,
             city, region, zip, address, comment, meta)
           select lead_id, name, first_name, last_name, phone, email, ip::inet, user_agent, referer, landing_url,
             city, region, zip, address, comment, meta
           from unnest($1::uuid[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[], $24::text[], $25::text[],
             $26::text[], $27::text[], $28::text[], $29::text[], $30::text[], $31::text[], $32::text[], $33::jsonb[])
             new(lead_id, name, first_name, last_name, phone, email, ip, user_agent, referer, landing_url,
             city, region, zip, address, comment, meta)
           where (lead_id in (select lead_id from new_lead)) is true),
         new_event as (
           insert into lead_event (event_id, lead_id, at, kind, source, actor, detail)
           select * from unnest($34::uuid[], $35::uuid[], $36::timestamptz[], $37::text[], $38::text[], $39::text[], $40::jsonb[])
             new(event_id, lead_id, at, kind, source, actor, detail)
           where (lead_id in (select lead_id from new_lead)) is true)
         select lead_id, number from new_lead",
        column!(rows, row => row.lead_id),
        column!(rows, row => row.webmaster_id),
        column!(rows, row => row.offer_id),
        column!(rows, row => row.flow_id) as &[Option<Uuid>],
        column!(rows, row => row.country.clone()) as &[Option<String>],
        column!(rows, row => row.external_id.clone()) as &[Option<String>],
        column!(rows, row => row.click_id.clone()) as &[Option<String>],
        column!(rows, row => row.goal.clone()) as &[Option<String>],
        column!(rows, row => row.tags.clone()),
        column!(rows, row => row.price) as &[Option<Decimal>],
        column!(rows, row => row.quantity) as &[Option<i32>],
        column!(rows, row => row.currency.clone()),
        column!(rows, row => row.payout_due),
        column!(rows, row => row.test),
        column!(rows, row => row.unrouted),
        column!(rows, row => row.request_hash.clone()),
        column!(rows, row => row.created_at),
        column!(rows, row => row.price_currency.clone()) as &[Option<String>],
        column!(rows, row => row.contact.name.clone()) as &[Option<String>],
        column!(rows, row => row.contact.first_name.clone()) as &[Option<String>],
        column!(rows, row => row.contact.last_name.clone()) as &[Option<String>],
        column!(rows, row => row.contact.phone.clone()) as &[Option<String>],
        column!(rows, row => row.contact.email.clone()) as &[Option<String>],
        column!(rows, row => row.contact.ip.clone()) as &[Option<String>],
        column!(rows, row => row.contact.user_agent.clone()) as &[Option<String>],
        column!(rows, row => row.contact.referer.clone()) as &[Option<String>],
        column!(rows, row => row.contact.landing_url.clone()) as &[Option<String>],
        column!(rows, row => row.contact.city.clone()) as &[Option<String>],
        column!(rows, row => row.contact.region.clone()) as &[Option<String>],
        column!(rows, row => row.contact.zip.clone()) as &[Option<String>],
        column!(rows, row => row.contact.address.clone()) as &[Option<String>],
        column!(rows, row => row.contact.comment.clone()) as &[Option<String>],
        column!(rows, row => row.contact.meta.clone()),
        column!(events, event => event.event_id),
        column!(events, event => event.lead_id),
        column!(events, event => event.at),
        column!(events, event => event.kind.clone()),
        column!(events, event => event.source.clone()),
        column!(events, event => event.actor.clone()) as &[Option<String>],
        column!(events, event => event.detail.clone()),
        column!(keys, key => key.webmaster_id),
        column!(keys, key => key.key.clone()),
        column!(keys, key => key.lead_id),
        column!(keys, key => key.request_hash.clone()),
        column!(keys, key => key.created_at),
        column!(rows, row => row.is_keyed),
    )
    .fetch_all(conn)
    .await?;
    Ok(inserted.into_iter().map(|row| (row.lead_id, row.number)).collect())
}
