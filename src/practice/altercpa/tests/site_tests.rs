//! `site/click` and `site/status`.

use super::*;

const CLICK: &str = "api/site/click.json?token=9-sitekey";
const STATUS: &str = "api/site/status.json?token=9-sitekey";

async fn click(rig: &Rig, tail: &str) -> Lead {
    let answer = rig.get(&format!("{CLICK}&{tail}")).await;
    rig.partner.lead(answer["id"].as_u64().unwrap_or_else(|| panic!("{answer}"))).unwrap()
}

#[tokio::test]
async fn a_click_makes_a_lead() {
    let rig = Rig::start().await;
    rig.partner.add_click("c1", 501);
    let lead = click(&rig, "click=c1&exto=T-1&price=25&goal=2&name=Ann").await;
    assert_eq!((lead.user, lead.flow, lead.offer, lead.status), (101, Some(501), 7, 1));
    assert_eq!((lead.fields["base"].as_str(), lead.fields["name"].as_str()), ("25", "Ann"));
    // The webmaster of the flow sees it.
    assert_eq!(rig.get("wm/lead.json?id=101-wmkey").await[0]["id"], lead.id);
    // A click that was not given out belongs to nobody.
    let lead = click(&rig, "click=c9").await;
    assert_eq!((lead.user, lead.flow, lead.click.as_deref()), (0, None, Some("c9")));
    let lead = click(&rig, "code=f502").await;
    assert_eq!((lead.user, lead.flow), (102, Some(502)));
    let lead = click(&rig, "flow=501&exto=T-2").await;
    assert_eq!((lead.user, lead.exto.as_deref()), (101, Some("T-2")));
    // Approved at once, as for goals without confirmation.
    assert_eq!(click(&rig, "flow=501&exto=T-3&status=approve").await.status, 6);
    // The token may stand in the body.
    let form = [("token", "9-sitekey"), ("click", "c8"), ("exto", "T-8")];
    assert_eq!(rig.form("site/click.json", &form).await["status"], "ok");
}

#[tokio::test]
async fn a_click_that_cannot_be_taken() {
    let rig = Rig::start().await;
    for (tail, code) in [
        ("exto=T-1", "no-id"),
        ("flow=503", "badflow"),
        ("code=nothing", "badflow"),
        ("click=c1&phone=10000000000", "ban"),
    ] {
        assert_eq!(rig.get(&format!("{CLICK}&{tail}")).await, error(code), "{tail}");
    }
    rig.partner.switch(|it| it.known_clicks_only = true);
    let unknown = json!({ "status": "error", "error": "no-id", "bad": "click" });
    assert_eq!(rig.get(&format!("{CLICK}&click=c1")).await, unknown);
    rig.partner.set_site(Site { id: 10, key: "k".to_owned(), offer: 9 });
    assert_eq!(rig.get("site/click.json?token=10-k&click=c1").await, error("traffic"));
    assert!(rig.partner.leads().is_empty());
}

#[tokio::test]
async fn an_id_at_the_target_makes_repeats_safe() {
    let rig = Rig::start().await;
    let lead = click(&rig, "click=c1&exto=T-1").await;
    assert_eq!(rig.get(&format!("{CLICK}&click=c1&exto=T-1")).await, error("duplicate"));
    rig.partner.switch(|it| it.duplicates = Duplicates::Known);
    assert_eq!(rig.get(&format!("{CLICK}&click=c1&exto=T-1")).await["id"], lead.id);
    // Without it every call makes a lead.
    click(&rig, "click=c1").await;
    click(&rig, "click=c1").await;
    assert_eq!(rig.partner.leads().len(), 3);
}

#[tokio::test]
async fn a_status_moves_the_lead() {
    let rig = Rig::start().await;
    let lead = click(&rig, "click=c1&exto=T-1").await;
    for (tail, status) in [
        ("exto=T-1&status=hold", 4),
        ("click=c1&exto=T-1&status=new", 2),
        ("exto=T-1&status=cancel", 5),
        // There is no way back from cancelled but approval.
        ("exto=T-1&status=hold", 5),
        ("exto=T-1&status=paid-out&sta=paid-out", 6),
        ("exto=T-1&status=whatever", 6),
    ] {
        let answer = rig.get(&format!("{STATUS}&{tail}")).await;
        assert_eq!(answer, json!({ "status": "ok", "id": lead.id }));
        assert_eq!(rig.partner.lead(lead.id).unwrap().status, status, "{tail}");
    }
    for (tail, code) in [
        ("exto=T-1", "status"),
        ("status=approve", "no-id"),
        ("flow=501&status=approve", "no-id"),
        ("exto=T-2&status=approve", "access-denied"),
        // The click's lead is another order.
        ("click=c1&exto=T-2&status=approve", "access-denied"),
    ] {
        assert_eq!(rig.get(&format!("{STATUS}&{tail}")).await, error(code), "{tail}");
    }
}

#[tokio::test]
async fn a_click_is_found_again_and_learns_its_id_at_the_target() {
    let rig = Rig::start().await;
    let lead = click(&rig, "click=c1").await;
    rig.get(&format!("{STATUS}&click=c1&exto=T-1&status=hold")).await;
    let lead = rig.partner.lead(lead.id).unwrap();
    assert_eq!((lead.status, lead.exto.as_deref()), (4, Some("T-1")));
    rig.get(&format!("{STATUS}&click=c1&status=approve")).await;
    assert_eq!(rig.partner.lead(lead.id).unwrap().status, 6);
}

#[tokio::test]
async fn auto_makes_the_lead_that_is_missing() {
    let rig = Rig::start().await;
    let answer = rig.get(&format!("{STATUS}&click=c1&exto=T-1&status=approve&auto=1")).await;
    let lead = rig.partner.lead(answer["id"].as_u64().unwrap()).unwrap();
    assert_eq!((lead.status, lead.click.as_deref(), lead.exto.as_deref()), (6, Some("c1"), Some("T-1")));
    rig.get(&format!("{STATUS}&click=c1&exto=T-1&status=approve&auto=1")).await;
    assert_eq!(rig.partner.leads().len(), 1);
    // An id at the target alone says nothing about whose lead it would be.
    assert_eq!(rig.get(&format!("{STATUS}&exto=T-2&status=hold&auto=1")).await, error("no-id"));
}
