//! The migrations as a whole.

use std::collections::BTreeSet;
use std::path::Path;

use crate::kit::database::{MIGRATIONS, database, empty_database};

/// Everything a migration may leave behind, by name.
async fn objects(pool: &sqlx::PgPool) -> BTreeSet<String> {
    sqlx::query_scalar::<_, String>(
        "select 'relation ' || relname from pg_class
           where relnamespace = 'public'::regnamespace and relname not like '\\_sqlx%'
         union all
         select 'function ' || proname from pg_proc where pronamespace = 'public'::regnamespace
         union all
         select 'type ' || typname from pg_type
           where typnamespace = 'public'::regnamespace and typname not like '\\_\\_sqlx%' and typname not like '\\_sqlx%'
         union all
         select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
           where connamespace = 'public'::regnamespace and conrelid <> '_sqlx_migrations'::regclass
         union all
         select 'column ' || attrelid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod)
           from pg_attribute join pg_class on pg_class.oid = attrelid
           where relnamespace = 'public'::regnamespace and relname not like '\\_sqlx%'
             and attnum > 0 and not attisdropped",
    )
    .fetch_all(pool)
    .await
    .unwrap()
    .into_iter()
    .collect()
}

#[tokio::test]
async fn migrations_run_up_down_and_up_again() {
    let db = empty_database().await;
    MIGRATIONS.run(&db.pool).await.unwrap();
    let first = objects(&db.pool).await;
    assert!(first.contains("relation lead"), "{first:?}");
    MIGRATIONS.undo(&db.pool, 0).await.unwrap();
    let left = objects(&db.pool).await;
    assert!(left.is_empty(), "the down migrations leave {left:#?}");
    MIGRATIONS.run(&db.pool).await.unwrap();
    assert_eq!(objects(&db.pool).await, first);
}

#[tokio::test]
async fn a_database_of_a_test_has_the_tables_and_no_leads() {
    let (one, two) = tokio::join!(database(), database());
    assert_ne!(one.url, two.url);
    let leads: i64 = sqlx::query_scalar("select count(*) from lead").fetch_one(&one.pool).await.unwrap();
    assert_eq!(leads, 0);
}

#[test]
fn every_migration_has_its_way_back_and_says_why() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let names: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".sql"))
        .collect();
    let ups: Vec<&String> = names.iter().filter(|name| name.ends_with(".up.sql")).collect();
    assert_eq!(names.len(), 2 * ups.len(), "{names:?}");
    for (index, up) in ups.into_iter().enumerate() {
        assert!(names.contains(&up.replace(".up.", ".down.")), "{up} has no way back");
        assert!(up.starts_with(&format!("{:04}_", index + 1)), "{up}: numbers go up by one");
        let text = std::fs::read_to_string(folder.join(up)).unwrap();
        assert!(text.starts_with("-- "), "{up} does not begin with its reason");
    }
}
