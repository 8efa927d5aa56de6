use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;
use crate::db::screen_leads::Row;
use crate::http::dashboard::html;
use crate::http::dashboard::leads::Leads;
use crate::http::dashboard::overview::tests::shell;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn row(number: i64, delivery: Option<&str>, status: &str, cents: i64) -> Row {
    let networks = ["Northwind Leads", "leadhub", "affinity"];
    let people =
        [("+4915112345678", "ann@example.com"), ("+380501234567", "bohdan.k@example.org"), ("+14155552671", "")];
    let pick = usize::try_from(number).unwrap() % 3;
    Row {
        lead_id: Uuid::from_u128(number.unsigned_abs().into()),
        number,
        created_at: now() - chrono::TimeDelta::seconds((90_412 - number) * 97),
        webmaster: ["mediabuyers-eu", "teamblue", "acme"][pick].into(),
        offer: ["Slim Tea", "Mortgage quote, Germany", "<b>\u{202e}Joint Gel"][pick].into(),
        country: Some(["DE", "UA", "US"][pick].into()),
        phone: Some(people[pick].0.into()),
        email: Some(people[pick].1.into()).filter(|email: &String| !email.is_empty()),
        network: delivery.map(|_| networks[pick].into()),
        delivery: delivery.map(str::to_owned),
        unrouted: delivery.is_none() && pick == 0,
        status: status.into(),
        payout: Decimal::new(cents, 2),
        currency: "USD".into(),
        test: number % 7 == 0,
    }
}

fn rows(count: i64) -> Vec<Row> {
    let kinds = [
        (Some("accepted"), "hold", 1250),
        (Some("waiting"), "new", 0),
        (Some("accepted"), "approved", 2400),
        (Some("refused"), "rejected", 0),
        (None, "new", 0),
        (Some("accepted"), "paid", 1_234_550),
        (Some("sending"), "new", 0),
    ];
    let kind = |n: i64| kinds[usize::try_from(n).unwrap() % kinds.len()];
    (0..count).map(|n| row(90_412 - n, kind(n).0, kind(n).1, kind(n).2)).collect()
}

fn sample(query: &str, rows: Vec<Row>) -> Screen {
    let asked = Asked::read("/leads", Some(query));
    Screen::of::<Leads>(shell("/leads"), &asked, rows, &Rules::default(), now())
}

#[test]
fn a_full_page_shows_masked_contacts_and_leads_on() {
    let text = html::check("leads", &sample("delivery=accepted&country=DE&q=%22%3E%3Cb%3E", rows(51)));
    assert!(!text.contains("4915112345678") && !text.contains("ann@") && !text.contains("<b>"));
    assert!(text.contains("a•••@example.com") && text.contains("no route"));
    assert_eq!(text.matches("scope=\"row\"").count(), ROWS);
    let last = 90_412 - 49;
    let next = format!("/leads?delivery=accepted&#38;country=DE&#38;q=%22%3E%3Cb%3E&#38;after={last}");
    assert!(text.contains(&next), "older leads follow");
    assert!(!text.contains(">First page<"));
}

#[test]
fn the_last_page_leads_back_only() {
    let text = html::check("leads-last", &sample("after=90000", rows(3)));
    assert!(text.contains(">First page<") && !text.contains(">Next page<"));
}

#[test]
fn chosen_columns_are_shown_in_their_order() {
    let text = html::check("leads-columns", &sample("col=payout&col=id&col=number&col=nothing", rows(3)));
    let heads: Vec<&str> =
        text.split("<th scope=\"col\"").skip(1).filter_map(|head| head.split(['>', '<']).nth(1)).collect();
    assert_eq!(heads, ["Number", "Payout", "Id"]);
}

#[test]
fn every_empty_list_says_what_to_do() {
    let empty = |query| html::check("leads-empty", &sample(query, Vec::new()));
    assert!(empty("").contains("No lead has come yet"));
    assert!(empty("q=x").contains("Nothing fits"));
    let mut wrong = sample("q=x", Vec::new());
    wrong.is_wrong = true;
    assert!(html::check("leads-wrong", &wrong).contains("The filter cannot be used"));
}

#[test]
fn a_kept_view_is_a_tab_and_one_s_own_can_be_forgotten() {
    let view = |name: &str, query: &str, is_own: bool| views::View {
        view_id: Uuid::from_u128(7),
        name: name.into(),
        query: query.into(),
        is_shared: !is_own,
        is_own,
    };
    let asked = Asked::read("/leads", Some("status=hold"));
    let mut screen = sample("status=hold", rows(1));
    screen.set_views(vec![view("On hold <b>", "status=hold", true), view("Dead", "delivery=dead", false)], &asked);
    let text = html::check("leads-views", &screen);
    assert!(text.contains("href=\"/leads?status=hold\" aria-current=\"page\">On hold &#60;b&#62;"));
    assert_eq!(text.matches("/forget\"").count(), 1);
}

#[tokio::test]
async fn a_list_speaks_the_language_of_its_reader() {
    use crate::http::dashboard::reader::{Language, Reader, reading};
    let reader = Reader { language: Language::Russian, zone: chrono_tz::Asia::Tehran };
    let text = reading(reader, async { html::check("leads-russian", &sample("", rows(3))) }).await;
    assert!(text.contains("<html lang=\"ru\">") && text.contains(">Показать<"));
    assert!(text.contains("подтверждён") && text.contains("Asia/Tehran") && text.contains("21 сен"));
}
