//! Rendered postback URLs.

use super::*;

#[tokio::test]
async fn macros_are_filled_and_unknown_ones_stay() {
    let rig = Rig::start().await;
    let form = [
        ("id", "own 1"),
        ("wm", "src&1"),
        ("offer", "8"),
        ("phone", "34600111222"),
        ("subid", "s0"),
        ("sub1", "s1"),
        ("sub12", "s12"),
        ("us", "google"),
        ("uuid", "u-1"),
    ];
    let id = rig.form("ext/add.json?id=202-agkey", &form).await["id"].as_u64().unwrap();
    rig.partner.cancel(id, 9);
    let render = |template: &str| rig.partner.postback(id, template).unwrap();
    assert_eq!(
        render("https://x.example/?id={id}&s={stage}&p={cash}&c={currency}&src={src}"),
        "https://x.example/?id=own+1&s=cancel&p=300.00&c=USD&src=src%261"
    );
    assert_eq!(render("{subid}|{sub1}|{subid1}|{sub12}|{sub2}|{uuid}|{utm_source}"), "s0|s1|s1|s12||u-1|google");
    assert_eq!(render("{status}|{reason}|{rcode}|{offer}|{flow}|{count}"), "5|Expensive|9|8||1");
    assert_eq!(render("{uid}|{time}|{now}|{price}"), format!("{id}|1773136800|1773136800|39.00"));
    assert_eq!(render("{sub13}|{hold}|{ {stage} }|{"), "{sub13}|{hold}|{ cancel }|{");
    assert_eq!(rig.partner.postback(5, "{id}"), None);
}
