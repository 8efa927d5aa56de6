//! Alerts: look at what is wrong, note what each channel is to be told, make messages of it, send them. Three steps that
//! each leave everything in the database, so that a node that ends between them repeats nothing and loses nothing.

mod bundle;
mod look;
mod rates;
mod read;
mod send;
pub mod way;

use std::collections::BTreeMap;

use sqlx::PgConnection;

pub use bundle::{Line, Message, News, Voice, Write};
pub use look::run as look;
pub use send::{Attempt, deliver};

use crate::app::App;
use crate::db;
use crate::domain::alert::{Kind, Rule, Rules};

/// One round: looks when nobody has looked lately, then tells what may be told.
pub async fn run(app: &App, write: Write) -> anyhow::Result<()> {
    look::run(app).await?;
    bundle::run(app, write).await?;
    send::run(app).await
}

/// The rule of every kind: as somebody has tuned it, or as it is usual.
pub async fn rules(conn: &mut PgConnection) -> sqlx::Result<Rules> {
    let tuned = db::alert_rule::all(conn).await?;
    let mut rules: BTreeMap<Kind, Rule> = Kind::ALL.iter().map(|kind| (*kind, Rule::usual(*kind))).collect();
    for row in tuned {
        // A kind of another version of the program is nothing to us.
        let Ok(kind) = row.kind.parse::<Kind>() else { continue };
        let usual = Rule::usual(kind);
        let rule = Rule {
            enabled: row.enabled,
            threshold: row.threshold.unwrap_or(usual.threshold),
            networks: row.networks.into_iter().collect(),
            offers: row.offers.into_iter().collect(),
        };
        rules.insert(kind, rule);
    }
    Ok(rules)
}
