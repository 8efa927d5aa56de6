//! The pages before one signs in, each in the state it is made for.

use leadrelay::base::secret;
use leadrelay::db;

use super::browser::Browser;
use super::doors;
use super::forms::Forms;
use super::kit::app::TestApp;
use super::sample::{self, EMAIL, PASSWORD};
use super::screens::{self, For};

/// Pages that are there only on the way in.
const ON_THE_WAY: [&str; 3] = ["/portal/join/{token}", "/login/code", "/portal/enter/{token}"];

/// A page: its route, an address that fits it, and where that leads.
#[derive(Debug)]
pub struct Door {
    pub route: &'static str,
    pub address: String,
    pub place: String,
}

impl Door {
    fn at(route: &'static str, address: String) -> Self {
        Self { route, place: address.clone(), address }
    }
}

/// Shows all of them, on an instance that has no admin yet, and then with somebody who is on the way in.
pub async fn each(browser: &Browser, app: &TestApp, mut look: impl AsyncFnMut(Door)) {
    let link = set_up_link(app).await;
    for (route, _) in screens::all().into_iter().filter(|(_, whom)| *whom == For::Stranger) {
        if !ON_THE_WAY.contains(&route) {
            look(Door::at(route, route.replace("{token}", &link))).await;
        }
    }
    sample::admin(app).await;
    app.webmaster("anna").await;
    let forms = Forms::of(app, EMAIL, PASSWORD).await;
    let [join, code, enter] = ON_THE_WAY;
    look(Door::at(join, doors::join_link(&forms, "anna", "anna@example.com").await)).await;
    let by_link = doors::portal_link(&forms, "anna").await;
    doors::second_factor(app, &forms).await;
    browser.opens("/login").await;
    browser.gives(EMAIL, PASSWORD).await;
    browser.arrives("/login/code").await;
    look(Door::at(code, code.to_owned())).await;
    look(Door { route: enter, address: by_link, place: "/portal".to_owned() }).await;
}

/// Opens the set-up as a first start does.
async fn set_up_link(app: &TestApp) -> String {
    let link = app.app.ids.secret(32);
    let mut conn = app.app.db.acquire().await.expect("a connection");
    db::instance::insert(&mut conn, b"of the tests", app.app.clock.now()).await.expect("an instance");
    assert!(db::instance::open_setup(&mut conn, &secret::hash(&link)).await.expect("the set-up opens"));
    link
}
