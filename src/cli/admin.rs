//! Commands that do one thing and end.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use anyhow::{Context, bail};

use super::set_up::{self, Database};
use crate::base::email;
use crate::base::ids::Ids;
use crate::config::Config;
use crate::db;
use crate::db::reference::Reference;
use crate::db::token::{Fields, Owner};
use crate::http::api::openapi;
use crate::http::password;
use crate::http::principal::UserRole;

#[expect(clippy::print_stdout, reason = "the output of a command")]
fn say(text: &str) {
    println!("{text}");
}

pub(super) fn print_openapi() -> ExitCode {
    match openapi::document().to_pretty_json() {
        Ok(text) => {
            say(&text);
            ExitCode::SUCCESS
        }
        Err(_) => ExitCode::FAILURE,
    }
}

pub(super) async fn migrate(config: Config) -> anyhow::Result<ExitCode> {
    let database = Database::open(&config).await?;
    let migrated = database.migrate().await;
    database.close().await;
    migrated?;
    say("the database is up to date");
    Ok(ExitCode::SUCCESS)
}

/// Settings, database, migrations, key and integrations: everything `serve` needs.
pub(super) async fn check(config: Config) -> anyhow::Result<ExitCode> {
    let database = Database::open(&config).await?;
    let checked = async {
        let mut conn = database.pool.acquire().await?;
        let is_current = db::schema::is_current(&mut conn).await?;
        drop(conn);
        if !is_current {
            bail!("the database lacks migrations; run: leadrelay migrate");
        }
        let app = set_up::app(config, database.pool.clone()).await?;
        Ok(app.adapters.iter().count())
    }
    .await;
    database.close().await;
    let integrations = checked?;
    say(&format!("settings, database, key and {integrations} integrations are in order"));
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn add_user(
    config: Config,
    email: &str,
    role: &str,
    name: &str,
    webmaster: Option<&str>,
) -> anyhow::Result<ExitCode> {
    let role: UserRole = role.parse().context("role")?;
    if (role == UserRole::Webmaster) != webmaster.is_some() {
        bail!("--role webmaster and --webmaster go together");
    }
    let email = email::parse(email).context("e-mail")?;
    let given = given_password()?;
    let password = given.clone().unwrap_or_else(|| Ids.secret(20));
    if let Some(complaint) = password::check("password", &password) {
        bail!("the password {}", complaint.message);
    }
    let hash = password::hash(password.clone()).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    let database = Database::open(&config).await?;
    let added = async {
        database.migrate().await?;
        let mut conn = database.pool.acquire().await?;
        if db::user::find_by_email(&mut conn, &email).await?.is_some() {
            bail!("there is a user with this e-mail already");
        }
        let webmaster_id = match webmaster {
            Some(reference) => {
                let found = db::webmaster::find(&mut conn, &Reference::parse(reference)).await?;
                Some(found.context("there is no such webmaster")?.webmaster_id)
            }
            None => None,
        };
        db::user::insert(&mut conn, Ids.next(), &email, name, (role.as_str(), webmaster_id), Some(&hash)).await?;
        Ok(())
    }
    .await;
    database.close().await;
    added?;
    say(&format!("added {email} as {role}"));
    if given.is_none() {
        say(&format!("password: {password}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// For an admin who has lost it. Whoever may run this may read the database, too.
pub(super) async fn switch_second_factor_off(config: Config, email: &str) -> anyhow::Result<ExitCode> {
    let database = Database::open(&config).await?;
    let was_on = async {
        database.migrate().await?;
        let mut tx = database.pool.begin().await?;
        let user = db::user::find_by_email(&mut tx, email).await?.context("there is no user with this e-mail")?;
        let now = crate::base::clock::Clock::system().now();
        let was_on = db::second_factor::clear(&mut tx, user.user_id, now).await?;
        if was_on {
            let entry = db::audit::Entry {
                audit_id: Ids.next(),
                at: now,
                actor: "command-line".to_owned(),
                action: "user.second_factor_off".to_owned(),
                object_kind: "user".to_owned(),
                object_id: Some(user.user_id),
                before: None,
                after: None,
            };
            db::audit::insert(&mut tx, &entry).await?;
        }
        tx.commit().await?;
        anyhow::Ok(was_on)
    }
    .await;
    database.close().await;
    say(if was_on? { "the second factor is off" } else { "there was no second factor" });
    Ok(ExitCode::SUCCESS)
}

/// The first line of standard input, when something is piped in.
fn given_password() -> anyhow::Result<Option<String>> {
    let input = std::io::stdin();
    if input.is_terminal() {
        return Ok(None);
    }
    let mut line = String::new();
    input.lock().read_line(&mut line).context("read the password")?;
    let line = line.trim_end_matches(['\r', '\n']).to_owned();
    Ok((!line.is_empty()).then_some(line))
}

pub(super) async fn add_token(
    config: Config,
    role: &str,
    name: &str,
    webmaster: Option<&str>,
) -> anyhow::Result<ExitCode> {
    let database = Database::open(&config).await?;
    let issued = async {
        database.migrate().await?;
        let mut conn = database.pool.acquire().await?;
        let owner = match (role, webmaster) {
            ("admin", None) => Owner::Admin,
            ("webmaster", Some(reference)) => {
                let found = db::webmaster::find(&mut conn, &Reference::parse(reference)).await?;
                let found = found.context("there is no such webmaster")?;
                Owner::Webmaster(found.webmaster_id, found.number)
            }
            ("webmaster", None) => bail!("a webmaster's token needs --webmaster"),
            ("admin", Some(_)) => bail!("--webmaster goes with --role webmaster"),
            _ => bail!("the role must be admin or webmaster"),
        };
        let fields = Fields { name: name.to_owned(), scopes: db::token::default_scopes(owner), rate_per_minute: None };
        let now = crate::base::clock::Clock::system().now();
        Ok(db::token::issue(&mut conn, &Ids, owner, &fields, now).await?)
    }
    .await;
    database.close().await;
    let issued = issued?;
    say(&issued.token);
    Ok(ExitCode::SUCCESS)
}
