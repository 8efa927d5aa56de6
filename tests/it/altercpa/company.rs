//! A partner that tells statuses by AlterCPA's postback and company calls.

use serde_json::{Value, json};

use super::world;

#[tokio::test]
async fn the_tail_of_a_postback_works_unchanged() {
    let world = world().await;
    let one = world.accepted("D-1", "34612345671").await.to_string();
    let two = world.accepted("D-2", "34612345672").await.to_string();
    let tail = |oid: &str, status: &str| {
        vec![
            ("oid".to_owned(), oid.to_owned()),
            ("status".into(), status.into()),
            ("sta".into(), "11".into()),
            ("stc".into(), "12,13".into()),
        ]
    };
    let call = async |fields: &[(String, String)]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        world.get("/api/comp/status.json", &world.partner, &fields).await
    };
    assert_eq!(call(&tail(&one, "11")).await, json!({"status": "ok"}));
    assert_eq!(world.lead(one.parse().unwrap()).await["status"], "approved");
    assert_eq!(call(&tail(&two, "13")).await, json!({"status": "ok"}));
    assert_eq!(world.lead(two.parse().unwrap()).await["status"], "rejected");
    // Words are known without lists; a word nobody knows changes nothing and waits to be mapped.
    let three = world.accepted("D-3", "34612345673").await.to_string();
    world.get("/comp/status.json", &world.partner, &[("oid", &three), ("status", "hold")]).await;
    assert_eq!(world.lead(three.parse().unwrap()).await["status"], "hold");
    let odd = world.get("/comp/status.json", &world.partner, &[("oid", &three), ("status", "gone fishing")]).await;
    assert_eq!(odd["status"], "ok");
    assert_eq!(world.lead(three.parse().unwrap()).await["status"], "hold");
    let words = world.app.get("/api/v1/unmapped-statuses").await.expect(200);
    assert_eq!(words["items"][0]["raw"], "gone fishing");
    // Unknown leads, and none.
    let nobody = world.get("/comp/status.json", &world.partner, &[("oid", "999999"), ("status", "approve")]).await;
    assert_eq!(nobody["error"], "access-denied");
    assert_eq!(world.get("/comp/status.json", &world.partner, &[("status", "approve")]).await["error"], "no-id");
    // Every call is stored raw, without the token.
    let stored = world.app.get("/api/v1/inbound-postbacks?limit=500").await.expect(200);
    assert_eq!(stored["items"].as_array().unwrap().len(), 5);
    let key = world.partner.split('-').next_back().unwrap();
    assert!(!stored.to_string().contains(key));
    // And can be processed again.
    let id = stored["items"][0]["id"].as_str().unwrap();
    let again = world.app.post(&format!("/api/v1/inbound-postbacks/{id}/reprocess"), json!({})).await.expect(200);
    assert_eq!(again["result"], "unmatched", "{again}");
}

#[tokio::test]
async fn a_partner_finds_its_leads_and_edits_them() {
    let world = world().await;
    let number = world.accepted("E-1", "34612345671").await;
    let other = world.app.network("n2", &world.fake.base, json!({})).await;
    let other_token = world
        .app
        .post(&format!("/api/v1/networks/{}/tokens", other["slug"].as_str().unwrap()), json!({}))
        .await
        .expect(201);
    let oid = number.to_string();
    let list = world.form("/comp/list.json", &world.partner, &[("oid", &oid)]).await;
    assert_eq!(
        (&list[0]["id"], &list[0]["phone"], &list[0]["status"]),
        (&json!(number), &json!("34612345671"), &json!(2)),
        "{list}"
    );
    let foreign =
        world.form("/comp/list.json", other_token["altercpa_token"].as_str().unwrap(), &[("oid", &oid)]).await;
    assert_eq!(foreign, json!([]), "another partner's lead is none of its");
    let open = world.form("/comp/list.json", &world.partner, &[("status", "-2")]).await;
    assert_eq!(open.as_array().unwrap().len(), 1);

    // Data and transition may stand in one call.
    let edited = world
        .form("/comp/edit.json", &world.partner, &[("oid", &oid), ("accept", "1"), ("city", "Málaga"), ("count", "3")])
        .await;
    assert_eq!(edited, json!({"status": "ok"}));
    let list = world.form("/comp/list.json", &world.partner, &[("oid", &oid)]).await;
    assert_eq!(
        (&list[0]["stage"], &list[0]["city"], &list[0]["count"]),
        (&json!("approve"), &json!("Málaga"), &json!(3))
    );
    let same = world.form("/comp/edit.json", &world.partner, &[("oid", &oid), ("accept", "1")]).await;
    assert_eq!(same["error"], "edit", "nothing has changed");
    let cancelled =
        world.form("/comp/edit.json", &world.partner, &[("oid", &oid), ("status", "5"), ("reason", "5")]).await;
    assert_eq!(cancelled, json!({"status": "ok"}));
    let lead = world.lead(number).await;
    assert_eq!((&lead["status"], &lead["reason_code"]), (&json!("rejected"), &json!(5)), "{lead:#}");
    assert_eq!(
        world.form("/comp/edit.json", &world.partner, &[("oid", "999"), ("status", "5")]).await["error"],
        "access"
    );
    assert_eq!(world.form("/comp/edit.json", &world.partner, &[("status", "5")]).await["error"], "no-id");
    let bad = world.form("/comp/edit.json", &world.partner, &[("oid", &oid), ("count", "many")]).await;
    assert_eq!(bad["error"], "data");
    assert_eq!(world.lead(number).await["quantity"], Value::from(3));
}
