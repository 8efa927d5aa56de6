//! Alerts: rules and channels by forms, and what channels are really told.

use chrono::TimeDelta;
use leadrelay::flow::alerts;
use leadrelay::http::dashboard::alerts::write;
use leadrelay::net::sign;
use serde_json::{Value, json};

use super::{Person, person, target, told};
use crate::kit::app::TestApp;
use crate::kit::fake::{Fake, Play};
use crate::kit::smtp::Smtp;

/// An instance whose alerts do not depend on the disk of this machine.
async fn watched() -> TestApp {
    let app = TestApp::idle().await;
    let sql = "insert into alert_rule (kind, enabled, updated_at) values ('disk', false, now())";
    sqlx::query(sql).execute(&app.app.db).await.expect("a rule");
    app
}

/// One round of the worker.
async fn round(app: &TestApp) {
    alerts::run(&app.app, write).await.expect("a round");
}

/// Time passes, and the worker has its round.
async fn later(app: &TestApp, seconds: i64) {
    app.app.clock.advance(TimeDelta::seconds(seconds));
    round(app).await;
}

/// A network that does not answer.
async fn broken(app: &TestApp, slug: &str) {
    app.network(slug, "https://partner.example/leads", json!({"token": "t"})).await;
    let sql = "update lane set failures_in_row = 7, open_until = now() + interval '10 minutes'
               where lane_id = (select network_id from network where slug = $1)";
    sqlx::query(sql).bind(slug).execute(&app.app.db).await.expect("a broken network");
}

/// It answers again.
async fn mended(app: &TestApp) {
    let sql = "update lane set failures_in_row = 0, open_until = null";
    sqlx::query(sql).execute(&app.app.db).await.expect("a mended network");
}

/// What every channel has in its form.
const USUAL: &[(&str, &str)] = &[
    ("enabled", "true"),
    ("language", "en"),
    ("time_zone", "UTC"),
    ("critical_passes", "true"),
    ("per_hour", "10"),
    ("repeat_hours", "12"),
];

async fn makes(ann: &Person<'_>, form: &[(&str, &str)]) -> crate::kit::app::Answer {
    let form: Vec<(&str, &str)> = USUAL.iter().chain(form).copied().collect();
    ann.sends_once("/alerts/channels/new", "/alerts/channels/new", &form).await
}

async fn telegram(ann: &Person<'_>, fake: &Fake, more: &[(&str, &str)]) -> String {
    let own =
        [("kind", "telegram"), ("name", "Ops chat"), ("token", "123:AA-bb"), ("chat", "-1001"), ("api", &fake.base)];
    let form: Vec<(&str, &str)> = own.iter().chain(more).copied().collect();
    let made = makes(ann, &form).await;
    assert_eq!(made.status, 303, "{}", made.text);
    made.headers["location"].to_str().unwrap().to_owned()
}

fn said(fake: &Fake) -> Vec<String> {
    fake.got().iter().map(|got| got.json()["text"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_chat_is_told_of_a_beginning_once_and_of_the_end() {
    let app = watched().await;
    let ann = person(&app, "admin").await;
    let fake = Fake::start().await;
    fake.always(Play::Json(200, json!({"ok": true, "result": {"message_id": 1}})));
    telegram(&ann, &fake, &[]).await;
    round(&app).await;
    assert_eq!(fake.got().len(), 0, "nothing is wrong");
    broken(&app, "acme").await;
    later(&app, 31).await;
    let got = fake.got();
    assert_eq!(got.len(), 1);
    assert_eq!((got[0].method.as_str(), got[0].path.as_str()), ("POST", "/bot123:AA-bb/sendMessage"));
    assert_eq!(got[0].json()["chat_id"], "-1001");
    let link = format!("{}/networks/acme", app.base);
    let text = got[0].json()["text"].as_str().unwrap().to_owned();
    assert!(text.contains("acme does not answer (7 failures in a row)") && text.contains(&link), "{text}");

    let page = ann.sees("/alerts").await;
    assert!(page.contains("acme does not answer") && page.contains("Telegram"), "{page}");
    // However often one looks, and whatever process does: nothing new, no message.
    for _ in 0..5 {
        later(&app, 31).await;
    }
    assert_eq!(fake.got().len(), 1);
    mended(&app).await;
    later(&app, 31).await;
    assert!(ann.sees("/alerts").await.contains("over soon"));
    for _ in 0..7 {
        later(&app, 31).await;
    }
    let said = said(&fake);
    assert!(said.len() == 2 && said[1].starts_with("Over after "), "{said:?}");
    let page = ann.sees("/alerts").await;
    assert!(page.contains("Nothing is wrong.") && page.contains("The last 7 days"));
}

#[tokio::test]
async fn what_lasts_is_told_again_and_much_at_once_is_one_message() {
    let app = watched().await;
    let ann = person(&app, "admin").await;
    let fake = Fake::start().await;
    fake.always(Play::Json(200, json!({"ok": true})));
    telegram(&ann, &fake, &[("repeat_hours", "2"), ("language", "ru")]).await;
    for slug in ["n1", "n2", "n3"] {
        broken(&app, slug).await;
    }
    round(&app).await;
    assert_eq!(said(&fake).len(), 1);
    assert!(said(&fake)[0].starts_with("3 оповещения\n"), "{:?}", said(&fake));
    for _ in 0..5 {
        later(&app, 2400).await;
    }
    let all = said(&fake);
    assert!(all.len() == 2 && all[1].contains("Всё ещё, уже 2 ч: n1 не отвечает"), "{all:?}");
}

#[tokio::test]
async fn quiet_hours_end_with_a_summary_and_an_hour_has_its_messages() {
    let app = watched().await;
    let ann = person(&app, "admin").await;
    let fake = Fake::start().await;
    fake.always(Play::Json(200, json!({"ok": true})));
    // Quiet from an hour ago for two hours, whenever this runs.
    let at = |hours| (app.app.clock.now() + TimeDelta::hours(hours)).format("%H:%M").to_string();
    let (from, until) = (at(-1), at(1));
    let quiet =
        [("quiet_from", from.as_str()), ("quiet_until", until.as_str()), ("critical_passes", ""), ("per_hour", "1")];
    telegram(&ann, &fake, &quiet).await;
    broken(&app, "acme").await;
    round(&app).await;
    later(&app, 60).await;
    assert_eq!(said(&fake).len(), 0, "it is quiet");
    later(&app, 3600).await;
    assert!(said(&fake).len() == 1 && said(&fake)[0].starts_with("While it was quiet: 1 alert\n"), "{:?}", said(&fake));
    broken(&app, "other").await;
    later(&app, 120).await;
    assert_eq!(said(&fake).len(), 1, "one message an hour");
    later(&app, 3500).await;
    assert!(said(&fake).len() == 2 && said(&fake)[1].contains("other does not answer"), "{:?}", said(&fake));
}

#[tokio::test]
async fn a_chat_that_fails_is_shown_and_tried_again_when_it_says() {
    let app = watched().await;
    let ann = person(&app, "admin").await;
    let fake = Fake::start().await;
    let busy = json!({"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 300",
        "parameters": {"retry_after": 300}});
    fake.answers([Play::Json(429, busy)]);
    fake.always(Play::Json(200, json!({"ok": true})));
    telegram(&ann, &fake, &[]).await;
    broken(&app, "acme").await;
    round(&app).await;
    let page = ann.sees("/alerts").await;
    assert!(page.contains("The last message did not get through: Too Many Requests"), "{page}");
    assert!(!page.contains("AA-bb"), "the token is shown nowhere");
    later(&app, 290).await;
    assert_eq!(fake.got().len(), 1, "not yet");
    later(&app, 20).await;
    let said = said(&fake);
    assert!(said.len() == 2 && said[0] == said[1], "the same message: {said:?}");
    later(&app, 9000).await;
    assert_eq!(fake.got().len(), 2);
    assert!(!ann.sees("/alerts").await.contains("did not get through"));
}

#[tokio::test]
async fn mail_goes_through_a_real_server() {
    let app = watched().await;
    let ann = person(&app, "admin").await;
    let smtp = Smtp::start().await;
    let port = smtp.port.to_string();
    let form = [
        ("kind", "email"),
        ("name", "Mail"),
        ("host", "127.0.0.1"),
        ("port", &port),
        ("security", "none"),
        ("user", "relay"),
        ("password", "pass word"),
        ("from", "leadrelay <alerts@example.com>"),
        ("to", "ann@example.com, bob@example.com"),
    ];
    let made = makes(&ann, &form).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let here = made.headers["location"].to_str().unwrap().to_owned();
    let tested = ann.sends(&format!("{here}/test"), &[]).await;
    assert!(tested.text.contains("It was taken.") && tested.text.contains("queued as 4711"), "{}", tested.text);
    assert!(!tested.text.contains("pass word"));
    broken(&app, "acme").await;
    round(&app).await;
    let got = smtp.got();
    assert_eq!(got.len(), 2);
    let mail = &got[1];
    assert_eq!(mail.login, Some(("relay".into(), "pass word".into())));
    assert!(mail.from.contains("<alerts@example.com>"), "{}", mail.from);
    assert_eq!(mail.to, ["RCPT TO:<ann@example.com>", "RCPT TO:<bob@example.com>"]);
    assert!(mail.header("Subject").starts_with("[leadrelay] acme does not answer"), "{}", mail.data);
    assert!(mail.header("Message-ID").ends_with("@example.com>") && mail.data.contains("/networks/acme"));

    // Where no secure connection is offered, nothing is said in the clear.
    let form = form.map(|(name, value)| (name, if name == "security" { "starttls" } else { value }));
    let secure: Vec<(&str, &str)> = USUAL.iter().chain(&form).copied().collect();
    ann.does(&here, &secure).await;
    let tested = ann.sends(&format!("{here}/test"), &[]).await;
    assert!(tested.text.contains("the server offers no STARTTLS"), "{}", tested.text);
    assert_eq!(smtp.got().len(), 2);
    ann.does(&here, &[&secure[..], &[("security", "none")]].concat()).await;

    // A server that says no for a while.
    smtp.refuses(Some("450 4.2.1 mailbox busy"));
    broken(&app, "other").await;
    later(&app, 70).await;
    assert!(ann.sees("/alerts").await.contains("mailbox busy"));
    smtp.refuses(None);
    later(&app, 60).await;
    let got = smtp.got();
    assert!(got.len() == 3 && got[2].data.contains("other does not answer"));
    assert_ne!(got[1].header("Message-ID"), got[2].header("Message-ID"));
}

#[tokio::test]
async fn a_webhook_is_signed_with_the_secret_that_is_shown_once() {
    let app = watched().await;
    let ann = person(&app, "admin").await;
    let fake = Fake::start().await;
    let url = format!("{}/hook", fake.base);
    let made = makes(&ann, &[("kind", "webhook"), ("name", "Pager"), ("url", &url)]).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let secret = made.text.split("id=\"issued-secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let list = ann.sees("/alerts").await;
    let here = target(&list, "/alerts/channels/0").to_owned();
    assert!(!ann.sees(&here).await.contains(&secret), "shown once");
    broken(&app, "acme").await;
    fake.answers([Play::Json(500, json!({}))]);
    round(&app).await;
    later(&app, 60).await;
    let got = fake.got();
    assert_eq!(got.len(), 2, "tried again");
    let ids: Vec<_> = got.iter().map(|got| got.header("webhook-id").unwrap().to_owned()).collect();
    assert_eq!(ids[0], ids[1]);
    for got in &got {
        let signed = sign::Signed {
            id: got.header("webhook-id").unwrap(),
            timestamp: got.header("webhook-timestamp").unwrap(),
            signature: got.header("webhook-signature").unwrap(),
            body: &got.body,
        };
        let at = signed.timestamp.parse().unwrap();
        assert_eq!(sign::verify(std::slice::from_ref(&secret), &signed, at), Ok(()));
    }
    let body = got[1].json();
    let alert = &body["alerts"][0];
    assert_eq!(
        (&body["type"], &alert["kind"], &alert["what"]),
        (&json!("alerts"), &json!("breaker"), &json!("opened"))
    );
    assert_eq!((&alert["critical"], &alert["link"]), (&json!(true), &json!(format!("{}/networks/acme", app.base))));
}

#[tokio::test]
async fn rules_are_switched_off_tuned_and_narrowed() {
    let app = watched().await;
    let admin = person(&app, "admin").await;
    let ann = person(&app, "manager").await;
    let fake = Fake::start().await;
    fake.always(Play::Json(200, json!({"ok": true})));
    telegram(&admin, &fake, &[]).await;
    for slug in ["acme", "other"] {
        broken(&app, slug).await;
    }
    let wrong =
        ann.sends("/alerts/rules/queue", &[("enabled", "true"), ("threshold", "0"), ("networks", "nobody")]).await;
    assert_eq!(wrong.status, 422);
    for field in ["threshold", "networks"] {
        assert!(wrong.text.contains(&format!("id=\"f-{field}-error\"")), "{}", wrong.text);
    }
    assert!(wrong.text.contains("value=\"nobody\""), "what was typed stays");
    let page = ann.does("/alerts/rules/breaker", &[("enabled", "true"), ("networks", "other")]).await;
    assert!(told(&page).contains("saved") && page.contains("about 1 chosen only"), "{page}");
    round(&app).await;
    assert!(said(&fake).len() == 1 && said(&fake)[0].starts_with("other does not answer"), "{:?}", said(&fake));
    // Switched off, it ends without a word.
    ann.does("/alerts/rules/breaker", &[]).await;
    later(&app, 70).await;
    later(&app, 300).await;
    assert_eq!(said(&fake).len(), 1);
    assert!(ann.sees("/alerts").await.contains("Nothing is wrong."));
    let audit = ann.sees("/audit?kind=alert_rule").await;
    assert!(audit.contains("alert_rule.update"), "{audit}");
}

#[tokio::test]
async fn what_the_overview_counts_opens_alerts_and_a_new_word_is_told() {
    let app = watched().await;
    let ann = person(&app, "admin").await;
    let fake = Fake::start().await;
    fake.always(Play::Json(200, json!({"ok": true})));
    telegram(&ann, &fake, &[]).await;
    let token = app.with_offer("tea").await;
    app.lead_id(&token, "tea", "+4915112345678").await;
    app.network("acme", "https://partner.example/leads", json!({"token": "t"})).await;
    app.drain().await;
    app.post("/api/v1/networks/acme/pause", json!({"reason": "Ann said so"})).await.expect(200);
    let word = "insert into unmapped_status (unmapped_id, network_id, raw, first_seen_at, last_seen_at)
                select gen_random_uuid(), network_id, $1, now(), now() from network where slug = 'acme'";
    sqlx::query(word).bind("later").execute(&app.app.db).await.expect("a word");
    round(&app).await;
    let text = said(&fake).join("\n");
    for sentence in ["1 lead without a route", "acme is paused", "acme uses 1 status word"] {
        assert!(text.contains(sentence), "{sentence}: {text}");
    }
    assert!(!text.contains("Ann said so") && !text.contains("+49"), "no words of people");
    sqlx::query(word).bind("even later").execute(&app.app.db).await.expect("a word");
    later(&app, 70).await;
    assert!(said(&fake).len() == 2 && said(&fake)[1].starts_with("More of it: acme uses 2 status words"));
}

#[tokio::test]
async fn caps_are_told_near_their_end_and_at_it() {
    let app = watched().await;
    let ann = person(&app, "admin").await;
    let fake = Fake::start().await;
    fake.always(Play::Json(200, json!({"ok": true})));
    telegram(&ann, &fake, &[]).await;
    let token = app.with_offer("tea").await;
    let network = json!({"slug": "acme", "integration": "sandbox", "settings": {"then_status": "none"}});
    app.post("/api/v1/networks", network).await.expect(201);
    let caps = json!([{"period": "total", "limit": 5}]);
    app.post("/api/v1/routes", json!({"offer": "tea", "network": "acme", "caps": caps})).await.expect(201);
    let lead = async |number: u32| {
        app.lead_id(&token, "tea", &format!("+49151123456{number:02}")).await;
        app.drain().await;
    };
    for number in 0..4 {
        lead(number).await;
    }
    round(&app).await;
    assert!(said(&fake)[0].starts_with("tea → acme: 4 of 5 leads in all (80 %)"), "{:?}", said(&fake));
    lead(4).await;
    later(&app, 70).await;
    let all = said(&fake);
    assert!(all.len() == 2 && all[1].contains("the cap of 5 leads in all is full"), "{all:?}");
}

#[tokio::test]
async fn a_channel_keeps_its_secret_tells_what_is_wrong_and_is_put_away() {
    let app = watched().await;
    let ann = person(&app, "admin").await;
    let fake = Fake::start().await;
    fake.always(Play::Json(401, json!({"ok": false, "error_code": 401, "description": "Unauthorized"})));
    let wrong =
        makes(&ann, &[("kind", "telegram"), ("name", ""), ("token", "nonsense"), ("chat", "@ops"), ("per_hour", "0")])
            .await;
    assert_eq!(wrong.status, 422);
    for field in ["name", "token", "per_hour"] {
        assert!(wrong.text.contains(&format!("id=\"f-{field}-error\"")), "{field}: {}", wrong.text);
    }
    assert!(wrong.text.contains("value=\"@ops\"") && !wrong.text.contains("nonsense"), "secrets are not shown again");
    let here = telegram(&ann, &fake, &[]).await;
    let tested = ann.sends(&format!("{here}/test"), &[]).await;
    assert!(tested.text.contains("It did not get through: Unauthorized"), "{}", tested.text);
    assert!(!tested.text.contains("AA-bb"), "{}", tested.text);
    let again = makes(&ann, &[("kind", "telegram"), ("name", "ops CHAT"), ("token", "1:a"), ("chat", "1")]).await;
    assert!(again.status == 422 && again.text.contains("is taken by another channel"), "{}", again.text);

    // Saved without the secret, it keeps it; the language is that of the channel.
    let mut form: Vec<(&str, &str)> = USUAL.to_vec();
    form.extend([("name", "Ops chat"), ("chat", "-1001"), ("api", fake.base.as_str()), ("language", "ru")]);
    ann.does(&here, &form).await;
    ann.sends(&format!("{here}/test"), &[]).await;
    let last = fake.got().pop().unwrap();
    assert!(
        last.path.contains("/bot123:AA-bb/") && last.json()["text"].as_str().unwrap().starts_with("Проверка канала")
    );

    let manager = person(&app, "manager").await;
    assert!(manager.sees("/alerts").await.contains("Ops chat"));
    for path in ["/alerts/channels/new", here.as_str()] {
        assert_eq!(manager.opens(path).await.status, 403, "{path}");
    }
    let page = ann.does(&format!("{here}/archive"), &[]).await;
    assert!(told(&page).contains("archived") && page.contains("Nobody is told"));
    assert_eq!(ann.opens(&here).await.status, 404);
    assert_eq!(app.count("select count(*) from alert_channel where secrets is not null").await, 0);
    let log: Vec<Value> = sqlx::query_scalar(
        "select jsonb_build_object('b', before, 'a', after) from audit where object_kind = 'alert_channel'",
    )
    .fetch_all(&app.app.db)
    .await
    .unwrap();
    assert_eq!(log.len(), 3);
    assert!(log.iter().all(|line| !line.to_string().contains("AA-bb")));
}

#[tokio::test]
async fn one_node_looks_at_a_time() {
    let app = watched().await;
    let ann = person(&app, "admin").await;
    let fake = Fake::start().await;
    fake.always(Play::Json(200, json!({"ok": true})));
    telegram(&ann, &fake, &[]).await;
    broken(&app, "acme").await;
    // Four rounds at once, as of four nodes.
    let rounds = (0..4).map(|_| round(&app));
    futures_util::future::join_all(rounds).await;
    assert_eq!(said(&fake).len(), 1);
    assert_eq!(app.count("select count(*) from alert").await, 1);
}
