//! Pushes: what is sent, how it is signed, and when it is tried again.

use std::time::Duration;

use rust_decimal::Decimal;

use super::tests::Net;
use super::*;

const URL: &str = "http://127.0.0.1:9/postback/secret";
const ZERO: &str = "9b16466f7705f43120364ece9d045dfe";

async fn net() -> Net {
    let net = Net::start().await;
    net.duomai.set_push_url(DEFAULT_APP_KEY, Some(URL)).unwrap();
    net
}

/// The order of the sheet's vectors.
fn order() -> NewOrder {
    NewOrder { order_sn: Some("SN-0001".into()), ..NewOrder::from("lead0000000001") }
}

fn param(push: &Push, name: &str) -> Option<String> {
    push.params().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn one(net: &Net) -> Push {
    let mut pushes = net.duomai.take_pushes();
    assert_eq!(pushes.len(), 1);
    pushes.remove(0)
}

/// As a receiver would check it.
fn is_valid(push: &Push) -> bool {
    param(push, "checksum").is_some_and(|given| given == checksum(&push.params(), DEFAULT_SECRET))
}

#[tokio::test]
async fn checksums_are_those_of_the_sheet() {
    let net = net().await;
    let id = net.duomai.order(order()).unwrap();
    let push = one(&net);
    let query = "id=9000001&ads_id=61&ads_name=%E7%A4%BA%E4%BE%8B%E8%AE%A1%E5%88%92+A%2BB&site_id=100001&link_id=0\
        &euid=lead0000000001&order_sn=SN-0001&order_time=2024-01-02+03%3A04%3A05&orders_price=799.00\
        &siter_commission=5.40&status=0&checksum=9b16466f7705f43120364ece9d045dfe";
    assert_eq!(push.query_or_body, query);
    assert_eq!(push.request_url(), format!("{URL}?{query}"));
    assert_eq!((push.method, push.order_id.as_deref(), push.attempt), (PushMethod::Get, Some("9000001"), 1));
    for (status, expected) in [
        (Status::Unconfirmed, ZERO),
        (Status::Confirmed, "477f831c1eb36b6bc53dc3be73f995c0"),
        (Status::Settled, "e912720d91d1b205542d845861219b7b"),
        (Status::Invalid, "dbde7e1133f5e0b90de2d1344b67a457"),
    ] {
        net.duomai.set_status(&id, status).unwrap();
        assert_eq!(param(&one(&net), "checksum").as_deref(), Some(expected));
    }
    let shape = [("a_b", "2"), ("ab", "3"), ("a", "0"), ("a", "1"), ("id", "x"), ("checksum", "y"), ("none", "")];
    assert_eq!(checksum(&shape, "h"), checksum(&[("x", "123")], "h"));
}

#[tokio::test]
async fn newer_fields_stand_beside_the_estimate() {
    let net = net().await;
    let id = net.duomai.order(order()).unwrap();
    net.duomai.set_push_modes(PushModes { confirmed_fields: true, ..PushModes::default() });
    net.duomai.set_status(&id, Status::Confirmed).unwrap();
    net.duomai.change_money(&id, Decimal::new(700, 0), Decimal::new(5, 0)).unwrap();
    let pushes = net.duomai.take_pushes();
    assert_eq!(pushes.len(), 3);
    assert_eq!(param(&pushes[2], "charge_time").as_deref(), Some("0000-00-00 00:00:00"));
    // To the time of the vector: 2024-02-01 00:00:00.
    net.pass(30 * 86_400 - 3 * 3600 - 4 * 60 - 5);
    net.duomai.set_status(&id, Status::Settled).unwrap();
    let push = one(&net);
    assert_eq!(param(&push, "checksum").as_deref(), Some("74ec91ba7e91201148ef9dd6ac45ddfd"));
    assert_eq!(param(&push, "orders_price").as_deref(), Some("799.00"));
    assert_eq!(param(&push, "confirm_siter_commission").as_deref(), Some("5.00"));
    // Without them the old fields carry the confirmed money.
    net.duomai.set_push_modes(PushModes::default());
    net.duomai.set_status(&id, Status::Settled).unwrap();
    let push = one(&net);
    assert_eq!(param(&push, "orders_price").as_deref(), Some("700.00"));
    assert_eq!((param(&push, "siter_commission").as_deref(), param(&push, "confirm_price")), (Some("5.00"), None));
    assert!(is_valid(&push));
}

#[tokio::test]
async fn test_pushes_have_their_own_shape() {
    let net = net().await;
    net.duomai.test_push(DEFAULT_APP_KEY, Status::Invalid, TestChecksum::Own).unwrap();
    let push = one(&net);
    let expected = "ads_id=0&ads_name=%E6%B5%8B%E8%AF%95%E6%B4%BB%E5%8A%A8&site_id=0&link_id=0&euid=&order_sn=0\
        &order_time=0000-00-00+00%3A00%3A00&orders_price=0.00&siter_commission=0.00&status=-1\
        &checksum=0c8116f55dcbda00f82c4e7120f820c8";
    assert_eq!((push.query_or_body.as_str(), push.order_id.as_ref()), (expected, None));
    net.duomai.test_push(DEFAULT_APP_KEY, Status::Unconfirmed, TestChecksum::Other).unwrap();
    let push = one(&net);
    assert!(!is_valid(&push) && param(&push, "checksum").is_some_and(|it| it.len() == 32));
    // The staff try once.
    assert_eq!(net.duomai.answered(&push, Some((200, "-1".into()))), PushOutcome::GivenUp);
    net.duomai.test_push(DEFAULT_APP_KEY, Status::Unconfirmed, TestChecksum::Missing).unwrap();
    assert_eq!(param(&one(&net), "checksum"), None);
    let unknown = net.duomai.test_push("9", Status::Unconfirmed, TestChecksum::Own);
    assert_eq!(unknown, Err(ControlError::UnknownAccount("9".into())));
    net.duomai.set_push_url(DEFAULT_APP_KEY, None).unwrap();
    let nowhere = net.duomai.test_push(DEFAULT_APP_KEY, Status::Unconfirmed, TestChecksum::Own);
    assert_eq!(nowhere, Err(ControlError::NoPushUrl(DEFAULT_APP_KEY.into())));
}

#[tokio::test]
async fn only_what_changes_an_order_is_pushed_and_only_where_a_url_is_set() {
    let net = Net::start().await;
    let id = net.duomai.order("a").unwrap();
    assert_eq!(net.duomai.take_pushes(), []);
    net.duomai.set_account(Account { push_url: Some("http://b/".into()), ..Account::new("100002", "second") });
    net.duomai.set_push_url(DEFAULT_APP_KEY, Some(URL)).unwrap();
    net.duomai.touch(&id).unwrap();
    assert_eq!(net.duomai.take_pushes(), []);
    net.duomai.set_status(&id, Status::Settled).unwrap();
    net.duomai.change_money(&id, Decimal::ONE, Decimal::ONE).unwrap();
    assert_eq!(net.duomai.take_pushes().len(), 2);
    net.duomai.set_push_modes(PushModes { money_changes: false, ..PushModes::default() });
    net.duomai.change_money(&id, Decimal::TWO, Decimal::ONE).unwrap();
    assert_eq!(net.duomai.take_pushes(), []);
    net.duomai.order(NewOrder { site_id: "100002".into(), ..NewOrder::default() }).unwrap();
    let push = one(&net);
    assert_eq!(push.url, "http://b/");
    assert_eq!(param(&push, "checksum").unwrap(), checksum(&push.params(), "second"));
    assert_eq!(net.duomai.set_push_url("9", None), Err(ControlError::UnknownAccount("9".into())));
}

#[tokio::test]
async fn modes_change_how_a_push_looks() {
    let net = net().await;
    let push_with = |modes: PushModes| {
        net.duomai.set_push_modes(modes);
        net.duomai.order(order()).unwrap();
        net.duomai.take_pushes()
    };
    let normal = PushModes::default;
    let push = &push_with(PushModes { method: PushMethod::PostForm, ..normal() })[0];
    assert_eq!((push.method, push.request_url().as_str(), is_valid(push)), (PushMethod::PostForm, URL, true));
    let extra = [("a_new".to_owned(), "测 + & =".to_owned()), ("order_status".to_owned(), String::new())];
    let push = &push_with(PushModes { extra: extra.into(), ..normal() })[0];
    assert_eq!((param(push, "a_new").as_deref(), is_valid(push)), (Some("测 + & ="), true));
    assert_ne!(param(push, "checksum").as_deref(), Some(ZERO));
    let push = &push_with(PushModes { wrong_checksum: true, ..normal() })[0];
    assert!(!is_valid(push) && param(push, "checksum").is_some());
    let push = &push_with(PushModes { without_id: true, ..normal() })[0];
    assert_eq!((param(push, "id"), param(push, "checksum").as_deref()), (None, Some(ZERO)));
    let pushes = push_with(PushModes { twice: true, ..normal() });
    assert_eq!((pushes.len(), &pushes[0].query_or_body), (2, &pushes[1].query_or_body));
    assert_ne!(pushes[0].number, pushes[1].number);
    net.duomai.set_push_url(DEFAULT_APP_KEY, Some("http://h/p?token=x")).unwrap();
    let push = &push_with(normal())[0];
    assert!(push.request_url().starts_with("http://h/p?token=x&id=") && is_valid(push));
}

#[tokio::test]
async fn a_settlement_may_come_before_its_confirmation() {
    let net = net().await;
    net.duomai.set_push_modes(PushModes { newest_first: true, ..PushModes::default() });
    let id = net.duomai.order(order()).unwrap();
    net.duomai.set_status(&id, Status::Confirmed).unwrap();
    net.duomai.set_status(&id, Status::Settled).unwrap();
    let statuses: Vec<_> = net.duomai.take_pushes().iter().map(|push| param(push, "status").unwrap()).collect();
    assert_eq!(statuses, ["2", "1", "0"]);
}

#[tokio::test]
async fn hard_values_survive_the_way() {
    let net = net().await;
    for value in ["a+b", "a&b=c", "100%", "测试 空格", "", "#?/\\\"'"] {
        net.duomai.order(NewOrder { order_sn: Some(value.into()), ..NewOrder::from(value) }).unwrap();
        let push = one(&net);
        assert_eq!((param(&push, "order_sn").as_deref(), param(&push, "euid").as_deref()), (Some(value), Some(value)));
        assert!(is_valid(&push), "{value}");
    }
}

#[tokio::test]
async fn a_failed_push_is_tried_three_times_more() {
    let net = net().await;
    net.duomai.order(order()).unwrap();
    let failures = [None, Some((200, "-1".to_owned())), Some((500, "1".to_owned())), Some((200, "1 ok".to_owned()))];
    let mut first = None;
    for (number, answer) in failures.into_iter().enumerate() {
        let push = one(&net);
        let due_after = Duration::from_secs(if number == 0 { 0 } else { 30 });
        assert_eq!((push.attempt as usize, push.due_after), (number + 1, due_after));
        let first = first.get_or_insert_with(|| push.clone());
        assert_eq!((&push.query_or_body, &push.order_id), (&first.query_or_body, &first.order_id));
        let expected = if number < 3 { PushOutcome::Retried } else { PushOutcome::GivenUp };
        assert_eq!(net.duomai.answered(&push, answer.clone()), expected);
        // A second report changes nothing.
        assert_eq!(net.duomai.answered(&push, Some((200, "1".into()))), expected);
        assert_eq!(net.duomai.push_log()[number].answer, answer);
    }
    assert_eq!(net.duomai.take_pushes(), []);
    let fates: Vec<_> = net.duomai.push_log().into_iter().map(|entry| entry.outcome).collect();
    let retried = PushOutcome::Retried;
    assert_eq!(fates, [retried, retried, retried, PushOutcome::GivenUp]);
}

#[tokio::test]
async fn one_and_nought_are_deliveries() {
    let net = net().await;
    for (body, expected) in [
        ("1", PushOutcome::Delivered),
        ("0", PushOutcome::Delivered),
        (" 1\r\n", PushOutcome::Delivered),
        ("", PushOutcome::GivenUp),
        ("01", PushOutcome::GivenUp),
        ("\"1\"", PushOutcome::GivenUp),
        ("ok", PushOutcome::GivenUp),
    ] {
        net.duomai.set_switches(Switches { push_retries: 0, ..Switches::default() });
        net.duomai.order(order()).unwrap();
        assert_eq!(net.duomai.push_log().last().unwrap().outcome, PushOutcome::Queued);
        let push = one(&net);
        assert_eq!(net.duomai.push_log().last().unwrap().outcome, PushOutcome::Taken);
        assert_eq!(net.duomai.answered(&push, Some((200, body.into()))), expected, "{body:?}");
    }
    net.duomai.set_switches(Switches { push_retry_seconds: 1, ..Switches::default() });
    net.duomai.order(order()).unwrap();
    net.duomai.answered(&one(&net), Some((204, "1".into())));
    assert_eq!(one(&net).due_after, Duration::from_secs(1));
}
