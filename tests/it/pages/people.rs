//! Who sees what, in which language and whose time.

use super::{person, told};
use crate::kit::app::{TestApp, read};

#[tokio::test]
async fn each_role_opens_its_own_pages_and_is_shown_no_other() {
    let app = TestApp::idle().await;
    let pages = ["/leads", "/deliveries", "/inbound", "/postbacks", "/unmapped", "/networks", "/offers", "/webmasters"];
    for (role, sees_leads, sees_audit, connects) in [
        ("admin", true, true, true),
        ("manager", true, true, false),
        ("support", true, false, false),
        ("analyst", false, false, false),
    ] {
        let someone = person(&app, role).await;
        let home = someone.sees("/").await;
        for page in pages {
            assert_eq!(someone.opens(page).await.status == 200, sees_leads, "{role} {page}");
            assert_eq!(home.contains(&format!("class=\"menu-link\" href=\"{page}\"")), sees_leads, "{role} {page}");
        }
        assert_eq!(someone.opens("/audit").await.status == 200, sees_audit, "{role}");
        assert_eq!(someone.opens("/networks/new").await.status == 200, connects, "{role}");
        assert_eq!(someone.opens("/health").await.status == 200, sees_leads, "{role}");
        for page in ["/users", "/users/new", "/tokens", "/tokens/new", "/settings"] {
            assert_eq!(someone.opens(page).await.status == 200, connects, "{role} {page}");
        }
        assert_eq!(someone.opens("/account").await.status, 200);
        let forms = ["/deliveries/1/retry", "/unmapped/1/map", "/offers/new", "/webmasters/x/tokens"];
        for form in forms {
            assert_eq!(someone.sends(form, &[]).await.status == 403, !sees_audit, "{role} {form}");
        }
    }
}

#[tokio::test]
async fn everybody_reads_in_his_own_language_and_time() {
    let app = TestApp::idle().await;
    let ann = person(&app, "admin").await;
    assert!(ann.sees("/leads").await.contains("<html lang=\"en\">"));
    let page = ann.does("/account/reading", &[("language", "ru"), ("zone", "Asia/Tehran")]).await;
    assert_eq!(told(&page), "Сохранено.");
    let page = ann.sees("/leads").await;
    assert!(page.contains("<html lang=\"ru\">") && page.contains("Лидов ещё не было") && page.contains("Asia/Tehran"));
    let wrong = ann.sends("/account/reading", &[("language", "ru"), ("zone", "Mars/Base")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("id=\"zone-error\""));

    // Before one signs in, the browser and then the choice decide.
    let login = |headers: &[(&str, &str)]| {
        let mut request = app.http.get(format!("{}/login", app.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request)
    };
    assert!(login(&[("accept-language", "ru-RU,ru;q=0.9")]).await.text.contains("Вход в leadrelay"));
    let form = [("language", "en"), ("back", "/login")];
    let chosen = read(app.http.post(format!("{}/language", app.base)).form(&form)).await;
    let cookie = chosen.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert!(login(&[("accept-language", "ru"), ("cookie", &cookie)]).await.text.contains("Sign in to leadrelay"));
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let app = TestApp::idle().await;
    let ann = person(&app, "admin").await;
    let form = [("email", "admin@example.com"), ("password", "a password of tests")];
    let second = read(app.http.post(format!("{}/login", app.base)).form(&form)).await;
    let second = second.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let change = |current, new, again| [("current", current), ("password", new), ("again", again)];
    let wrong = ann.sends("/account/password", &change("nonsense nonsense", "short", "other")).await;
    assert_eq!(wrong.status, 422);
    for field in ["current-error", "password-error", "again-error"] {
        assert!(wrong.text.contains(&format!("id=\"{field}\"")), "{field}");
    }
    let form = change("a password of tests", "another good one", "another good one");
    let done = ann.sends("/account/password", &form).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let other = read(app.http.get(format!("{}/leads", app.base)).header("cookie", second)).await;
    assert_eq!(other.status, 303, "the other session is over");
    let renewed = done.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let own = read(app.http.get(format!("{}/account", app.base)).header("cookie", renewed)).await;
    assert_eq!((own.status, told(&own.text).contains("changed")), (200, true));
}

#[tokio::test]
async fn a_form_that_comes_after_its_session_leads_back_to_its_page() {
    let app = TestApp::idle().await;
    let form = |referer: String| {
        read(
            app.http.post(format!("{}/deliveries/1/retry", app.base)).header("referer", referer).form(&[("back", "/")]),
        )
    };
    let own = form(format!("{}/deliveries?state=dead", app.base)).await;
    assert_eq!(own.headers["location"], "/login?next=%2Fdeliveries%3Fstate%3Ddead");
    let foreign = form("https://evil.example/deliveries".into()).await;
    assert_eq!(foreign.headers["location"], "/login?next=%2F");
}
