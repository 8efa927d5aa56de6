//! Users and tokens: made, changed, put away, by admins only, and nothing twice.

use serde_json::json;

use super::{once, person, signs_in, target, told};
use crate::kit::app::TestApp;

#[tokio::test]
async fn a_user_is_made_changed_closed_and_opened_again() {
    let app = TestApp::idle().await;
    let ann = person(&app, "admin").await;
    let key = once(&ann.sees("/users/new").await);
    let form = [("once", key.as_str()), ("email", "bob@"), ("name", "<b>Bob"), ("role", "support")];
    let wrong = ann.sends("/users/new", &form).await;
    assert!(wrong.status == 422 && wrong.text.contains("id=\"f-email-error\""), "{}", wrong.text);
    assert!(wrong.text.contains("value=\"&#60;b&#62;Bob\""), "what was typed stays");

    let form = [("email", "bob@example.com"), ("name", "Bob"), ("role", "support")];
    let made = ann.sends_once("/users/new", "/users/new", &form).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let password = made.text.split("id=\"made-password\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let bob = signs_in(&app, "bob@example.com", &password).await;
    assert_eq!(bob.opens("/leads").await.status, 200);
    assert_eq!(bob.opens("/users").await.status, 403);

    let path = target(&ann.sees("/users?q=BOB").await, "/users/01").to_owned();
    let page = ann.does(&path, &[("email", "bob@example.com"), ("name", "Robert"), ("role", "analyst")]).await;
    assert_eq!(told(&page), "Saved.");
    assert_eq!(bob.opens("/leads").await.status, 403, "the new role holds at once");
    let page = ann.sees(&format!("/audit?object={}", path.trim_start_matches("/users/"))).await;
    assert!(page.contains("user.create") && page.contains("role: support → analyst"), "{page}");
    assert!(!page.contains(&password));

    let form = [("email", "bob@example.com"), ("name", "Bob"), ("role", "analyst"), ("password", "one for the road")];
    ann.does(&path, &form).await;
    assert_eq!(bob.opens("/").await.status, 303, "a new password ends the sessions");
    let bob = signs_in(&app, "bob@example.com", "one for the road").await;
    assert!(told(&ann.does(&format!("{path}/sessions/end"), &[]).await).contains("1 session"));
    assert_eq!(bob.opens("/").await.status, 303);

    assert!(told(&ann.does(&format!("{path}/archive"), &[]).await).contains("closed"));
    assert!(!ann.sees("/users").await.contains("bob@") && ann.sees("/users?state=archived").await.contains("bob@"));
    let form = [("email", "bob@example.com"), ("password", "another person"), ("role", "support")];
    ann.sends_once("/users/new", "/users/new", &form).await;
    assert!(told(&ann.does(&format!("{path}/restore"), &[]).await).contains("Somebody else has this e-mail"));
    let other = target(&ann.sees("/users?role=support").await, "/users/01").to_owned();
    ann.does(&format!("{other}/archive"), &[]).await;
    assert!(told(&ann.does(&format!("{path}/restore"), &[]).await).contains("open again"));
    signs_in(&app, "bob@example.com", "one for the road").await;
}

#[tokio::test]
async fn the_last_admin_stays() {
    let app = TestApp::idle().await;
    let ann = person(&app, "admin").await;
    let own = target(&ann.sees("/users").await, "/users/01").to_owned();
    app.post("/api/v1/users", json!({"email": "idle@example.com", "role": "admin"})).await.expect(201);
    let demoted = [("email", "admin@example.com"), ("name", "Ann"), ("role", "support")];
    assert!(told(&ann.does(&own, &demoted).await).contains("last admin"));
    assert!(told(&ann.does(&format!("{own}/archive"), &[]).await).contains("last admin"));
    let able = json!({"password": "a password of tests"});
    app.patch("/api/v1/users/idle@example.com", able).await.expect(200);
    let answer = ann.sends(&own, &demoted).await;
    assert_eq!((answer.status, &answer.headers["location"]), (303, &"/".parse().unwrap()));
    assert_eq!(ann.opens("/users").await.status, 403);
}

#[tokio::test]
async fn what_a_form_makes_is_made_once() {
    let app = TestApp::idle().await;
    let ann = person(&app, "admin").await;
    app.post("/api/v1/webmasters", json!({"slug": "bob", "name": "bob"})).await.expect(201);
    let tokens = "select count(*) from token";

    let key = once(&ann.sees("/tokens/new").await);
    let refused = ann.sends("/tokens/new", &[("once", &key), ("name", "nothing chosen")]).await;
    assert!(refused.status == 422 && refused.text.contains("id=\"f-scopes-admin-error\""), "{}", refused.text);
    let form = [("once", key.as_str()), ("name", "bi"), ("scopes.read", "true"), ("rate_per_minute", "2")];
    // A form that came to nothing may be sent again, and both at once make one.
    let (first, second) = tokio::join!(ann.sends("/tokens/new", &form), ann.sends("/tokens/new", &form));
    let made = if first.status == 200 { &first } else { &second };
    assert_eq!((first.status.min(second.status), first.status.max(second.status)), (200, 303));
    assert_eq!(app.count(tokens).await, 1);
    let token = made.text.split("id=\"issued-token\">").nth(1).unwrap().split('<').next().unwrap();
    assert!(made.text.contains(&format!("Bearer {token}")), "the call is ready");
    let call = |path| app.call(reqwest::Method::GET, path, token, &serde_json::Value::Null);
    call("/api/v1/leads").await.expect(200);
    call("/api/v1/networks").await.expect(403);
    call("/api/v1/leads").await.expect(429);

    let page = ann.sees("/webmasters/bob").await;
    let form = [("once", once(&page)), ("name", "landing".to_owned())];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(ann.sends("/webmasters/bob/tokens", &form).await.status, 200);
    assert!(told(&ann.does("/webmasters/bob/tokens", &form).await).contains("sent before"));
    assert_eq!(app.count(tokens).await, 2);

    let list = ann.sees("/tokens").await;
    assert!(list.contains(">bi<") && list.contains("href=\"/webmasters/bob\"") && !list.contains(token));
    assert!(!ann.sees("/tokens?role=webmaster").await.contains(">bi<"));
    let revoke = target(&ann.sees("/tokens?role=admin").await, "/tokens/01").to_owned();
    let manager = person(&app, "manager").await;
    assert_eq!(manager.sends(&revoke, &[]).await.status, 403, "a manager ends no token of an admin");
    ann.does(&revoke, &[("back", "/tokens")]).await;
    call("/api/v1/leads").await.expect(401);
    assert!(ann.sees("/tokens?state=revoked").await.contains(">bi<"));
}

#[tokio::test]
async fn health_and_settings_show_what_is() {
    let app = TestApp::start().await;
    let ann = person(&app, "admin").await;
    app.network("n1", "http://127.0.0.1:9", json!({})).await;
    let page = ann.sees("/health").await;
    let newest = leadrelay::db::schema::newest();
    assert!(page.contains("href=\"/networks/n1\"") && page.contains(&format!("{newest} of {newest}")), "{page}");
    assert!(page.contains("of 256") && !page.contains("role=\"alert\""));
    let support = person(&app, "support").await;
    assert!(!support.sees("/health").await.contains("href=\"/networks/n1\""), "no link to what he may not open");
    let page = ann.sees("/settings").await;
    assert!(page.contains("http.allow_private_targets") && page.contains("LEADRELAY__HTTP__ALLOW_PRIVATE_TARGETS"));
    assert!(!page.contains(crate::kit::app::ADMIN) && !page.contains("postgres://"));
    app.stop().await;
}
