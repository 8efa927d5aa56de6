//! The Red/One receiver.

use super::*;

const RED: &str = "api/tracker/postback.json?id=77-trkey";

#[tokio::test]
async fn postbacks_make_and_move_conversions() {
    let rig = Rig::start().await;
    let first = rig.get(&format!("{RED}&click=c1")).await;
    assert_eq!(first["status"], "ok");
    let tail = "click=c1&status=approve&goal=2&price=12.5&currency=EUR&meta[x]=1&name=Ann&data1=d";
    assert_eq!(rig.get(&format!("track/postback.json?id=77-trkey&{tail}")).await, first);
    let known = rig.partner.conversions();
    assert_eq!(known.len(), 1);
    assert_eq!((known[0].status.as_str(), known[0].goal.as_deref(), known[0].postbacks), ("approve", Some("2"), 2));
    assert_eq!((known[0].price.as_deref(), known[0].currency.as_str()), (Some("12.5"), "eur"));
    assert_eq!(json!(known[0].fields), json!({ "data1": "d", "meta[x]": "1", "name": "Ann" }));
    // It believes everything, also a way back; what is not told stays.
    rig.form(RED, &[("click", "c1"), ("status", "hold")]).await;
    let known = rig.partner.conversions();
    assert_eq!((known[0].status.as_str(), known[0].price.as_deref()), ("hold", Some("12.5")));
}

#[tokio::test]
async fn an_own_id_makes_a_second_lead_of_a_click() {
    let rig = Rig::start().await;
    let mut ids = Vec::new();
    for tail in ["click=c1", "click=c1&uid=a", "click=c1&uid=b", "click=c1&uid=a&status=trash", "flow=6&subid=s"] {
        ids.push(rig.get(&format!("{RED}&{tail}")).await["id"].as_u64().unwrap());
    }
    assert_eq!(ids[1], ids[3]);
    assert_eq!(rig.partner.conversions().len(), 4);
    assert_eq!(rig.partner.conversions()[0].currency, "usd");
    assert_eq!(rig.get(&format!("{RED}&flow=6&subid=s&status=cancel")).await["id"], ids[4]);
}

#[tokio::test]
async fn what_it_does_not_take() {
    let rig = Rig::start().await;
    for (tail, code) in
        [("status=new", "no-id"), ("flow=6", "no-id"), ("subid=s", "no-id"), ("click=c1&status=sale", "status")]
    {
        assert_eq!(rig.get(&format!("{RED}&{tail}")).await, error(code), "{tail}");
    }
    assert!(rig.partner.conversions().is_empty());
}
