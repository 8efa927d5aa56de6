//! Links, plans and shops.

use serde_json::{Value, json};

use super::tests::{LINKS, Net, PLANS, column, read, refusal};
use super::*;

fn wish(ads_id: &str, euid: &str) -> Value {
    json!({ "ads_id": ads_id, "site_id": "100001", "ext": { "euid": euid, "js": 0 } })
}

fn parts(url: &str) -> (String, Vec<(String, String)>) {
    let url = url::Url::parse(url).unwrap();
    let pairs = url.query_pairs().into_owned().collect();
    (format!("{}{}", url.origin().ascii_serialization(), url.path()), pairs)
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_link_carries_the_euid() {
    let net = Net::start().await;
    let data = net.data(LINKS, wish("61", "lead0000000001")).await;
    let url =
        "https://c.duomai.com/track.php?site_id=100001&aid=61&euid=lead0000000001&t=https%3A%2F%2Fshop.example%2F";
    assert_eq!((data["url"].as_str(), &data["ads"]["id"]), (Some(url), &json!("61")));
    assert_eq!(data["ext"], json!({ "euid": "lead0000000001", "js": 0 }));
    assert_eq!((&data["original_link"], &data["deep_link"]), (&json!(""), &json!("")));
    assert!(data["short_url"].as_str().unwrap().starts_with("https://dm.example/"));
    // The same wish makes another link.
    let again = net.data(LINKS, wish("61", "lead0000000001")).await;
    assert_eq!(again["url"], data["url"]);
    assert_ne!(again["code"], data["code"]);
    let links = net.duomai.links();
    assert_eq!(
        (links.len(), links[0].euid.as_str(), links[0].target.as_str()),
        (2, "lead0000000001", "https://shop.example/")
    );
}

#[tokio::test]
async fn a_link_may_be_asked_for_by_page_plan_and_product() {
    let net = Net::start().await;
    let target = |data: &Value| parts(data["url"].as_str().unwrap()).1.pop().unwrap().1;
    let page = "https://www.shop.example/a?b=1&c=测试";
    let data = net.data(LINKS, json!({ "url": page, "site_id": 100001, "original": "1" })).await;
    assert_eq!((&data["ads"]["id"], data["ext"].clone()), (&json!("61"), json!({})));
    assert_eq!(target(&data), "https://www.shop.example/a?b=1&c=%E6%B5%8B%E8%AF%95");
    assert_eq!(data["original_link"].as_str().unwrap(), target(&data));
    let data = net.data(LINKS, json!({ "url": page, "ads_id": "61", "site_id": "100001", "ext": null })).await;
    assert_eq!(&data["ads"]["id"], "61");
    let data = net.data(LINKS, json!({ "product_id": "7001", "site_id": "100001", "ext": [] })).await;
    assert_eq!(target(&data), "https://shop.example/kettle?sku=77");
    // Without an euid the link has none.
    assert_eq!(parts(data["url"].as_str().unwrap()).1.len(), 3);
}

#[tokio::test]
async fn a_link_is_refused_for_every_documented_reason() {
    let net = Net::start().await;
    let site = "100001";
    for (body, status) in [
        (json!({}), 4000),
        (json!({ "site_id": site, "ads_id": "" }), 4000),
        (json!({ "site_id": site, "ads_id": ["61"] }), 4000),
        (json!({ "site_id": site, "ads_id": 61.5 }), 4000),
        (json!({ "site_id": site, "url": "no address" }), 4000),
        (json!({ "site_id": site, "url": "ftp://shop.example/" }), 4000),
        (json!({ "site_id": site, "ads_id": "61", "ext": "euid" }), 4000),
        (json!({ "site_id": site, "ads_id": "61", "ext": { "js": 2 } }), 4000),
        (json!({ "site_id": site, "ads_id": "61", "original": "yes" }), 4000),
        (json!({ "ads_id": "61" }), 4000),
        (json!({ "site_id": "100002", "ads_id": "61" }), 4004),
        (json!({ "site_id": site, "ads_id": "999" }), 4011),
        (json!({ "site_id": site, "url": "https://nobody.example/" }), 4011),
        (json!({ "site_id": site, "url": "https://notshop.example/" }), 4011),
        (json!({ "site_id": site, "ads_id": "63" }), 4005),
        (json!({ "site_id": site, "ads_id": "64" }), 4002),
        (json!({ "site_id": site, "ads_id": "65" }), 4003),
        (json!({ "site_id": site, "ads_id": "66" }), 4011),
        (json!({ "site_id": site, "ads_id": "67" }), 4010),
        (json!({ "site_id": site, "ads_id": "68" }), 4001),
        (json!({ "site_id": site, "product_id": "1" }), 4020),
        (json!({ "site_id": site, "product_id": "7002" }), 4005),
    ] {
        assert_eq!(net.refused(LINKS, body.clone()).await, status, "{body}");
    }
    assert_eq!(net.duomai.links(), []);
    // Somebody applies for the plan, and it is approved.
    net.duomai.change_plan("63", |plan| plan.application = Application::NotApproved).unwrap();
    assert_eq!(net.refused(LINKS, wish("63", "a")).await, 4002);
    net.duomai.change_plan("63", |plan| plan.application = Application::Approved).unwrap();
    net.data(LINKS, wish("63", "a")).await;
    net.duomai.change_plan("63", |plan| plan.state = PlanState::ChangeInReview).unwrap();
    net.data(LINKS, wish("63", "a")).await;
    assert_eq!(net.duomai.change_plan("999", |_| ()), Err(ControlError::UnknownPlan("999".into())));
}

#[tokio::test]
async fn an_euid_is_checked_unless_told_otherwise() {
    let net = Net::start().await;
    let longest = "测".repeat(20) + &"9".repeat(20);
    for good in ["", "lead01", "ABCxyz019", "测试1", "㐀", longest.as_str()] {
        net.data(LINKS, wish("61", good)).await;
    }
    let too_long = "a".repeat(41);
    for bad in ["a-b", "a_b", "a b", "é", "я", "日。", "a+b", too_long.as_str()] {
        assert_eq!(net.refused(LINKS, wish("61", bad)).await, 4000, "{bad}");
    }
    net.data(LINKS, json!({ "ads_id": 61, "site_id": "100001", "ext": { "euid": 12345678901_i64 } })).await;
    net.duomai.set_switches(Switches { strict_euid: false, ..Switches::default() });
    let data = net.data(LINKS, wish("61", "a-b")).await;
    assert!(data["url"].as_str().unwrap().contains("euid=a-b&"));
}

#[tokio::test]
async fn a_plan_without_euid_drops_it() {
    let net = Net::start().await;
    let data = net.data(LINKS, wish("62", "lead01")).await;
    assert_eq!(data["ext"], json!({ "js": 0 }));
    assert!(!data["url"].as_str().unwrap().contains("lead01"));
    assert_eq!(net.duomai.links()[0].euid, "");
}

#[tokio::test]
async fn positions_and_reviews_of_media_count() {
    let net = Net::start().await;
    let mut account = Account::new(DEFAULT_APP_KEY, DEFAULT_SECRET);
    account.positions.push("27".to_owned());
    net.duomai.set_account(account.clone());
    net.data(LINKS, json!({ "ads_id": "61", "site_id": "27" })).await;
    net.duomai.set_switches(Switches { require_site_id: false, ..Switches::default() });
    net.data(LINKS, json!({ "ads_id": "61" })).await;
    let sites: Vec<_> = net.duomai.links().into_iter().map(|link| link.site_id).collect();
    assert_eq!(sites, ["27", "100001"]);
    net.duomai.set_account(Account { reviewed: false, ..account });
    assert_eq!(net.refused(LINKS, wish("61", "a")).await, 4002);
}

#[tokio::test]
async fn pages_are_recognised_and_shortened() {
    let net = Net::start().await;
    let put = "cps-mesh.cpslink.links.put";
    let data = net.data(put, json!({ "url": "https://m.shop.example/x" })).await;
    assert_eq!(data, json!({ "ads": [{ "id": "61", "name": "示例计划 A+B" }] }));
    assert_eq!(net.data(put, json!({ "url": "https://nobody.example/" })).await, json!({ "ads": [] }));
    assert_eq!(net.refused(put, json!({})).await, 4000);
    let short = "cps-mesh.cpslink.links.short.post";
    let one = net.data(short, json!({ "url": "https://shop.example/x", "type": 1 })).await;
    let other = net.data(short, json!({ "url": "https://shop.example/x" })).await;
    assert_eq!(one["url"], "https://shop.example/x");
    assert_ne!(one["short_url"], other["short_url"]);
    assert_eq!(net.refused(short, json!({ "url": "https://shop.example/x", "type": 3 })).await, 4000);
    assert_eq!(net.refused(short, json!({ "url": "x" })).await, 4000);
}

#[tokio::test]
async fn a_visitor_can_follow_a_link_to_this_server() {
    let net = Net::start().await;
    net.duomai.set_switches(Switches { link_base: format!("{}/track.php", net.base), ..Switches::default() });
    let page = json!({ "url": "https://shop.example/a?b=1", "site_id": "100001", "ext": { "euid": "测试1" } });
    let data = net.data(LINKS, page).await;
    let (front, query) = parts(data["url"].as_str().unwrap());
    let expected = [("site_id", "100001"), ("aid", "61"), ("euid", "测试1"), ("t", "https://shop.example/a?b=1")];
    assert_eq!((front, query), (format!("{}/track.php", net.base), pairs(&expected)));
    let answer = net.http.get(data["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], "https://shop.example/a?b=1");
    let visit = net.duomai.visits().remove(0);
    assert_eq!((visit.euid.as_str(), visit.ads_id.as_str(), visit.at.timestamp()), ("测试1", "61", net.now()));
    // Without a target the plan's own page is taken; a target that is no web page is not.
    let bare = net.http.get(format!("{}/track.php?aid=62&t=javascript:1", net.base)).send().await.unwrap();
    assert_eq!(bare.headers()["location"], "https://tea.example/");
    assert_eq!(net.http.get(format!("{}/track.php", net.base)).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn plans_are_listed() {
    let net = Net::start().await;
    let all = net.data(PLANS, json!({ "page": 1, "page_size": 200 })).await;
    assert_eq!(column(&all, "ads_id"), ["61", "62", "63", "64", "65", "66", "67", "68"]);
    let row = json!({
        "ads_id": "61", "ads_name": "示例计划 A+B", "store_name": "示例商城", "channel": "0", "rddays": "30",
        "commission": "0.5% - 8%", "category": "0", "category_area": "", "apply_mode": "2",
        "stime": "2020-01-01 00:00:00", "etime": "0000-00-00 00:00:00", "url": "https://shop.example/", "ads_logo": "",
        "status": "3", "ads_apply_status": "1",
    });
    assert_eq!(all[0], row);
    assert_eq!(column(&all, "status"), ["3", "3", "3", "1", "3", "7", "3", "3"]);
    assert_eq!(column(&all, "ads_apply_status"), ["1", "1", "-1", "0", "-1", "1", "1", "1"]);
    assert_eq!(column(&all, "apply_mode"), ["2", "2", "2", "2", "1", "2", "2", "2"]);
    let list = async |more: Value| {
        let mut body = json!({ "page": "1", "page_size": "3" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        column(&net.data(PLANS, body).await, "ads_id")
    };
    assert_eq!(list(json!({ "page": 2 })).await, ["64", "65", "66"]);
    assert_eq!(list(json!({ "page": 3 })).await, ["67", "68"]);
    assert!(list(json!({ "page": 4 })).await.is_empty());
    assert_eq!(list(json!({ "query": "tea" })).await, ["62"]);
    assert_eq!(list(json!({ "query": "户外" })).await, ["63"]);
    assert_eq!(list(json!({ "store_id": 504 })).await, ["65"]);
    assert_eq!(list(json!({ "is_apply": 1, "page": 2 })).await, ["67", "68"]);
    for bad in [
        json!({}),
        json!({ "page": 1 }),
        json!({ "page_size": 20 }),
        json!({ "page": 1, "page_size": 20, "is_apply": 2 }),
    ] {
        assert_eq!(net.refused(PLANS, bad).await, 4000);
    }
}

#[tokio::test]
async fn a_plan_is_shown_under_both_names_of_the_service() {
    let net = Net::start().await;
    for service in ["cps-mesh.open.stores.plan.detail.get", "cps-mesh.open.stores.detail.get"] {
        let plan = net.data(service, json!({ "ads_id": "61" })).await;
        assert_eq!(
            (&plan["id"], &plan["support_euid"], &plan["support_url"]),
            (&json!("61"), &json!("1"), &json!("1"))
        );
        assert_eq!(plan["commission_detail"].as_array().unwrap().len(), 1);
        assert_eq!(net.data(service, json!({ "ads_id": 62 })).await["support_euid"], "0");
        assert_eq!(net.refused(service, json!({})).await, 4000);
        assert_eq!(net.refused(service, json!({ "ads_id": "999" })).await, 4011);
    }
    net.duomai.set_plan(Plan { name: "新计划 & more".into(), ..Plan::new("70", "", "https://new.example/") });
    let plan = net.data("cps-mesh.open.stores.plan.detail.get", json!({ "ads_id": "70" })).await;
    assert_eq!(plan["ads_name"], "新计划 & more");
}

#[tokio::test]
async fn shops_are_listed() {
    let net = Net::start().await;
    let service = "cps-mesh.open.stores.query.get";
    let names = async |body: Value| column(&net.data(service, body).await, "en_name");
    assert_eq!(names(json!({})).await, ["Demo Shop", "Tea & Coffee", "Outdoor World", "Globe Travel"]);
    assert_eq!(names(json!({ "name": "茶" })).await, ["Tea & Coffee"]);
    assert_eq!(names(json!({ "url": "travel.example" })).await, ["Globe Travel"]);
    assert_eq!(names(json!({ "is_domestic": -1, "recommend": "1" })).await, ["Outdoor World"]);
    assert_eq!(names(json!({ "is_domestic": 1, "page": 2, "page_size": 1 })).await, ["Tea & Coffee"]);
    assert_eq!(net.refused(service, json!({ "recommend": 2 })).await, 4000);
    let shop = &net.data(service, json!({ "name": "demo" })).await[0];
    assert_eq!((&shop["id"], &shop["domains"]), (&json!(501), &json!(["shop.example"])));
    // Whoever is not known sees none of it.
    assert_eq!(refusal(net.signed("1", "2", service, "{}")).await, 401);
    assert_eq!(read(net.own(service, &json!({}))).await.0, 200);
}
