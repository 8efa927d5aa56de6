//! The second factor: switched on by a code that proves it, asked for at sign-in, taken once, switched off.

use leadrelay::http::second_factor;
use serde_json::json;

use super::{Person, person, signs_in, target, told};
use crate::kit::app::{Answer, TestApp, read};

const PASSWORD: &str = "a password of tests";

/// The code of a secret now, and `steps` of thirty seconds later.
fn code(secret: &str, app: &TestApp, steps: i64) -> String {
    let at = u64::try_from(app.app.clock.now().timestamp() + 30 * steps).unwrap();
    let secret = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    totp_rs::Builder::new().with_secret(secret).build().unwrap().generate(at).to_string()
}

/// Switches it on; gives the secret, the recovery codes, and the code that proved it.
async fn switched_on(app: &TestApp, ann: &Person<'_>) -> (String, Vec<String>, String) {
    switched_on_at(app, ann, "/account/second-factor").await
}

async fn switched_on_at(app: &TestApp, ann: &Person<'_>, here: &str) -> (String, Vec<String>, String) {
    let page = ann.sees(here).await;
    assert!(page.contains("<svg class=\"qr\""));
    let secret = page.split("id=\"factor-secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(ann.sees(here).await.contains(&secret), "the same when it is opened again");
    let wrong = ann.sends(here, &[("code", "000")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("id=\"code-error\""), "{}", wrong.text);
    assert_eq!(app.count("select count(*) from app_user where totp_secret is not null").await, 0);
    let proof = code(&secret, app, 0);
    let on = ann.sends(here, &[("code", &proof)]).await;
    assert_eq!((on.status, &on.headers["cache-control"]), (200, &"no-store".parse().unwrap()), "{}", on.text);
    let codes = on.text.split("id=\"codes\"").nth(1).unwrap().split_once('>').unwrap().1.split('<').next().unwrap();
    (secret, codes.lines().map(str::to_owned).collect(), proof)
}

/// Gives e-mail and password; the browser is half signed in.
async fn half(app: &TestApp, next: &str) -> String {
    half_of(app, "admin@example.com", next).await
}

async fn half_of(app: &TestApp, email: &str, next: &str) -> String {
    let form = [("email", email), ("password", PASSWORD), ("next", next)];
    let answer = read(app.http.post(format!("{}/login", app.base)).form(&form)).await;
    assert_eq!((answer.status, &answer.headers["location"]), (303, &"/login/code".parse().unwrap()), "{}", answer.text);
    cookie(&answer)
}

fn cookie(answer: &Answer) -> String {
    answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

async fn gives(app: &TestApp, cookie: &str, code: &str) -> Answer {
    let request = app.http.post(format!("{}/login/code", app.base)).header("cookie", cookie);
    read(request.form(&[("code", code)])).await
}

#[tokio::test]
async fn a_code_is_asked_for_and_taken_once() {
    let app = TestApp::idle().await;
    let ann = person(&app, "admin").await;
    let (secret, codes, proof) = switched_on(&app, &ann).await;
    assert_eq!(codes.len(), second_factor::CODES);
    assert!(ann.sees("/users").await.contains("chip--delivered\">on<"));

    let browser = half(&app, "/leads").await;
    let open = read(app.http.get(format!("{}/leads", app.base)).header("cookie", &browser)).await;
    assert_eq!(open.status, 303, "the password alone opens nothing");
    assert_eq!(gives(&app, &browser, &proof).await.status, 422, "the code that switched it on is used up");
    // The clock of a phone may be half a minute ahead.
    let next = code(&secret, &app, 1);
    let entered = gives(&app, &browser, &next).await;
    assert_eq!((entered.status, &entered.headers["location"]), (303, &"/leads".parse().unwrap()), "{}", entered.text);
    let signed_in = cookie(&entered);
    assert_ne!(signed_in, browser, "under a new id");
    assert_eq!(read(app.http.get(format!("{}/leads", app.base)).header("cookie", &signed_in)).await.status, 200);
    assert_eq!(gives(&app, &half(&app, "/").await, &next).await.status, 422, "nobody comes in by it again");

    // Lost the app.
    let typed = codes[0].to_uppercase().replace('-', " ");
    let entered = gives(&app, &half(&app, "/").await, &typed).await;
    assert_eq!(entered.status, 303, "{}", entered.text);
    let home = read(app.http.get(format!("{}/", app.base)).header("cookie", cookie(&entered))).await;
    assert!(told(&home.text).contains("9 are left"), "{}", told(&home.text));
    assert_eq!(gives(&app, &half(&app, "/").await, &codes[0]).await.status, 422);
    let stored: Vec<Vec<u8>> =
        sqlx::query_scalar("select code_hash from recovery_code").fetch_all(&app.app.db).await.unwrap();
    assert!(stored.iter().all(|hash| hash.len() == 32));
    let sealed: Vec<u8> = sqlx::query_scalar("select totp_secret from app_user").fetch_one(&app.app.db).await.unwrap();
    let open = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    assert!(!sealed.windows(20).any(|part| part == open.as_bytes()), "sealed at rest");
}

#[tokio::test]
async fn guessing_waits_and_a_new_password_ends_what_was_half_done() {
    let app = TestApp::idle().await;
    let ann = person(&app, "admin").await;
    let (secret, ..) = switched_on(&app, &ann).await;
    let browser = half(&app, "/").await;
    let form = [("current", PASSWORD), ("password", "another good one"), ("again", "another good one")];
    assert_eq!(ann.sends("/account/password", &form).await.status, 303);
    let late = gives(&app, &browser, &code(&secret, &app, 0)).await;
    assert_eq!(late.headers["location"], "/login", "the old password was given");

    let form = [("email", "admin@example.com"), ("password", "another good one")];
    let answer = read(app.http.post(format!("{}/login", app.base)).form(&form)).await;
    let browser = cookie(&answer);
    let mut last = 0;
    for _ in 0..11 {
        last = gives(&app, &browser, "000000").await.status;
    }
    assert_eq!(last, 429);
    assert_eq!(gives(&app, &browser, &code(&secret, &app, 1)).await.status, 429, "not even the right one");
}

#[tokio::test]
async fn it_is_switched_off_with_the_password_or_by_an_admin() {
    let app = TestApp::idle().await;
    let ann = person(&app, "admin").await;
    let (_, codes, _) = switched_on(&app, &ann).await;
    let wrong = ann.sends("/account/second-factor/codes", &[("current", "not it at all")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("id=\"codes-error\""));
    let renewed = ann.sends("/account/second-factor/codes", &[("current", PASSWORD)]).await;
    assert!(renewed.status == 200 && !renewed.text.contains(&codes[1]));
    assert_eq!(gives(&app, &half(&app, "/").await, &codes[1]).await.status, 422, "the old codes are gone");

    let wrong = ann.sends("/account/second-factor/off", &[("current", "not it at all")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("id=\"off-error\""));
    assert!(told(&ann.does("/account/second-factor/off", &[("current", PASSWORD)]).await).contains("is off"));
    signs_in(&app, "admin@example.com", PASSWORD).await;
    assert_eq!(app.count("select count(*) from recovery_code").await, 0);

    switched_on(&app, &ann).await;
    let body = serde_json::json!({"email": "boss@example.com", "role": "admin", "password": PASSWORD});
    app.post("/api/v1/users", body).await.expect(201);
    let boss = signs_in(&app, "boss@example.com", PASSWORD).await;
    let path = target(&boss.sees("/users?q=admin@").await, "/users/01").to_owned();
    assert!(told(&boss.does(&format!("{path}/second-factor/off"), &[]).await).contains("is off"));
    signs_in(&app, "admin@example.com", PASSWORD).await;
    let log = boss.sees("/audit?kind=user").await;
    for act in ["user.second_factor_on", "user.second_factor_off", "user.recovery_codes"] {
        assert!(log.contains(act), "{act}");
    }
}

#[tokio::test]
async fn a_webmaster_has_one_in_his_portal_and_an_admin_takes_it_away() {
    let app = TestApp::idle().await;
    app.with_offer("tea").await;
    let email = "anna@example.com";
    let login = json!({ "email": email, "role": "webmaster", "webmaster": "anna", "password": PASSWORD });
    let login_id = app.post("/api/v1/users", login).await.expect(201)["id"].as_str().unwrap().to_owned();
    let anna = signs_in(&app, email, PASSWORD).await;
    let (_, codes, _) = switched_on_at(&app, &anna, "/portal/account/second-factor").await;
    let account = anna.sees("/portal/account").await;
    assert!(account.contains("chip--delivered\">on<") && account.contains("/portal/account/sessions/end"));
    let entered = gives(&app, &half_of(&app, email, "/").await, &codes[0]).await;
    assert_eq!((entered.status, &entered.headers["location"]), (303, &"/portal".parse().unwrap()));

    let ann = person(&app, "admin").await;
    let off = format!("/webmaster-logins/{login_id}/second-factor/off");
    assert!(ann.sees("/webmasters/anna").await.contains(&off));
    assert_eq!(ann.sends(&off, &[]).await.status, 303);
    let form = [("email", email), ("password", PASSWORD)];
    let entered = read(app.http.post(format!("{}/login", app.base)).form(&form)).await;
    assert_eq!(entered.headers["location"], "/portal", "the password is enough again");
    // Everywhere: the browsers above as well.
    assert_eq!(anna.sends("/portal/account/sessions/end", &[]).await.headers["location"], "/login");
    assert_eq!(
        app.count(
            "select count(*) from web_session where user_id = (select user_id from app_user where role = 'webmaster')"
        )
        .await,
        0
    );
}
