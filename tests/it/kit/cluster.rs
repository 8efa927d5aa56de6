//! The throw-away PostgreSQL of the tests. The first test that needs one starts it; everything that runs beside or
//! after it, threads and processes alike, attaches. It is never stopped from inside a test: it keeps running until
//! `make test` ends, or until a later start finds it full of old databases and makes a new one.
//!
//! `TEST_DATABASE_URL` names a server to use instead; its user must be allowed to create databases.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::str::FromStr;

use leadrelay::postgres::{Cluster, Start};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Executor};
use tokio::sync::OnceCell;

/// Beyond this many old databases a lone first user begins with a new cluster.
const FULL: i64 = 150;

/// How to reach the server. The database in it is for maintenance only.
pub async fn server() -> PgConnectOptions {
    static SERVER: OnceCell<PgConnectOptions> = OnceCell::const_new();
    SERVER.get_or_init(find).await.clone()
}

async fn find() -> PgConnectOptions {
    #[expect(clippy::disallowed_methods, reason = "tests take one setting from outside")]
    if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
        let server = PgConnectOptions::from_str(&url).expect("TEST_DATABASE_URL is a postgres:// URL");
        remove_old(&server).await;
        return server;
    }
    let folder = folder();
    let cluster = Cluster::start(Start::new(&folder).throw_away()).await.expect("start the tests' PostgreSQL");
    let server = options(&cluster);
    // Held until the process ends, however it ends; leaving is left to the kernel, so the postmaster runs on.
    let old: i64 = {
        let mut connection = server.connect().await.expect("connect to the tests' PostgreSQL");
        count(&mut connection).await
    };
    if old < FULL {
        std::mem::forget(cluster);
        return server;
    }
    // Stops it if nobody else is there; else this run simply goes on in the full one.
    cluster.release().await.expect("leave the tests' PostgreSQL");
    set_aside(&folder.join("postgres"));
    let cluster = Cluster::start(Start::new(&folder).throw_away()).await.expect("start the tests' PostgreSQL");
    let server = options(&cluster);
    std::mem::forget(cluster);
    server
}

fn options(cluster: &Cluster) -> PgConnectOptions {
    PgConnectOptions::from_str(&cluster.url()).expect("the cluster's URL").disable_statement_logging()
}

/// One folder per target folder and user, short, and passable for the user PostgreSQL runs as.
/// `postgres` in the target's folder for temporary things links to it, for whoever wants to stop the server.
fn folder() -> PathBuf {
    // Cargo names the folder for the tests in tests/ only, not for those beside the code.
    let target = option_env!("CARGO_TARGET_TMPDIR").unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/target/tmp"));
    let target = Path::new(target);
    let mut name = leadrelay::base::secret::hash(&target.to_string_lossy());
    name.truncate(6);
    let me = nix::unistd::geteuid();
    let folder = std::env::temp_dir().join(format!("leadrelay-test-{}-{me}", hex::encode(name)));
    std::fs::create_dir_all(&folder).expect("a folder for the tests' PostgreSQL");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o711)).expect("it is ours");
    let link = target.join("postgres");
    if std::fs::read_link(&link).is_ok_and(|at| at == folder) {
        return folder;
    }
    let _ = std::fs::remove_file(&link);
    let _ = symlink(&folder, &link);
    folder
}

/// Moves a stopped cluster out of the way and has it removed beside the tests: hundreds of databases take minutes.
fn set_aside(folder: &Path) {
    let lock = std::fs::File::open(folder.join("start.lock")).expect("the cluster's start lock");
    lock.lock().expect("lock");
    let old = folder.join(format!("full-{}", std::process::id()));
    if !folder.join("cluster/postmaster.pid").exists() && std::fs::rename(folder.join("cluster"), &old).is_ok() {
        // It outlives this process, and takes along what an earlier one did not finish.
        let _ = std::process::Command::new("sh")
            .args(["-c", "rm -rf \"$0\"/full-*"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
    }
    lock.unlock().expect("unlock");
}

async fn count(connection: &mut PgConnection) -> i64 {
    sqlx::query_scalar("select count(*) from pg_database where datname like 'test\\_%'")
        .fetch_one(connection)
        .await
        .expect("count databases")
}

/// On a server of somebody else: what tests of more than two hours ago have left behind.
async fn remove_old(server: &PgConnectOptions) {
    let mut connection = server.connect().await.expect("connect to TEST_DATABASE_URL");
    let old: Vec<String> = sqlx::query_scalar(
        "select datname from pg_database where datname ~ '^test_[0-9]+_[0-9a-f]+$'
         and split_part(datname, '_', 2)::bigint < extract(epoch from now()) - 7200",
    )
    .fetch_all(&mut connection)
    .await
    .expect("list databases");
    for name in old {
        // Another run may be removing the same ones.
        let drop = format!("drop database if exists \"{name}\" with (force)");
        let _ = connection.execute(sqlx::AssertSqlSafe(drop)).await;
    }
}
