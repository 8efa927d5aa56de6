//! What a load needs on the other side: an offer, networks, routes, a webmaster, through the public interface.

use serde_json::{Value, json};

use super::load;

/// Makes something by the admin's API and gives it.
pub async fn make(port: u16, path: &str, body: Value) -> Value {
    let (status, text) = load::admin(port, path, &body).await.expect("the program answers");
    assert_eq!(status, 201, "{path}: {text}");
    serde_json::from_str(&text).expect("an answer in JSON")
}

/// A token of a new webmaster.
pub async fn webmaster(port: u16, slug: &str) -> String {
    make(port, "/api/v1/webmasters", json!({ "slug": slug })).await;
    let token = make(port, &format!("/api/v1/webmasters/{slug}/tokens"), json!({ "name": "load" })).await;
    token.get("token").and_then(Value::as_str).expect("a token").to_owned()
}

/// An offer that looks for duplicates by phone.
pub async fn offer(port: u16, slug: &str) {
    let body = json!({
        "slug": slug, "payout": "10", "revenue": "14", "currency": "USD", "countries": ["ES", "DE", "FR"],
        "duplicates": { "fields": ["phone", "email"], "match": "any", "days": 30, "scope": "offer" },
    });
    make(port, "/api/v1/offers", body).await;
}

/// A network at a partner, with a route of this offer; gives the URL it calls back.
pub async fn network(port: u16, slug: &str, offer: &str, url: &str, resend: &str, concurrency: u32) -> String {
    let body = json!({
        "slug": slug, "integration": "http-json", "settings": { "url": url, "token": "secret", "resend": resend },
        "timeout_seconds": 10, "rate_limit": { "concurrency": concurrency },
    });
    let network = make(port, "/api/v1/networks", body).await;
    make(port, "/api/v1/routes", json!({ "offer": offer, "network": slug })).await;
    network.get("postback_url").and_then(Value::as_str).expect("a postback URL").to_owned()
}

/// Forty webmasters, eight networks, and 24 offers of which each goes to one of them.
pub async fn company(port: u16) {
    for number in 0..40 {
        make(port, "/api/v1/webmasters", json!({ "slug": format!("w-{number}") })).await;
    }
    for number in 0..24 {
        let (slug, buyer) = (format!("offer-{number}"), format!("buyer-{}", number % 8));
        offer(port, &slug).await;
        if number < 8 {
            network(port, &buyer, &slug, "http://127.0.0.1:9/leads", "once", 16).await;
        } else {
            make(port, "/api/v1/routes", json!({ "offer": slug, "network": buyer })).await;
        }
    }
}

/// The body of a plausible lead; every number is another person.
pub fn lead(offer: &str, number: u64) -> String {
    let (first, last) = name(number);
    format!(
        r#"{{"offer":"{offer}","phone":"+346{:08}","name":"{first} {last}","email":"{first}.{last}.{number}@example.com","ip":"83.{}.{}.{}","user_agent":"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36","referer":"https://news.example.com/","landing_url":"https://shop.example.com/tea?x={number}","language":"es","city":"Madrid","external_id":"o-{number}","click_id":"c{number:016x}","sub1":"campaign-{}","sub2":"creative-{}","utm_source":"feed","comment":"call after six"}}"#,
        number % 100_000_000,
        number % 250,
        number / 250 % 250,
        number / 62_500 % 250,
        number % 40,
        number % 300,
    )
}

fn name(number: u64) -> (&'static str, &'static str) {
    const FIRST: [&str; 8] = ["ana", "luis", "marta", "jorge", "elena", "pablo", "lucia", "david"];
    const LAST: [&str; 8] = ["garcia", "lopez", "martin", "sanchez", "perez", "gomez", "ruiz", "diaz"];
    let pick = |list: [&'static str; 8], number: u64| list.get((number % 8) as usize).copied().unwrap_or("ana");
    (pick(FIRST, number), pick(LAST, number / 8))
}
