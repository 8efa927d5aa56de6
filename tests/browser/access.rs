//! Who gets in and how far: roles, the second factor, sessions that end.

use serde_json::json;

use super::axe;
use super::browser::Browser;
use super::doors;
use super::kit::app::TestApp;
use super::sample::{self, EMAIL, PASSWORD};

/// Where the menu leads for each role.
const WORK: &[&str] = &["/", "/leads", "/deliveries", "/inbound", "/postbacks", "/unmapped", "/orphans"];
const MENUS: &[(&str, &[&[&str]])] = &[
    (
        "admin",
        &[
            WORK,
            &["/imports", "/networks", "/integrations", "/offers", "/webmasters"],
            &["/reports", "/alerts", "/health", "/audit", "/users", "/tokens", "/settings"],
        ],
    ),
    (
        "manager",
        &[
            WORK,
            &["/imports", "/networks", "/integrations", "/offers", "/webmasters"],
            &["/reports", "/alerts", "/health", "/audit"],
        ],
    ),
    ("support", &[WORK, &["/networks", "/offers", "/webmasters"], &["/health"]]),
    ("analyst", &[&["/"], &["/reports"]]),
];

#[tokio::test]
async fn each_role_sees_its_own_menu_and_is_told_what_it_may_not_open() {
    let app = TestApp::idle().await;
    let browser = Browser::start(&app.base).await;
    let every: Vec<&str> = MENUS[0].1.concat();
    for (role, menu) in MENUS {
        let email = format!("{role}@example.com");
        let user = json!({ "email": email, "role": role, "password": PASSWORD });
        app.post("/api/v1/users", user).await.expect(201);
        browser.signs_in(&email, PASSWORD).await;
        let shown =
            "return [...document.querySelectorAll('.frame__wide [data-key]')].map((link) => link.getAttribute('href'))";
        let menu = menu.concat();
        assert_eq!(browser.asks(shown, Vec::new()).await, json!(menu), "{role}");
        for place in &every {
            browser.opens(place).await;
            let text = browser.text().await;
            assert_eq!(text.contains("You may not do this"), !menu.contains(place), "{role} at {place}: {text}");
        }
        if *role == "analyst" {
            browser.opens("/settings").await;
            browser.sees("Ask an admin").await;
            assert_eq!(axe::violations(&browser).await, [""; 0]);
            browser.presses("Go to the overview").await;
            browser.arrives("/").await;
        }
        browser.opens("/").await;
        browser.presses("Sign out").await;
        browser.arrives("/login").await;
    }
    browser.ends().await;
}

#[tokio::test]
async fn a_second_factor_is_switched_on_and_asked_for() {
    let app = TestApp::idle().await;
    sample::admin(&app).await;
    let browser = sample::person(&app.base).await;
    browser.opens("/account").await;
    browser.presses("Switch it on").await;
    let secret = browser.find("#factor-secret").await.text().await.expect("a secret");
    browser.fills("Code of the app", "000000").await;
    browser.presses("Switch it on").await;
    browser.sees("This is not the code of this secret").await;
    browser.fills("Code of the app", &doors::code(&app, &secret, 0)).await;
    browser.presses("Switch it on").await;
    browser.sees("Recovery codes").await;
    let codes = browser.find("#codes").await.text().await.expect("codes");
    let recovery = codes.lines().next().expect("a code").to_owned();
    assert_eq!(axe::violations(&browser).await, [""; 0]);
    browser.presses("I have kept them").await;
    browser.arrives("/account").await;
    browser.presses("Sign out").await;
    browser.arrives("/login").await;

    browser.gives(EMAIL, PASSWORD).await;
    browser.arrives("/login/code").await;
    browser.fills("Code", "123").await;
    browser.presses("Sign in").await;
    browser.sees("The code is not right").await;
    // The one that proved it is used up; the next one is taken, for the clock of a phone may be ahead.
    browser.fills("Code", &doors::code(&app, &secret, 1)).await;
    browser.presses("Sign in").await;
    browser.arrives("/").await;
    browser.presses("Sign out").await;
    browser.arrives("/login").await;
    browser.gives(EMAIL, PASSWORD).await;
    browser.fills("Code", &recovery).await;
    browser.presses("Sign in").await;
    browser.sees("You came in by a recovery code").await;
    browser.ends().await;
}

#[tokio::test]
async fn a_session_that_ends_leads_to_the_login_and_back_to_the_form() {
    let app = TestApp::idle().await;
    sample::admin(&app).await;
    let desk = sample::person(&app.base).await;
    let phone = sample::person(&app.base).await;
    phone.opens("/account").await;
    phone.find("#sessions form[action$='/end'] .btn--small").await.click().await.expect("it can be pressed");
    phone.sees("That session has ended.").await;
    desk.presses("Leads").await;
    desk.arrives("/login?next=%2Fleads").await;
    desk.gives(EMAIL, PASSWORD).await;
    desk.arrives("/leads").await;

    desk.opens("/offers/new").await;
    desk.fills("Short name", "tea").await;
    desk.fills("Countries", "DE, AT").await;
    sqlx::query("delete from web_session").execute(&app.app.db).await.expect("all sessions end");
    desk.presses("Create the offer").await;
    desk.arrives("/login?next=%2Foffers%2Fnew").await;
    desk.gives(EMAIL, PASSWORD).await;
    desk.arrives("/offers/new").await;
    let typed = async |label: &str| desk.field(label).await.prop("value").await.expect("a property");
    assert_eq!(
        (typed("Short name").await.as_deref(), typed("Countries").await.as_deref()),
        (Some("tea"), Some("DE, AT"))
    );
    desk.opens("/offers").await;
    desk.opens("/offers/new").await;
    assert_eq!(typed("Short name").await.as_deref(), Some(""), "once");
    assert_eq!(app.count("select count(*) from offer").await, 0, "nothing was done by nobody");
    desk.ends().await;
    phone.ends().await;
}
