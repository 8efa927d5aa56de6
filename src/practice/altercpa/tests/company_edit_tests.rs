//! `comp/edit` with its traps.

use super::*;

const EDIT: &str = "api/comp/edit.json?id=303-cokey";

#[tokio::test]
async fn an_order_must_be_named_and_ones_own() {
    let rig = Rig::start().await;
    let id = rig.agency_lead("own-1", "34600111222").await;
    assert_eq!(rig.form(EDIT, &[("accept", "1")]).await, error("orderid"));
    assert_eq!(rig.form(EDIT, &[("oid", "5"), ("accept", "1")]).await, error("access-denied"));
    assert_eq!(rig.form(EDIT, &[("eid", "T-1"), ("accept", "1")]).await, error("access-denied"));
    let other = format!("api/comp/edit.json?id=304-cokey2&oid={id}&accept=1");
    assert_eq!(rig.get(&other).await, error("access-denied"));
    rig.partner.set_exto(id, "T-1");
    assert_eq!(rig.form(EDIT, &[("eid", "T-1"), ("accept", "1")]).await, ok());
    assert_eq!(rig.partner.lead(id).unwrap().status, 6);
}

#[tokio::test]
async fn approval_comes_by_accept_alone() {
    let rig = Rig::start().await;
    let id = rig.agency_lead("own-1", "34600111222").await;
    let edit = async |tail: &str| rig.get(&format!("{EDIT}&oid={id}&{tail}")).await;
    let status = || rig.partner.lead(id).unwrap().status;
    assert_eq!(edit("status=10").await, error("edit"));
    assert_eq!(edit("status=6").await, error("edit"));
    assert_eq!((edit("status=3").await, status()), (ok(), 3));
    assert_eq!(edit("status=3").await, error("edit"));
    assert_eq!((edit("accept=1").await, status()), (ok(), 6));
    assert_eq!(edit("accept=1").await, error("edit"));
    // From here by number, but not back.
    assert_eq!((edit("status=10").await, status()), (ok(), 10));
    assert_eq!(edit("status=5&reason=2").await, error("edit"));
    assert_eq!(edit("status=2").await, error("edit"));
    assert_eq!((edit("status=12").await, status()), (ok(), 12));
    assert_eq!(edit("accept=1").await, error("edit"));
    assert_eq!(edit("status=13").await, error("edit"));
}

#[tokio::test]
async fn a_cancel_needs_a_reason_and_accept_opens_it_again() {
    let rig = Rig::start().await;
    let id = rig.agency_lead("own-1", "34600111222").await;
    let edit = async |tail: &str| rig.get(&format!("{EDIT}&oid={id}&{tail}")).await;
    assert_eq!(edit("status=5").await, error("edit"));
    assert_eq!(edit("status=5&reason=9").await, ok());
    assert_eq!(rig.agency_row(id).await["stage"], "cancel");
    assert_eq!(edit("reason=3").await, ok());
    assert_eq!(rig.agency_row(id).await["stage"], "trash");
    assert_eq!(edit("status=2").await, error("edit"));
    rig.partner.switch(|it| it.auto_accept = true);
    assert_eq!(edit("accept=1").await, ok());
    let row = rig.agency_row(id).await;
    assert_eq!((&row["status"], &row["reason"], &row["stage"]), (&json!(10), &json!(0), &json!("approve")));
}

#[tokio::test]
async fn data_in_get_is_dropped() {
    let rig = Rig::start().await;
    let id = rig.agency_lead("own-1", "34600111222").await;
    assert_eq!(rig.get(&format!("{EDIT}&oid={id}&name=Ann&city=Bilbao")).await, error("edit"));
    assert_eq!(rig.get(&format!("{EDIT}&oid={id}&name=Ann&calls=2&check=1&track=RR1")).await, ok());
    let lead = rig.partner.lead(id).unwrap();
    assert_eq!((lead.calls, lead.check, lead.track.as_str()), (2, true, "RR1"));
    assert_eq!(lead.fields.get("name"), None);
    // Also when the call is a POST.
    let form = [("city", "Bilbao"), ("phone", "+34 600 111 333"), ("items[4]", "2")];
    assert_eq!(rig.form(&format!("{EDIT}&oid={id}&name=Ann"), &form).await, ok());
    let lead = rig.partner.lead(id).unwrap();
    assert_eq!((lead.fields["city"].as_str(), lead.phone.as_str()), ("Bilbao", "34600111333"));
    assert_eq!((lead.fields.get("name"), lead.fields["items"].as_str()), (None, r#"{"[4]":"2"}"#));
    assert_eq!(rig.form(&format!("{EDIT}&oid={id}"), &form).await, error("edit"));
}

#[tokio::test]
async fn data_beside_a_transition_is_dropped_while_the_answer_is_ok() {
    let rig = Rig::start().await;
    let id = rig.agency_lead("own-1", "34600111222").await;
    let oid = id.to_string();
    let both = [("oid", oid.as_str()), ("accept", "1"), ("comment", "two pieces"), ("count", "2"), ("track", "RR2")];
    assert_eq!(rig.form(EDIT, &both).await, ok());
    let lead = rig.partner.lead(id).unwrap();
    assert_eq!((lead.status, lead.fields.get("comment"), lead.count()), (6, None, 1));
    assert_eq!(lead.track, "RR2");
    // The same call again is no transition any more, so the data goes in.
    assert_eq!(rig.form(EDIT, &both).await, ok());
    let lead = rig.partner.lead(id).unwrap();
    assert_eq!((lead.fields["comment"].as_str(), lead.count()), ("two pieces", 2));
    assert_eq!(rig.json(EDIT, json!({ "oid": id, "comment": "" })).await, ok());
    assert_eq!(rig.partner.lead(id).unwrap().fields["comment"], "");
}
