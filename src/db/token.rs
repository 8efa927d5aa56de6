//! Tokens. The text is shown once, when a token is issued; the database keeps its hash, and the first characters
//! to find it by.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::base::ids::Ids;
use crate::base::secret;

/// Characters of a token's body.
const BODY: usize = 48;
/// Characters it is found by.
const PREFIX: usize = 8;

/// Whose a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody's: an admin token.
    Admin,
    /// A webmaster's: id and number.
    Webmaster(Uuid, i64),
    /// A partner's, for the calls a network makes: id and number.
    Network(Uuid, i64),
    /// An external site's: id and number of the offer.
    Offer(Uuid, i64),
}

impl Owner {
    /// The word in the database.
    pub const fn role(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Webmaster(..) => "webmaster",
            Self::Network(..) => "network",
            Self::Offer(..) => "offer",
        }
    }

    const fn number(self) -> Option<i64> {
        match self {
            Self::Admin => None,
            Self::Webmaster(_, number) | Self::Network(_, number) | Self::Offer(_, number) => Some(number),
        }
    }
}

/// A token that was just made. The only moment its text exists outside the caller's hands.
pub struct Issued {
    pub token_id: Uuid,
    /// `lr_` and the body.
    pub token: String,
    /// `{number of the owner}-{body}`; none for an admin token.
    pub altercpa_token: Option<String>,
}

/// What a person decides of a token.
#[derive(Clone, Debug)]
pub struct Fields {
    pub name: String,
    pub scopes: Vec<String>,
    pub rate_per_minute: Option<i32>,
}

/// The scopes a token has unless told otherwise.
pub fn default_scopes(owner: Owner) -> Vec<String> {
    let words: &[&str] = match owner {
        Owner::Admin => &["admin"],
        Owner::Webmaster(..) => &["leads:write", "leads:read", "stats:read"],
        Owner::Network(..) | Owner::Offer(..) => &[],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Makes and stores a token.
pub async fn issue(
    conn: &mut PgConnection,
    ids: &Ids,
    owner: Owner,
    fields: &Fields,
    now: DateTime<Utc>,
) -> sqlx::Result<Issued> {
    let token_id = ids.next();
    let (webmaster_id, network_id, offer_id) = match owner {
        Owner::Admin => (None, None, None),
        Owner::Webmaster(id, _) => (Some(id), None, None),
        Owner::Network(id, _) => (None, Some(id), None),
        Owner::Offer(id, _) => (None, None, Some(id)),
    };
    loop {
        let body = ids.secret(BODY);
        let prefix: String = body.chars().take(PREFIX).collect();
        let done = sqlx::query!(
            "insert into token (token_id, prefix, hash, role, name, webmaster_id, network_id, offer_id, scopes,
               rate_per_minute, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (prefix) do nothing",
            token_id,
            prefix,
            secret::hash(&body),
            owner.role(),
            fields.name,
            webmaster_id,
            network_id,
            offer_id,
            &fields.scopes,
            fields.rate_per_minute,
            now,
        )
        .execute(&mut *conn)
        .await?;
        // A prefix is taken once in some billions of tokens: then another body is made.
        if done.rows_affected() == 1 {
            let altercpa_token = owner.number().map(|number| format!("{number}-{body}"));
            return Ok(Issued { token_id, token: format!("lr_{body}"), altercpa_token });
        }
    }
}

/// One token as it is shown: never its text.
#[derive(Clone, Debug)]
pub struct Row {
    pub token_id: Uuid,
    pub prefix: String,
    pub role: String,
    pub name: String,
    pub webmaster_id: Option<Uuid>,
    pub webmaster: Option<String>,
    pub network_id: Option<Uuid>,
    pub network: Option<String>,
    pub offer_id: Option<Uuid>,
    pub offer: Option<String>,
    pub scopes: Vec<String>,
    pub rate_per_minute: Option<i32>,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// What a list is narrowed to.
#[derive(Debug, Default)]
pub struct Filter {
    pub revoked: bool,
    pub role: Option<String>,
    pub webmaster_id: Option<Uuid>,
    pub network_id: Option<Uuid>,
    pub offer_id: Option<Uuid>,
}

/// A page in the order they were made.
pub async fn list(conn: &mut PgConnection, filter: &Filter, after: Option<Uuid>, limit: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select t.token_id, t.prefix, t.role, t.name, t.webmaster_id, w.slug as "webmaster?", t.network_id, n.slug as "network?",
             t.offer_id, o.slug as "offer?", t.scopes, t.rate_per_minute, t.created_at, t.last_used_at, t.revoked_at
           from token t
           left join webmaster w on w.webmaster_id = t.webmaster_id
           left join network n on n.network_id = t.network_id
           left join offer o on o.offer_id = t.offer_id
           where ($1::uuid is null or t.token_id > $1) and (t.revoked_at is not null) = $2
             and ($3::text is null or t.role = $3) and ($4::uuid is null or t.webmaster_id = $4)
             and ($5::uuid is null or t.network_id = $5) and ($6::uuid is null or t.offer_id = $6)
           order by t.token_id limit $7"#,
        after,
        filter.revoked,
        filter.role,
        filter.webmaster_id,
        filter.network_id,
        filter.offer_id,
        limit
    )
    .fetch_all(conn)
    .await
}

/// One, revoked or not.
pub async fn find(conn: &mut PgConnection, token_id: Uuid) -> sqlx::Result<Option<Row>> {
    sqlx::query_as!(
        Row,
        r#"select t.token_id, t.prefix, t.role, t.name, t.webmaster_id, w.slug as "webmaster?", t.network_id, n.slug as "network?",
             t.offer_id, o.slug as "offer?", t.scopes, t.rate_per_minute, t.created_at, t.last_used_at, t.revoked_at
           from token t
           left join webmaster w on w.webmaster_id = t.webmaster_id
           left join network n on n.network_id = t.network_id
           left join offer o on o.offer_id = t.offer_id
           where t.token_id = $1"#,
        token_id
    )
    .fetch_optional(conn)
    .await
}

/// Changes one.
pub async fn update(conn: &mut PgConnection, token_id: Uuid, fields: &Fields) -> sqlx::Result<()> {
    sqlx::query!(
        "update token set name = $2, scopes = $3, rate_per_minute = $4 where token_id = $1",
        token_id,
        fields.name,
        &fields.scopes,
        fields.rate_per_minute
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends one.
pub async fn revoke(conn: &mut PgConnection, token_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update token set revoked_at = $2 where token_id = $1 and revoked_at is null", token_id, now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends all of a webmaster, a network or an offer.
pub async fn revoke_of(conn: &mut PgConnection, owner_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update token set revoked_at = $2
         where (webmaster_id = $1 or network_id = $1 or offer_id = $1) and revoked_at is null",
        owner_id,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes when tokens were last used. An earlier time never replaces a later one of another node.
pub async fn note_uses(conn: &mut PgConnection, uses: &[(Uuid, DateTime<Utc>)]) -> sqlx::Result<()> {
    let token_ids: Vec<Uuid> = uses.iter().map(|(id, _)| *id).collect();
    let times: Vec<DateTime<Utc>> = uses.iter().map(|(_, at)| *at).collect();
    sqlx::query!(
        "with used as (select * from unnest($1::uuid[], $2::timestamptz[]) as u (token_id, at)),
           locked as (select token_id from token where token_id = any($1) order by token_id for no key update)
         update token t set last_used_at = greatest(t.last_used_at, used.at)
         from used join locked on locked.token_id = used.token_id where t.token_id = used.token_id",
        &token_ids,
        &times
    )
    .execute(conn)
    .await?;
    Ok(())
}
