//! Settings: precedence, and every complaint by name.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use leadrelay::config::{Config, ConfigError, DEFAULTS, LogFormat, Origin, load, secret_key};
use secrecy::ExposeSecret;

fn with(env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    load(env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn complaint(env: &[(&str, &str)]) -> String {
    with(env).map(|_| ()).unwrap_err().to_string()
}

/// Loads a settings file with this text (and nothing else).
fn with_file(text: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leadrelay.toml");
    std::fs::write(&path, text).unwrap();
    let mut env = env.to_vec();
    let path = path.to_str().unwrap().to_owned();
    env.push(("LEADRELAY_CONFIG", &path));
    with(&env)
}

#[test]
fn the_defaults_are_what_the_documents_promise() {
    let config = with(&[]).unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.data_dir, PathBuf::from("data"));
    assert!(config.server.public_url.is_none() && config.database.url.is_none());
    assert!(config.secret_key.is_none() && config.admin_token.is_none() && config.integrations_dir.is_none());
    assert!(!config.http.allow_private_targets);
    assert_eq!(config.intake.max_body_bytes, 256 * 1024);
    assert_eq!(config.intake.max_batch_body_bytes, 8 * 1024 * 1024);
    assert_eq!(config.retries.leads_seconds, [5, 30, 120, 600, 1800, 7200, 21600]);
    assert_eq!(config.retries.postbacks().len(), 8);
    assert_eq!(config.retention.attempt_bodies_days, 14);
    assert_eq!(config.log.format, LogFormat::Text);
}

#[test]
fn the_file_wins_over_the_defaults_and_the_environment_over_the_file() {
    let file = "data_dir = '/file'\n[server]\nlisten = '0.0.0.0:1'\nmax_connections = 7\n[intake]\nwriters = 4\n";
    let config = with_file(file, &[("LEADRELAY__SERVER__LISTEN", "[::1]:2"), ("LEADRELAY__DATA_DIR", "/env")]).unwrap();
    assert_eq!(config.server.listen.to_string(), "[::1]:2");
    assert_eq!(config.data_dir, PathBuf::from("/env"));
    assert_eq!((config.server.max_connections, config.intake.writers), (7, 4));
    assert_eq!(config.intake.batch_max, 256);
}

#[test]
fn short_names_fill_their_settings_and_give_way_to_the_long_ones() {
    let token = "a-token-of-good-length";
    let config = with(&[("DATABASE_URL", "postgres://u:p@h/short"), ("LEADRELAY_ADMIN_TOKEN", token)]).unwrap();
    assert_eq!(config.database.url.unwrap().expose_secret(), "postgres://u:p@h/short");
    assert_eq!(config.admin_token.unwrap().expose_secret(), token);
    let config =
        with(&[("DATABASE_URL", "postgres://u@h/short"), ("LEADRELAY__DATABASE__URL", "postgres://u@h/long")]).unwrap();
    assert_eq!(config.database.url.unwrap().expose_secret(), "postgres://u@h/long");
}

#[test]
fn words_of_the_environment_stay_words_and_lists_are_split_at_commas() {
    let config = with(&[
        ("LEADRELAY__ADMIN_TOKEN", "00000000000000000007"),
        ("LEADRELAY__HTTP__ALLOWED_TARGETS", "crm.internal, 10.0.0.0/8,,007"),
        ("LEADRELAY__SERVER__TRUSTED_PROXIES", "10.1.0.0/16,::1"),
        ("LEADRELAY__RETRIES__LEADS_SECONDS", "1, 2,3"),
        ("LEADRELAY__HTTP__ALLOW_PRIVATE_TARGETS", "true"),
        ("LEADRELAY__LOG__FORMAT", "json"),
        ("LEADRELAY__SERVER__PUBLIC_URL", ""),
    ])
    .unwrap();
    assert_eq!(config.admin_token.unwrap().expose_secret(), "00000000000000000007");
    assert_eq!(config.http.allowed_targets, ["crm.internal", "10.0.0.0/8", "007"]);
    assert_eq!(config.server.trusted_proxies.len(), 2);
    assert_eq!(config.server.trusted_proxies[1].to_string(), "::1/128");
    assert_eq!(config.retries.leads_seconds, [1, 2, 3]);
    assert!(config.http.allow_private_targets);
    assert_eq!(config.log.format, LogFormat::Json);
    assert!(config.server.public_url.is_none());
}

#[test]
fn an_unknown_key_is_refused_by_name() {
    for (file, name) in
        [("[server]\nlissen = 'x'", "lissen"), ("colour = 'red'", "colour"), ("[sever]\nlisten = 'x'", "sever")]
    {
        let text = with_file(file, &[]).map(|_| ()).unwrap_err().to_string();
        assert!(text.contains(name), "{text}");
    }
    let text = complaint(&[("LEADRELAY__SERVER__LISSEN", "x")]);
    assert!(text.contains("server") && text.contains("lissen"), "{text}");
}

#[test]
fn a_value_that_cannot_be_used_is_refused_with_its_key() {
    for (name, value, key) in [
        ("LEADRELAY__SERVER__LISTEN", "nowhere", "server.listen"),
        ("LEADRELAY__SERVER__MAX_CONNECTIONS", "many", "server.max_connections"),
        ("LEADRELAY__SERVER__MAX_CONNECTIONS", "0", "server.max_connections"),
        ("LEADRELAY__SERVER__MAX_CONNECTIONS", "-1", "server.max_connections"),
        ("LEADRELAY__SERVER__REQUEST_TIMEOUT_SECONDS", "30", "server.request_timeout_seconds"),
        ("LEADRELAY__SERVER__PUBLIC_URL", "leads.example.com", "server.public_url"),
        ("LEADRELAY__SERVER__PUBLIC_URL", "ftp://leads.example.com", "server.public_url"),
        ("LEADRELAY__SERVER__PUBLIC_URL", "https://leads.example.com/path", "server.public_url"),
        ("LEADRELAY__SERVER__TRUSTED_PROXIES", "10.0.0.0/8,proxy", "server.trusted_proxies"),
        ("LEADRELAY__RETRIES__LEADS_SECONDS", "5,soon", "retries.leads_seconds"),
        ("LEADRELAY__RETRIES__POSTBACKS_SECONDS", "0", "retries.postbacks_seconds"),
        ("LEADRELAY__HTTP__ALLOW_PRIVATE_TARGETS", "perhaps", "http.allow_private_targets"),
        ("LEADRELAY__HTTP__ALLOWED_TARGETS", "two words", "http.allowed_targets"),
        ("LEADRELAY__LOG__FORMAT", "xml", "log.format"),
        ("LEADRELAY__LOG__LEVEL", "info,=,", "log.level"),
        ("LEADRELAY__SECRET_KEY", "c2hvcnQ=", "secret_key"),
        ("LEADRELAY__INTAKE__QUEUE_MAX", "10", "intake.queue_max"),
        ("LEADRELAY__DATABASE__MAX_CONNECTIONS", "500", "database.max_connections"),
        ("DATABASE_URL", "mysql://u@h/db", "database.url"),
        ("DATABASE_URL", "postgres://h/db", "database.url"),
        ("LEADRELAY__SERVER", "x", "server"),
    ] {
        let text = complaint(&[(name, value)]);
        assert!(text.starts_with(&format!("setting {key}")), "{name}={value}: {text}");
    }
}

#[test]
fn a_short_admin_token_is_refused_and_never_repeated() {
    let text = complaint(&[("LEADRELAY_ADMIN_TOKEN", "nineteen-characters")]);
    assert!(text.contains("LEADRELAY_ADMIN_TOKEN") && text.contains("20"), "{text}");
    assert!(!text.contains("nineteen"), "{text}");
    assert!(with(&[("LEADRELAY_ADMIN_TOKEN", "exactly-20-character")]).is_ok());
    let text = complaint(&[("DATABASE_URL", "mysql://user:hidden@host/db")]);
    assert!(!text.contains("hidden"), "{text}");
    let config = with(&[("LEADRELAY_ADMIN_TOKEN", "exactly-20-character")]).unwrap();
    assert!(!format!("{config:?}").contains("exactly-20"));
}

#[test]
fn a_settings_file_that_is_not_there_or_not_toml_is_named() {
    assert!(complaint(&[("LEADRELAY_CONFIG", "/no/such/file.toml")]).contains("/no/such/file.toml"));
    let text = with_file("[server]\nsecret = = 'tell-nobody'", &[]).map(|_| ()).unwrap_err().to_string();
    assert!(text.contains("leadrelay.toml") && text.contains("line 2"), "{text}");
    assert!(!text.contains("tell-nobody"), "{text}");
}

/// `section.key` of every setting in the reference, those behind a `#` included, with the line above each.
fn reference() -> Vec<(String, String)> {
    let mut section = String::new();
    let mut above = "";
    let mut keys = Vec::new();
    for line in DEFAULTS.lines() {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        if let Some(name) = line.strip_prefix('[') {
            section = format!("{}.", name.trim_end_matches(']'));
        } else if let Some((key, _)) = bare.split_once(" = ")
            && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        {
            keys.push((format!("{section}{key}"), above.to_owned()));
        }
        above = line;
    }
    keys
}

#[test]
fn every_setting_has_a_comment_above_it() {
    let keys = reference();
    assert!(keys.len() > 30, "{keys:?}");
    for (key, above) in keys {
        assert!(above.starts_with("# ") && above.ends_with(['.', ':']), "{key} has no comment, but {above:?}");
    }
}

#[test]
fn the_reference_has_every_setting_and_no_other() {
    // Every key behind a `#` is usable as it stands there.
    let text: String = DEFAULTS
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(bare) if bare.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')) => format!("{bare}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    with_file(&text, &[]).unwrap();
    // What the program knows is what it lists when it meets a key it does not know.
    let known = reference().into_iter().map(|(key, _)| key).collect::<BTreeSet<_>>();
    let sections: BTreeSet<&str> = known.iter().filter_map(|key| Some(key.split_once('.')?.0)).collect();
    let mut expected = BTreeSet::new();
    for section in sections.iter().map(|name| format!("[{name}]\n")).chain([String::new()]) {
        let text = with_file(&format!("{section}nonsense = 1"), &[]).map(|_| ()).unwrap_err().to_string();
        let list = text.split_once("expected ").unwrap_or_else(|| panic!("{text}")).1;
        let name = section.trim_matches(['[', ']', '\n']);
        for key in list.split('`').skip(1).step_by(2).filter(|key| !(name.is_empty() && sections.contains(key))) {
            expected.insert(if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") });
        }
    }
    assert_eq!(known, expected);
}

#[test]
fn the_secret_key_is_made_once_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new/data");
    let config = with(&[("LEADRELAY__DATA_DIR", data.to_str().unwrap())]).unwrap();
    let keys: Vec<[u8; 32]> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| secret_key::load(&config).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]), "processes that start at once must agree");
    assert_ne!(keys[0], [0; 32]);
    let file = data.join("secret.key");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 1, "nothing else is left behind");

    // The setting wins, and the file is left alone.
    let given = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let config = with(&[("LEADRELAY__DATA_DIR", data.to_str().unwrap()), ("LEADRELAY__SECRET_KEY", given)]).unwrap();
    assert_eq!(secret_key::load(&config).unwrap(), [1; 32]);
}

#[test]
fn a_damaged_secret_key_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret.key");
    std::fs::write(&file, "").unwrap();
    let config = with(&[("LEADRELAY__DATA_DIR", folder.path().to_str().unwrap())]).unwrap();
    let text = secret_key::load(&config).unwrap_err().to_string();
    assert!(text.contains("secret.key"), "{text}");
    assert_eq!(std::fs::read(&file).unwrap(), b"");
}

#[test]
fn each_setting_knows_where_it_came_from_and_no_secret() {
    let env = [
        ("LEADRELAY__QUEUE__SLOTS", "7"),
        ("LEADRELAY__HTTP__ALLOWED_TARGETS", "crm.lan,10.0.0.1"),
        ("DATABASE_URL", "postgres://me:hidden@db/x"),
    ];
    let config = with_file("[queue]\nslots = 9\nlease_slack_seconds = 20\n", &env).unwrap();
    let told = |key: &str| {
        let setting = config.settings.iter().find(|setting| setting.key == key).unwrap();
        (setting.value.as_deref(), &setting.origin)
    };
    let by = |variable: &str| Origin::Environment(variable.into());
    assert_eq!(told("queue.slots"), (Some("7"), &by("LEADRELAY__QUEUE__SLOTS")), "the environment wins");
    assert!(
        matches!(told("queue.lease_slack_seconds"), (Some("20"), Origin::File(path)) if path.ends_with("leadrelay.toml"))
    );
    assert_eq!(told("http.allowed_targets"), (Some("crm.lan,10.0.0.1"), &by("LEADRELAY__HTTP__ALLOWED_TARGETS")));
    assert_eq!(told("retention.polls_days"), (Some("90"), &Origin::Default));
    assert_eq!(told("server.public_url"), (None, &Origin::Default));
    assert_eq!(told("database.url"), (Some(""), &by("DATABASE_URL")));
    assert!(!format!("{:?}", config.settings).contains("hidden"));
}
