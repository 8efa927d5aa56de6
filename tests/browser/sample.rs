//! An instance that has been at work: networks of every mood, offers, webmasters, leads in every status, words nobody
//! has mapped, postbacks that fail. Made through the API, as an operator and his partners would.

use leadrelay::db::{alert_channel, stats_fold};
use leadrelay::flow::alerts::{self, way::Secrets};
use leadrelay::http::dashboard::alerts::write;
use leadrelay::practice::duomai::Duomai;
use reqwest::Method;
use serde_json::{Value, json};

use super::browser::Browser;
use super::forms::Forms;
use super::kit::app::{ADMIN, TestApp, read};
use super::kit::fake::{Fake, Got, Play};
use super::kit::partner;
use super::{age, doors};

/// The admin of the sample.
pub const EMAIL: &str = "olga@leadrelay.example";
/// The e-mail of the last webmaster.
const PARTNER: &str = "buyers@push-lab.example";
/// The password of everybody.
pub const PASSWORD: &str = "a password of tests";
/// Leads that are posted at once: two pages of a list. The last one is refused by the first network and taken by the next.
pub const LEADS: usize = 98;

/// They come in rounds of so many, from all webmasters.
const ROUND: usize = 16;

/// Names, country, number of the phone before its last five digits, city.
const PEOPLE: &[(&str, &str, &str, &str)] = &[
    ("Ana García", "ES", "+346123", "Madrid"),
    ("Jonas Weber", "DE", "+49151234", "Leipzig"),
    ("Marta Kowalska", "PL", "+485123", "Kraków"),
    ("Luca Bianchi", "IT", "+3934712", "Torino"),
    ("Chloé Martin", "FR", "+336123", "Lyon"),
    ("Ioana Popescu", "RO", "+407123", "Cluj-Napoca"),
    ("Elif Yılmaz", "TR", "+9053212", "İzmir"),
    ("Tomáš Novák", "CZ", "+4206012", "Brno"),
];
/// What is promoted, and where.
struct Offer {
    slug: &'static str,
    name: &'static str,
    payout: &'static str,
    revenue: &'static str,
    currency: &'static str,
    countries: &'static [&'static str],
}

const fn offer(
    slug: &'static str,
    name: &'static str,
    (payout, revenue, currency): (&'static str, &'static str, &'static str),
    countries: &'static [&'static str],
) -> Offer {
    Offer { slug, name, payout, revenue, currency, countries }
}

const EUROPE: &[&str] = &["ES", "DE", "PL", "IT", "FR", "RO", "TR", "CZ"];
const OFFERS: &[Offer] = &[
    offer("joint-balm", "Joint Balm Forte", ("15.5", "23", "EUR"), EUROPE),
    offer("vision-plus", "Vision Plus", ("11", "16.4", "EUR"), &[]),
    offer("night-calm", "Night Calm drops", ("9.75", "14", "USD"), &["DE", "PL", "CZ"]),
    offer("slim-tea", "Slim Tea", ("12", "18", "USD"), EUROPE),
];
/// Slug, name.
const WEBMASTERS: &[(&str, &str)] = &[
    ("anna-k", "Anna Kowalczyk"),
    ("media-north", "Media North"),
    ("tracker-hub", "TrackerHub (Keitaro)"),
    ("push-lab", "Push Lab"),
];
/// What Kestrel says about the leads it took, over and over.
const WORDS: &[&str] =
    &["approved", "hold", "approved", "rejected", "at the warehouse", "paid", "no answer 3x", "hold"];

/// The instance.
pub struct Sample {
    pub app: TestApp,
    /// The last webmaster's.
    pub token: String,
    _partner: Fake,
}

/// Somebody who is signed in, on the sample.
pub async fn person(base: &str) -> Browser {
    let browser = Browser::start(base).await;
    browser.signs_in(EMAIL, PASSWORD).await;
    browser
}

/// The last webmaster in his portal.
pub async fn partner(sample: &Sample) -> Browser {
    let browser = Browser::start(&sample.app.base).await;
    browser.opens("/login").await;
    browser.gives(PARTNER, PASSWORD).await;
    browser.arrives("/portal").await;
    browser
}

/// Makes its admin.
pub async fn admin(app: &TestApp) {
    user(app, EMAIL, "Olga Petrova", "admin").await;
}

async fn user(app: &TestApp, email: &str, name: &str, role: &str) {
    let user = json!({ "email": email, "name": name, "role": role, "password": PASSWORD });
    app.post("/api/v1/users", user).await.expect(201);
}

/// The others who work there.
async fn colleagues(app: &TestApp) {
    for (email, name, role) in [
        ("pavel@leadrelay.example", "Pavel Sokolov", "support"),
        ("ines@leadrelay.example", "Inês Duarte", "analyst"),
        ("maria@leadrelay.example", "Maria Rossi", "manager"),
    ] {
        user(app, email, name, role).await;
    }
    let maria = Forms::of(app, "maria@leadrelay.example", PASSWORD).await;
    doors::second_factor(app, &maria).await;
}

/// Fills an instance whose workers stand still, so that its pages do too.
pub async fn filled() -> Sample {
    let app = TestApp::idle().await;
    admin(&app).await;
    colleagues(&app).await;
    let partner = Fake::start().await;
    partner.answers_by(answer);
    let kestrel = networks(&app, &partner).await;
    offers(&app).await;
    let forms = Forms::of(&app, EMAIL, PASSWORD).await;
    versions(&forms).await;
    let tokens = webmasters(&app, &partner).await;
    let login = json!({ "email": PARTNER, "role": "webmaster", "webmaster": "push-lab", "password": PASSWORD });
    app.post("/api/v1/users", login).await.expect(201);
    doors::portal_link(&forms, "push-lab").await;
    app.lead(&tokens[0], person_of(105, "night-calm")).await.expect(201);
    for (round, (number, token)) in
        (0..LEADS.div_ceil(ROUND)).flat_map(|round| tokens.iter().enumerate().map(move |one| (round, one)))
    {
        let these = (round * ROUND..LEADS.min((round + 1) * ROUND)).filter(|at| at % tokens.len() == number);
        let leads: Vec<Value> = these.map(lead).collect();
        let taken = app.call(Method::POST, "/api/v1/leads/batch", token, &json!(leads)).await.expect(200);
        let refused = taken["results"].as_array().into_iter().flatten().find(|result| result["http_status"] != 201);
        assert_eq!(refused, None);
    }
    app.drain().await;
    verdicts(&app, &kestrel).await;
    app.post("/api/v1/networks/kestrel/poll", json!({})).await.expect(202);
    app.drain().await;
    imports(&app).await;
    app.drain().await;
    app.post("/api/v1/networks/kestrel/pause", json!({ "reason": "maintenance until 14:00" })).await.expect(200);
    alerted(&app, &partner).await;
    age::spread(&app).await;
    assert!(stats_fold::fold(&mut app.app.db.acquire().await.expect("a connection")).await.expect("summed"));
    draft(&forms).await;
    let token = tokens.into_iter().next_back().expect("a webmaster");
    Sample { app, token, _partner: partner }
}

/// The routes of the last offer are published twice, so that there is something to go back to.
async fn versions(forms: &Forms<'_>) {
    let last = [("network", "aurora"), ("position", "3"), ("weight", "1"), ("caps", "day 60"), ("enabled", "1")];
    forms.sends("/offers/slim-tea/routing/routes/new", &last).await;
    forms.sends("/offers/slim-tea/routing/publish", &[("when", "now")]).await;
}

/// And changed once more, in a draft that waits for its minute.
async fn draft(forms: &Forms<'_>) {
    let half = [
        ("network", "lumen"),
        ("position", "1"),
        ("weight", "1"),
        ("caps", "day 40\ntotal 500 approved"),
        ("countries", "DE, PL, CZ"),
        ("webmasters", "anna-k, push-lab"),
        ("schedule", "mon-fri 09:00-18:00"),
        ("timezone", "Europe/Kyiv"),
        ("enabled", "1"),
    ];
    forms.sends("/offers/slim-tea/routing/routes/new", &half).await;
    forms.sends("/offers/slim-tea/routing/publish", &[("when", "later"), ("at", "2037-03-02T09:00")]).await;
}

/// Channels of alerts, one that works and one that fails, and what they were told.
async fn alerted(app: &TestApp, partner: &Fake) {
    let secrets =
        Secrets { token: Some("48200:kestrel".into()), secret: Some("a secret of tests".into()), ..Secrets::default() };
    for (name, kind, settings, quiet) in [
        ("On call", "webhook", json!({ "url": format!("{}/pager", partner.base) }), None),
        ("Team chat", "telegram", json!({ "chat": "-100200300", "api": partner.base }), Some((22 * 60, 7 * 60))),
    ] {
        let alert_channel_id = app.app.ids.next();
        let channel = alert_channel::Row {
            alert_channel_id,
            name: name.into(),
            kind: kind.into(),
            settings,
            secrets: secrets.seal(&app.app.seal, alert_channel_id).expect("sealed"),
            enabled: true,
            language: "en".into(),
            time_zone: "Europe/Kyiv".into(),
            quiet_from: quiet.map(|(from, _)| from),
            quiet_until: quiet.map(|(_, until)| until),
            critical_passes: true,
            per_hour: 10,
            repeat_hours: 12,
            last_ok_at: None,
            last_error: None,
            last_error_at: None,
        };
        let mut conn = app.app.db.acquire().await.expect("a connection");
        alert_channel::insert(&mut conn, &channel, app.app.clock.now()).await.expect("a channel");
    }
    alerts::run(&app.app, write).await.expect("a round");
    // One of them was over an hour ago.
    let over = "update alert set opened_at = opened_at - interval '2 hours', closed_at = opened_at - interval '1 hour'
                where kind = 'unmapped'";
    sqlx::query(over).execute(&app.app.db).await.expect("an alert that is over");
}

/// How the partner's server answers: leads by their number, postbacks by their webmaster.
fn answer(got: &Got) -> Play {
    if got.path.starts_with("/told") {
        return if got.path.contains("n=push") { Play::Json(500, json!({})) } else { Play::Json(200, json!({})) };
    }
    if got.path.starts_with("/statuses") {
        // Of a lead that did not come from here.
        let foreign = json!({ "id": "somebody-elses", "external_id": "K-77001", "status": "approved", "payout": "21" });
        return Play::Json(200, json!([foreign]));
    }
    let number = got.json()["number"].as_u64().unwrap_or_default();
    match number % 12 {
        3 => Play::Json(422, json!({ "status": "rejected", "message": "the phone is not reachable" })),
        5 => Play::Json(409, json!({ "status": "duplicate", "message": "we have this phone since 12 November" })),
        8 => Play::Json(503, json!({ "message": "maintenance until 14:00" })),
        10 => Play::Raw(502, vec!["content-type: text/html".into()], b"<h1>Bad gateway</h1>".to_vec()),
        _ => Play::Json(200, json!({ "status": "ok", "id": format!("K-{}", 48_200 + number) })),
    }
}

async fn networks(app: &TestApp, fake: &Fake) -> String {
    let sandbox = |slug: &str, name: &str, then: &str, pays: &str| {
        let settings = json!({ "then_status": then, "then_after_seconds": 0, "payout": pays, "currency": "USD" });
        json!({ "slug": slug, "name": name, "integration": "sandbox", "settings": settings })
    };
    for network in [
        sandbox("northwind", "Northwind CRM", "approved", "18"),
        sandbox("aurora", "Aurora Leads", "hold", "16"),
        sandbox("lumen", "Lumen Health", "approved", "14"),
    ] {
        app.post("/api/v1/networks", network).await.expect(201);
    }
    let shop = partner::serve(Duomai::new(partner::clock()).router()).await;
    let settings = json!({ "base_url": shop, "app_key": "100001", "app_secret": "fake-duomai-secret-0123456789" });
    let duomai = json!({ "slug": "duomai", "name": "Duomai", "integration": "duomai", "settings": settings });
    app.post("/api/v1/networks", duomai).await.expect(201);
    let settings = json!({ "token": "kestrel-key", "status_url": format!("{}/statuses", fake.base) });
    app.network("kestrel", &format!("{}/leads", fake.base), settings).await;
    let kestrel = app.patch("/api/v1/networks/kestrel", json!({ "name": "Kestrel Nutra" })).await.expect(200);
    kestrel["postback_url"].as_str().expect("a URL").to_owned()
}

async fn offers(app: &TestApp) {
    for Offer { slug, name, payout, revenue, currency, countries } in OFFERS {
        let offer = json!({
            "slug": slug, "name": name, "payout": payout, "revenue": revenue, "currency": currency,
            "countries": countries, "goals": [{ "slug": "refill", "name": "Second order", "payout": "6" }],
            "duplicates": { "fields": ["phone"], "match": "any", "days": 30, "scope": "offer" },
        });
        app.post("/api/v1/offers", offer).await.expect(201);
    }
    app.patch("/api/v1/offers/vision-plus", json!({ "params": { "duomai": "61" } })).await.expect(200);
    for (offer, network, position) in [
        ("slim-tea", "kestrel", 1),
        ("slim-tea", "northwind", 2),
        ("joint-balm", "kestrel", 1),
        ("joint-balm", "aurora", 2),
        ("vision-plus", "aurora", 1),
        ("vision-plus", "duomai", 2),
        ("night-calm", "lumen", 1),
    ] {
        let caps = json!([{ "period": "day", "limit": 400 }]);
        let route = json!({ "offer": offer, "network": network, "position": position, "caps": caps });
        app.post("/api/v1/routes", route).await.expect(201);
    }
}

async fn webmasters(app: &TestApp, partner: &Fake) -> Vec<String> {
    let mut tokens = Vec::new();
    for (slug, name) in WEBMASTERS {
        app.post("/api/v1/webmasters", json!({ "slug": slug, "name": name })).await.expect(201);
        tokens.push(app.webmaster(slug).await);
        let flow = json!({ "webmaster": slug, "offer": "slim-tea", "code": format!("{slug}-fb") });
        app.post("/api/v1/flows", flow).await.expect(201);
        let told = format!("{}/told?n={slug}&click={{click_id}}&status={{status}}&payout={{payout}}", partner.base);
        app.post("/api/v1/postbacks", json!({ "webmaster": slug, "url": told })).await.expect(201);
    }
    tokens
}

fn lead(number: usize) -> Value {
    let offers = ["vision-plus", "joint-balm", "slim-tea", "slim-tea", "joint-balm"];
    person_of(number, offers[number / WEBMASTERS.len() % offers.len()])
}

fn person_of(number: usize, offer: &str) -> Value {
    let (name, country, phone, city) = PEOPLE[number % PEOPLE.len()];
    let mail = name.split(' ').next().unwrap_or_default().to_lowercase();
    json!({
        "offer": offer, "name": name, "phone": format!("{phone}{:05}", 10_007 + number * 37), "country": country,
        "email": format!("{mail}.{number}@example.com"), "city": city, "ip": format!("83.44.{}.{}", number % 250, 20 + number % 200),
        "click_id": format!("clk-{:06x}", 0x00a4_f10c + number * 7919), "sub1": format!("campaign-{}", 1 + number % 5),
        "sub2": format!("creative-{}", 1 + number % 12), "utm_source": "facebook", "language": country.to_lowercase(),
        "user_agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
        "landing_url": "https://health.example.com/offer?utm_source=facebook",
    })
}

/// What Kestrel says afterwards of the leads it has, and a call about one nobody knows.
async fn verdicts(app: &TestApp, url: &str) {
    let accepted = app.get("/api/v1/deliveries?network=kestrel&state=accepted&limit=500").await.expect(200);
    for (number, delivery) in accepted["items"].as_array().into_iter().flatten().enumerate() {
        let lead = delivery["lead_id"].as_str().expect("a lead");
        let word = WORDS[number % WORDS.len()];
        let payout = if matches!(word, "approved" | "paid" | "at the warehouse") { "23.00" } else { "0" };
        let call = [("id", lead), ("status", word), ("payout", payout), ("currency", "USD")];
        read(app.http.get(url).query(&call)).await.expect(200);
    }
    read(app.http.get(url).query(&[("id", "K-99999"), ("status", "approved")])).await.expect(200);
}

/// A list of Kestrel and leads of a webmaster that were tried, with rows of every kind.
async fn imports(app: &TestApp) {
    let send = async |query: &str, body: &str| {
        let request = app.http.post(format!("{}/api/v1/imports?{query}", app.base)).bearer_auth(ADMIN);
        read(request.body(body.to_owned())).await.expect(201);
    };
    let list = "Order ID;Статус;Amount;Currency;Причина\nK-48201;approved;23,00;EUR;\nK-48202;hold;;;\nK-99999;paid;18;USD;\n\
        K-48204;back in stock;;;\nK-48206;rejected;;;no answer after 3 calls\nK-48207;approved;1,234;EUR;\n";
    send(
        "kind=leads&webmaster=anna-k&offer=vision-plus&dry_run=true&file_name=leads-november.csv",
        "phone,name,id\n+34612399001,Ana,x-1\n+34612399001,Ana,x-1\nnone,Bo,x-2\n",
    )
    .await;
    send("kind=statuses&network=kestrel&dry_run=true&file_name=kestrel-2026-11.csv", list).await;
}

/// A lead that means harm: markup in every field, marks that turn the direction of writing, the longest texts taken.
pub fn hostile(offer: &str) -> Value {
    let markup = "\"><script>window.wasHarmed=1</script><img src=x onerror=\"window.wasHarmed=1\">";
    let turned = "\u{202e}gnp.exe\u{2066}\u{200f}";
    json!({
        "offer": offer,
        "name": format!("{markup}{turned}{}", "W".repeat(255 - markup.chars().count() - turned.chars().count())),
        "phone": "+4915123456789", "email": "a'b+x@example.com", "city": format!("<b>{turned}"),
        "address": "</textarea></pre><script>window.wasHarmed=1</script>\n".repeat(12),
        "comment": "x".repeat(2000), "user_agent": markup.repeat(20), "click_id": markup,
        "landing_url": "javascript:window.wasHarmed=1", "referer": "https://example.com/'\"><svg/onload=window.wasHarmed=1>",
        "sub1": markup, "sub2": "Ω".repeat(255), "utm_source": turned, "external_id": "'; drop table lead; --",
        "meta": { "<script>window.wasHarmed=1</script>": markup, "note": "N".repeat(8000) },
    })
}
