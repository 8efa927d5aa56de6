//! The ways into the portal, and who is kept out.

use serde_json::json;

use super::partner;
use crate::kit::app::{Answer, TestApp, read};
use crate::pages::{Person, cookie, person, target, told};

/// The link that a page shows once, as a path.
fn issued(page: &str) -> String {
    let url = page.split("id=\"issued-link\">").nth(1).expect("a link").split('<').next().unwrap();
    url.splitn(4, '/').nth(3).map(|path| format!("/{path}")).expect("a path")
}

async fn get(app: &TestApp, path: &str) -> Answer {
    read(app.http.get(format!("{}{path}", app.base))).await
}

#[tokio::test]
async fn a_login_begins_with_a_link_that_works_once() {
    let app = TestApp::idle().await;
    app.webmaster("anna").await;
    let manager = person(&app, "manager").await;
    let wrong = manager.sends("/webmasters/anna/logins", &[("email", "nonsense")]).await;
    assert!(
        wrong.status == 422 && wrong.text.contains("id=\"login-f-email-error\"") && wrong.text.contains("nonsense")
    );
    let made = manager.sends("/webmasters/anna/logins", &[("email", "Anna@example.com")]).await;
    assert_eq!((made.status, made.headers["cache-control"].to_str().unwrap()), (200, "no-store"));
    let first = issued(&made.text);
    let again = manager.sends("/webmasters/anna/logins", &[("email", "anna@example.com")]).await;
    assert!(again.status == 422, "a second click makes no second login");
    let page = manager.sees("/webmasters/anna").await;
    assert!(!page.contains(&first) && page.contains("has not chosen a password yet"));
    let renew = target(&page, "/webmaster-logins/").to_owned();
    let link = issued(&manager.sends(&renew, &[]).await.text);
    assert_eq!(get(&app, &first).await.status, 404, "the link before is over");

    let form = |password, again| [("password", password), ("again", again)];
    let post = |form: [(&'static str, &'static str); 2]| read(app.http.post(format!("{}{link}", app.base)).form(&form));
    assert!(get(&app, &link).await.text.contains("anna@example.com"));
    let short = post(form("short", "other")).await;
    assert!(
        short.status == 422
            && short.text.contains("id=\"password-error\"")
            && short.text.contains("id=\"again-error\"")
    );
    let joined = post(form("a good password", "a good password")).await;
    assert_eq!((joined.status, joined.headers["location"].to_str().unwrap()), (303, "/portal"), "{}", joined.text);
    let anna = Person { app: &app, cookie: cookie(&joined) };
    assert!(anna.sees("/portal").await.contains("anna@example.com"));
    assert_eq!(post(form("another password", "another password")).await.status, 404, "used");
    assert!(person(&app, "admin").await.sees("/audit?kind=user").await.contains("user.password"));

    let close = renew.replace("/link", "/close");
    assert!(told(&manager.does(&close, &[("back", "/webmasters/anna")]).await).contains("closed"));
    assert_eq!(anna.opens("/portal").await.status, 303, "signed out");
}

#[tokio::test]
async fn nobody_gets_at_an_account_of_the_house_by_the_logins_of_webmasters() {
    let app = TestApp::idle().await;
    let manager = person(&app, "manager").await;
    let admin = json!({"email": "boss@example.com", "role": "admin"});
    let admin = app.post("/api/v1/users", admin).await.expect(201);
    for act in ["link", "close"] {
        let form = format!("/webmaster-logins/{}/{act}", admin["id"].as_str().unwrap());
        assert_eq!(manager.sends(&form, &[]).await.status, 404, "{act}");
    }
}

#[tokio::test]
async fn a_link_opens_the_portal_until_it_is_revoked() {
    let app = TestApp::idle().await;
    app.webmaster("anna").await;
    let manager = person(&app, "manager").await;
    let made = manager.sends("/webmasters/anna/portal-links", &[("name", "Anna’s phone")]).await;
    let link = issued(&made.text);
    let page = manager.sees("/webmasters/anna").await;
    assert!(page.contains("Anna’s phone") && page.contains("never used") && !page.contains(&link));
    assert_eq!(get(&app, "/portal/enter/nonsense").await.status, 404);

    let entered = get(&app, &link).await;
    assert_eq!((entered.status, entered.headers["location"].to_str().unwrap()), (303, "/portal"));
    let anna = Person { app: &app, cookie: cookie(&entered) };
    assert!(anna.sees("/portal").await.contains(">anna<"));
    assert!(!anna.sees("/portal/account").await.contains("name=\"current\""), "there is no password to change");
    assert_eq!(anna.sends("/portal/account/password", &[("password", "a good password")]).await.status, 404);
    anna.does("/portal/account/reading", &[("language", "ru"), ("zone", "Europe/Moscow")]).await;
    assert!(anna.sees("/portal").await.contains("<html lang=\"ru\">"));
    assert!(manager.sees("/webmasters/anna").await.contains("last used"));

    // A session of the house does not stay below one that a link has opened.
    let mixed = read(app.http.get(format!("{}{link}", app.base)).header("cookie", &manager.cookie)).await;
    let mixed = Person { app: &app, cookie: cookie(&mixed) };
    assert_eq!((mixed.opens("/leads").await.status, mixed.opens("/portal").await.status), (403, 200));
    assert_eq!(manager.opens("/leads").await.status, 303, "the cookie from before is worth nothing");

    let admin = person(&app, "admin").await;
    let revoke = target(&admin.sees("/webmasters/anna").await, "/portal-links/").to_owned();
    assert!(told(&admin.does(&revoke, &[("back", "/webmasters/anna")]).await).contains("revoked"));
    assert_eq!((anna.opens("/portal").await.status, get(&app, &link).await.status), (303, 404));
    assert!(admin.sees("/audit?kind=portal_link").await.contains("portal_link.revoke"));
}

#[tokio::test]
async fn whoever_is_switched_off_or_archived_is_out() {
    let app = TestApp::idle().await;
    app.webmaster("anna").await;
    let manager = person(&app, "manager").await;
    let link = issued(&manager.sends("/webmasters/anna/portal-links", &[]).await.text);
    let join = issued(&manager.sends("/webmasters/anna/logins", &[("email", "new@example.com")]).await.text);
    let anna = partner(&app, "anna").await;
    let entered = Person { app: &app, cookie: cookie(&get(&app, &link).await) };
    let login = || {
        let form = [("email", "anna@example.com"), ("password", "a password of tests")];
        read(app.http.post(format!("{}/login", app.base)).form(&form))
    };
    let is_in = async || {
        let doors = [get(&app, &link).await.status, login().await.status, get(&app, &join).await.status];
        (anna.opens("/portal").await.status, entered.opens("/portal").await.status, doors)
    };
    let out = (303, 303, [404, 422, 404]);
    assert_eq!(is_in().await, (200, 200, [303, 303, 200]));
    app.patch("/api/v1/webmasters/anna", json!({"enabled": false})).await.expect(200);
    assert_eq!(is_in().await, out);
    app.patch("/api/v1/webmasters/anna", json!({"enabled": true})).await.expect(200);
    assert_eq!(is_in().await, (200, 200, [303, 303, 200]));
    app.delete("/api/v1/webmasters/anna").await;
    assert_eq!(is_in().await, out);
}
