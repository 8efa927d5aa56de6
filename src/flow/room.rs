//! Room in caps: slots are given back here, and whoever waited for them is woken.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::db;
use crate::queue;

/// Deliveries that wait for room and are woken at once.
const WOKEN_AT_ONCE: i64 = 100;

/// Gives back the slots of deliveries that are not sent, or were refused.
pub(super) async fn give_back(conn: &mut PgConnection, delivery_ids: &[Uuid]) -> sqlx::Result<()> {
    if delivery_ids.is_empty() {
        return Ok(());
    }
    let routes = db::cap::release(conn, delivery_ids).await?;
    wake(conn, &routes).await
}

/// Lets the deliveries run that wait for room on these routes.
pub(super) async fn wake(conn: &mut PgConnection, route_ids: &[Uuid]) -> sqlx::Result<()> {
    let waiting = db::cap::waiting_for_room(conn, route_ids, WOKEN_AT_ONCE).await?;
    queue::hurry(conn, &waiting).await?;
    Ok(())
}
