//! The status words a network uses, with the leads and the money that stand at each.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;

use super::earliest_id;

/// Most deliveries of a network that are looked at, so that the answer comes quickly however many there are.
pub const SAMPLE: i64 = 10_000;

/// A word as it was written, in one currency.
#[derive(Clone, Debug)]
pub struct Word {
    pub word: String,
    pub currency: Option<String>,
    /// Leads whose last word it is.
    pub leads: i64,
    pub revenue: Decimal,
    pub last_seen_at: DateTime<Utc>,
    /// The newest of the leads.
    pub example_lead_id: Uuid,
}

/// The words that the newest [`SAMPLE`] deliveries since then stand at.
pub async fn seen(conn: &mut PgConnection, network_id: Uuid, since: DateTime<Utc>) -> sqlx::Result<Vec<Word>> {
    sqlx::query_as!(
        Word,
        r#"select c.network_status as "word!", c.revenue_currency as currency, count(distinct c.lead_id) as "leads!",
             sum(c.revenue) as "revenue!", max(c.updated_at) as "last_seen_at!",
             (array_agg(c.lead_id order by c.updated_at desc))[1] as "example_lead_id!"
           from (select delivery_id from delivery where network_id = $1 and delivery_id >= $2
                 order by delivery_id desc limit $3) d
           join conversion c on c.delivery_id = d.delivery_id
           where c.network_status is not null
           group by c.network_status, c.revenue_currency order by 3 desc, 1"#,
        network_id,
        earliest_id(since),
        SAMPLE,
    )
    .fetch_all(conn)
    .await
}
