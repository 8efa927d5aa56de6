//! Lists with their filters, kept under a name by a person, for himself or for all.

use sqlx::PgConnection;
use uuid::Uuid;

/// A kept view, as one person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    pub view_id: Uuid,
    pub name: String,
    /// What stands behind the question mark of the list's URL.
    pub query: String,
    pub is_shared: bool,
    pub is_own: bool,
}

/// The views of a list that a person sees: his own, and those that are shared.
pub async fn of_list(conn: &mut PgConnection, user_id: Uuid, path: &str) -> sqlx::Result<Vec<SavedView>> {
    sqlx::query_as!(
        SavedView,
        r#"select view_id, name, query, is_shared, user_id = $1 as "is_own!" from saved_view
           where path = $2 and (user_id = $1 or is_shared) order by lower(name), view_id limit 100"#,
        user_id,
        path
    )
    .fetch_all(conn)
    .await
}

/// Keeps a view; one of the same name is replaced.
pub async fn keep(
    conn: &mut PgConnection,
    view_id: Uuid,
    user_id: Uuid,
    path: &str,
    (name, query): (&str, &str),
    is_shared: bool,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into saved_view (view_id, user_id, path, name, query, is_shared) values ($1, $2, $3, $4, $5, $6)
         on conflict on constraint saved_view_user_path_name_uq do update set query = $5, is_shared = $6",
        view_id,
        user_id,
        path,
        name,
        query,
        is_shared
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets a view of a person's own; answers the list it belonged to.
pub async fn forget(conn: &mut PgConnection, view_id: Uuid, user_id: Uuid) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("delete from saved_view where view_id = $1 and user_id = $2 returning path", view_id, user_id)
        .fetch_optional(conn)
        .await
}
