//! Sums of the ledger, by day for the time zones in use and by quarters of an hour. What has not been summed yet is added
//! by whoever reads ([`super::stats`], [`super::stats_today`]), so that stats are exact at every moment.

use sqlx::{Connection, PgConnection};

/// Sums what has been committed since the last time. Answers whether it did: another node may be at it.
pub async fn fold(conn: &mut PgConnection) -> sqlx::Result<bool> {
    let mut tx = conn.begin().await?;
    let Some(from) =
        sqlx::query_scalar!("select below from stats_fold for update skip locked").fetch_optional(&mut *tx).await?
    else {
        return Ok(false);
    };
    // Every transaction below the oldest that runs has ended, so that none of its rows can appear any more.
    let to = sqlx::query_scalar!(r#"select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "to!""#)
        .fetch_one(&mut *tx)
        .await?;
    sqlx::query!(
        "insert into stats_day (zone, basis, day, webmaster_id, offer_id, network_id, country, status, reason_code, currency,
           revenue_currency, leads, payout, revenue)
         select zone.name, instant.basis, (instant.at at time zone zone.name)::date as day, webmaster_id, offer_id, network_id,
           country, status, reason_code, currency, revenue_currency, sum(leads), sum(payout), sum(revenue)
         from stats_move move
         cross join lateral (values ('lead', move.created_at), ('event', move.at)) instant (basis, at)
         cross join stats_zone zone
         where move.xid >= $1 and move.xid < $2
         group by zone.name, instant.basis, day, webmaster_id, offer_id, network_id, country, status, reason_code, currency,
           revenue_currency
         having sum(leads) <> 0 or sum(payout) <> 0 or sum(revenue) <> 0
         on conflict on constraint stats_day_uq do update set leads = stats_day.leads + excluded.leads,
           payout = stats_day.payout + excluded.payout, revenue = stats_day.revenue + excluded.revenue",
        from,
        to,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into stats_slot (slot, is_delivered, status, currency, revenue_currency, leads, payout, revenue)
         select part.slot, network_id is not null as is_delivered, status, currency, revenue_currency, sum(leads), sum(payout),
           sum(revenue)
         from stats_move move
         cross join lateral (values (date_bin('15 minutes', move.at, 'epoch')), ('-infinity')) part (slot)
         where move.xid >= $1 and move.xid < $2
         group by part.slot, network_id is not null, status, currency, revenue_currency
         having sum(leads) <> 0 or sum(payout) <> 0 or sum(revenue) <> 0
         on conflict on constraint stats_slot_uq do update set leads = stats_slot.leads + excluded.leads,
           payout = stats_slot.payout + excluded.payout, revenue = stats_slot.revenue + excluded.revenue",
        from,
        to,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("update stats_fold set below = $1", to).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(true)
}

/// The time zones that somebody reads in and days are not summed for.
pub async fn missing_zones(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select time_zone as "zone!" from (
             select time_zone from app_user where archived_at is null
             union select time_zone from portal_link where revoked_at is null) reader
           where not exists (select from stats_zone where name = time_zone)"#
    )
    .fetch_all(conn)
    .await
}

/// Has days summed for one more time zone, from all that has been summed so far. Does nothing when they are.
pub async fn add_zone(conn: &mut PgConnection, zone: &str) -> sqlx::Result<()> {
    let mut tx = conn.begin().await?;
    let below = sqlx::query_scalar!("select below from stats_fold for update").fetch_one(&mut *tx).await?;
    let is_new = sqlx::query!("insert into stats_zone (name) values ($1) on conflict do nothing", zone)
        .execute(&mut *tx)
        .await?
        .rows_affected()
        > 0;
    if is_new {
        sqlx::query!(
            "insert into stats_day (zone, basis, day, webmaster_id, offer_id, network_id, country, status, reason_code,
               currency, revenue_currency, leads, payout, revenue)
             select $1, instant.basis, (instant.at at time zone $1)::date as day, webmaster_id, offer_id, network_id, country,
               status, reason_code, currency, revenue_currency, sum(leads), sum(payout), sum(revenue)
             from stats_move move
             cross join lateral (values ('lead', move.created_at), ('event', move.at)) instant (basis, at)
             where move.xid < $2
             group by instant.basis, day, webmaster_id, offer_id, network_id, country, status, reason_code, currency,
               revenue_currency
             having sum(leads) <> 0 or sum(payout) <> 0 or sum(revenue) <> 0",
            zone,
            below,
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await
}
