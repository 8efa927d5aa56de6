//! Statuses and leads from files: sent, named, tried, imported; nothing twice, whatever happens on the way.

use leadrelay::workers;
use reqwest::Method;
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

use super::{Person, once, person, target, told};
use crate::delivery::{one_network, phone};
use crate::kit::app::{ADMIN, Answer, TestApp, read};
use crate::kit::database::database;

/// Sends the form of a new import with this key.
async fn sends_with(ann: &Person<'_>, key: &str, fields: &[(&str, &str)], name: &str, file: &[u8]) -> Answer {
    let mut body = Vec::new();
    for (field, value) in fields.iter().chain(&[("once", key)]) {
        body.extend(format!("--edge\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").bytes());
    }
    let head = format!("--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    body.extend(head.bytes().chain(file.iter().copied()).chain(b"\r\n--edge--\r\n".iter().copied()));
    let request = ann.app.http.post(format!("{}/imports/new", ann.app.base)).header("cookie", ann.cookie());
    read(request.header("content-type", "multipart/form-data; boundary=edge").body(body)).await
}

async fn sends(ann: &Person<'_>, fields: &[(&str, &str)], file: &[u8]) -> Answer {
    let key = once(&ann.sees("/imports/new").await);
    sends_with(ann, &key, fields, "list.csv", file).await
}

/// Sends a file that is taken; gives where its import is.
async fn uploads(ann: &Person<'_>, fields: &[(&str, &str)], file: &[u8]) -> String {
    let answer = sends(ann, fields, file).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.headers["location"].to_str().unwrap().to_owned()
}

/// Tries all rows with the columns as they are shown, and others over them.
async fn tries(ann: &Person<'_>, here: &str, columns: &[(&str, &str)]) -> String {
    let page = ann.sees(here).await;
    let mut form = chosen(&page);
    form.retain(|(name, _)| !columns.iter().any(|(other, _)| other == name));
    form.extend(columns.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    ann.does(&format!("{here}/mapping"), &form).await;
    ann.app.drain().await;
    ann.sees(here).await
}

/// What is chosen for each column of the page.
fn chosen(page: &str) -> Vec<(String, String)> {
    let columns = page.split("<select class=\"select--small\" name=\"c").skip(1);
    let columns = columns.map(|rest| {
        let control = rest.split("</select>").next().unwrap();
        let selected = control.split("<option ").find(|option| option.contains(" selected"));
        let value = selected.map_or("", |option| option.split("value=\"").nth(1).unwrap().split('"').next().unwrap());
        (format!("c{}", control.split('"').next().unwrap()), value.to_owned())
    });
    columns.collect()
}

/// How many rows have a result, as the page says.
fn count(page: &str, result: &str) -> usize {
    let Some((_, rest)) = page.split_once(&format!("result={result}#rows")) else { return 0 };
    let shown = rest.split("</a>").next().unwrap().rsplit("</span>").next().unwrap();
    shown.trim().replace(',', "").parse().unwrap()
}

async fn statuses(app: &TestApp, leads: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for lead in leads {
        found.push(app.show(lead).await["status"].as_str().unwrap().to_owned());
    }
    found
}

/// Rows of everything that a status changes.
async fn rows(app: &TestApp) -> Vec<i64> {
    let mut found = Vec::new();
    for sql in [
        "select count(*) from lead_event",
        "select count(*) from lead_change",
        "select count(*) from conversion",
        "select count(*) from postback_delivery",
        "select count(*) from unmapped_report",
        "select count(*) from job",
        "select coalesce(sum(seq), 0)::bigint from lead",
    ] {
        found.push(app.count(sql).await);
    }
    found
}

const STATUSES: [(&str, &str); 2] = [("kind", "statuses"), ("network", "n1")];
const LEADS: [(&str, &str); 3] = [("kind", "leads"), ("webmaster", "anna"), ("offer", "tea")];

#[tokio::test]
async fn statuses_are_tried_then_imported_once() {
    let app = TestApp::idle().await;
    let (_fake, token) = one_network(&app, json!({})).await;
    app.network("n2", "http://127.0.0.1:9", json!({})).await;
    let told_to = json!({"webmaster": "anna", "url": "sandbox://sink/x?s={status}"});
    app.post("/api/v1/postbacks", told_to).await.expect(201);
    let mut leads = Vec::new();
    for n in 0..5 {
        leads.push(app.lead_id(&token, "tea", &phone(n)).await);
        app.drain().await;
    }
    let ann = person(&app, "manager").await;
    let file = "Order ID;Статус;Amount;Валюта;Причина;What?\r\n\
        fake-1;approved;14,00;USD;;x\r\n\
        fake-2;rejected;;;no answer;x\r\n\
        fake-1;approved;14.00;usd;;x\r\n\
        fake-99;approved;;;;x\r\n\
        fake-3;at the warehouse;;;;x\r\n\
        fake-4;approved;lots;;;x\r\n\
        ;approved;;;;x\r\n";
    let here = uploads(&ann, &STATUSES, file.as_bytes()).await;
    let page = ann.sees(&here).await;
    let fields: Vec<String> = chosen(&page).into_iter().map(|(_, field)| field).collect();
    assert_eq!(fields, ["external_id", "status", "revenue", "currency", "reason", ""]);
    assert!(page.contains("<td>14.00</td>"), "the first rows as they would be read: {page}");
    let before = rows(&app).await;
    let page = tries(&ann, &here, &[]).await;
    let counts = [("applied", 2), ("unchanged", 1), ("unmatched", 1), ("unmapped", 1), ("invalid", 2), ("stale", 0)];
    for (result, expected) in counts {
        assert_eq!(count(&page, result), expected, "{result}: {page}");
    }
    assert!(page.contains("Revenue (the network pays us): must be an amount such as 12.50"), "{page}");
    assert_eq!(
        (rows(&app).await, statuses(&app, &leads[..2]).await),
        (before, vec!["pending".into(), "pending".into()])
    );

    // A double click.
    let run = format!("{here}/run");
    let (first, second) = tokio::join!(ann.sends(&run, &[]), ann.sends(&run, &[]));
    assert_eq!((first.status, second.status), (303, 303));
    app.drain().await;
    assert!(told(&ann.does(&run, &[]).await).contains("already"));
    assert_eq!(app.count("select count(*) from audit where action = 'import.run'").await, 1);
    assert_eq!(app.count("select count(*) from audit where action = 'import.create'").await, 1);
    assert_eq!(statuses(&app, &leads).await, ["approved", "rejected", "pending", "pending", "pending"]);
    let lead = app.show(&leads[0]).await;
    assert_eq!((lead["revenue"].as_str(), lead["revenue_currency"].as_str()), (Some("14.00"), Some("USD")));
    assert_eq!(app.show(&leads[1]).await["reason"], "no answer");
    let events = "select count(*) from lead_event where kind = 'report' and source = 'import'";
    assert_eq!(app.count(events).await, 4, "the three that were applied or not, and the word nobody has mapped");
    assert_eq!(app.count("select count(*) from postback_delivery where status = 'approved'").await, 1);
    let page = ann.sees(&here).await;
    for (result, expected) in counts {
        assert_eq!(count(&page, result), expected, "{result}");
    }
    let file = ann.sees(&format!("{here}/rows.csv")).await;
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines[0], "line,result,field,reason,reference,lead,lead_id");
    assert!(lines[1].starts_with("2,applied,,,fake-1,1,"), "{}", lines[1]);
    assert!(lines[4].starts_with("5,unmatched,,it names no lead of this network,fake-99,"), "{}", lines[4]);
    assert!(lines[7].starts_with("8,invalid,external_id,is required,,"), "{}", lines[7]);
    let some = ann.sees(&format!("{here}/rows.csv?result=applied")).await;
    assert_eq!(some.lines().count(), 3);
    assert!(ann.sees(&format!("{here}?result=applied")).await.contains("/leads/1\""));

    // The word is mapped later, and its report is applied as it was kept.
    let words = app.get("/api/v1/unmapped-statuses").await.expect(200);
    let word = words["items"][0]["id"].as_str().unwrap().to_owned();
    app.post(&format!("/api/v1/unmapped-statuses/{word}/map"), json!({"status": "hold"})).await.expect(200);
    assert_eq!(app.show(&leads[2]).await["status"], "hold");

    // Another network has none of these leads; and the same file is known.
    let here =
        uploads(&ann, &[("kind", "statuses"), ("network", "n2")], b"id,status\nfake-1,rejected\n1,rejected\n").await;
    let page = tries(&ann, &here, &[]).await;
    assert_eq!(count(&page, "unmatched"), 2);
    let here =
        uploads(&ann, &[("kind", "statuses"), ("network", "n2")], b"id,status\nfake-1,rejected\n1,rejected\n").await;
    assert!(!ann.sees(&here).await.contains("was imported on"), "the other one was not run");
}

#[tokio::test]
async fn without_a_network_leads_are_named_by_ours_and_one_status_may_hold_for_all() {
    let app = TestApp::idle().await;
    let (_fake, token) = one_network(&app, json!({})).await;
    let first = app.lead_id(&token, "tea", &phone(1)).await;
    app.lead_id(&token, "tea", &phone(2)).await;
    app.drain().await;
    app.post("/api/v1/offers", json!({"slug": "nowhere", "currency": "USD"})).await.expect(201);
    app.lead_id(&token, "nowhere", &phone(3)).await;
    let ann = person(&app, "manager").await;
    let file = format!("Lead ID,Payout\n{first},7\n2,8.5\n3,9\n4,9\n");
    let here = uploads(&ann, &[("kind", "statuses"), ("network", "")], file.as_bytes()).await;
    let wrong = ann.sends(&format!("{here}/mapping"), &[("c0", "lead"), ("c1", "payout"), ("currency", "XXZ")]).await;
    assert_eq!(wrong.status, 422);
    for said in ["Choose the column of the status", "Must be a code such as USD", "value=\"XXZ\""] {
        assert!(wrong.text.contains(said), "{said}");
    }
    let twice = ann.sends(&format!("{here}/mapping"), &[("c0", "external_id"), ("c1", "external_id")]).await;
    assert!(twice.status == 422 && twice.text.contains("Two columns are the same field"));
    assert!(twice.text.contains("no network was chosen"));
    let page = tries(&ann, &here, &[("status", "paid"), ("remember", "true")]).await;
    assert_eq!((count(&page, "applied"), count(&page, "unmatched")), (2, 2), "{page}");
    assert!(page.contains("no network has this lead") && page.contains("there is no such lead"));
    ann.does(&format!("{here}/run"), &[]).await;
    app.drain().await;
    let lead = app.show(&first).await;
    assert_eq!((lead["status"].as_str(), lead["payout"].as_str()), (Some("paid"), Some("7.00")));

    // What the columns were is remembered, and a dry run is not the last word on them.
    let here = uploads(&ann, &[("kind", "statuses")], file.as_bytes()).await;
    let page = ann.sees(&here).await;
    assert!(page.contains("was imported on") && page.contains("<option value=\"paid\" selected>"), "{page}");
    assert_eq!(count(&tries(&ann, &here, &[("status", "paid")]).await, "unchanged"), 2);
    let page = ann.does(&format!("{here}/mapping"), &[("then", "again")]).await;
    assert!(page.contains("Try all rows"));
    let page = ann.does(&format!("{here}/discard"), &[]).await;
    assert!(told(&page).contains("thrown away"));
    assert_eq!(ann.opens(&here).await.status, 404);
}

#[tokio::test]
async fn leads_are_checked_like_posted_ones_and_their_contacts_stay_covered() {
    let app = TestApp::idle().await;
    let duplicates = json!({"fields": ["phone"], "match": "any", "days": 30, "scope": "offer"});
    let offer =
        json!({"slug": "tea", "payout": "10", "currency": "USD", "duplicates": duplicates, "countries": ["ES"]});
    app.post("/api/v1/offers", offer).await.expect(201);
    let token = app.webmaster("anna").await;
    app.lead_id(&token, "tea", &phone(1)).await;
    let ann = person(&app, "manager").await;
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (column, head) in (0..).zip(["Телефон", "ФИО", "ID", "E-mail", "Size", "GEO"]) {
        page.write_string(0, column, head).unwrap();
    }
    let people = [
        ("+34 612 300 002", "Ana García", "o-2", "ana@example.com", "ES"),
        ("612300003", "Luis Gómez", "o-3", "luis@example.com", ""),
        (&phone(1)[..], "Otra Persona", "o-4", "otra@example.com", "ES"),
        ("+34 612 300 002", "Ana Again", "o-5", "", "ES"),
        ("612300006", "Same Id", "o-2", "", "ES"),
        ("nonsense", "=1+1", "o-7", "not-an-address", "ES"),
        ("+49 151 12345678", "Far Away", "o-8", "", "DE"),
    ];
    for (row, (phone, name, id, mail, country)) in (1..).zip(people) {
        for (column, text) in (0..).zip([phone, name, id, mail, "XL", country]) {
            page.write_string(row, column, text).unwrap();
        }
    }
    let file = book.save_to_buffer().unwrap();
    let key = once(&ann.sees("/imports/new?kind=leads").await);
    let sent = sends_with(&ann, &key, &LEADS, "leads.xlsx", &file).await;
    let here = sent.headers["location"].to_str().unwrap().to_owned();
    let again = sends_with(&ann, &key, &LEADS, "leads.xlsx", &file).await;
    assert_eq!(again.headers["location"], "/imports", "sent twice it is kept once");
    assert_eq!(app.count("select count(*) from import").await, 1);
    let page = ann.sees(&here).await;
    for (_, name, _, mail, _) in people {
        assert!(!page.contains(name) && (mail.is_empty() || !page.contains(mail)), "{name} is covered");
    }
    assert!(!page.contains("612300003") && !page.contains("612 300 002") && page.contains("X•••"));
    let numbers = app.count("select max(number) from lead").await;
    let page = tries(&ann, &here, &[("c4", "meta")]).await;
    let counts = [("created", 2), ("duplicate", 3), ("invalid", 2)];
    for (result, expected) in counts {
        assert_eq!(count(&page, result), expected, "{result}: {page}");
    }
    assert!(page.contains("line 2 of the file is the same lead") && page.contains("is not a country of this offer"));
    assert_eq!((app.count("select count(*) from lead").await, numbers), (1, 1));
    ann.does(&format!("{here}/run"), &[]).await;
    app.drain().await;
    let page = ann.sees(&here).await;
    for (result, expected) in counts {
        assert_eq!(count(&page, result), expected, "{result}");
    }
    assert_eq!(app.count("select max(number) from lead").await, 3, "the check took no numbers");
    let lead = app.get("/api/v1/leads?external_id=o-3").await.expect(200)["items"][0].clone();
    assert_eq!((lead["phone"].as_str(), lead["country"].as_str()), (Some("+34612300003"), Some("ES")));
    assert_eq!(app.count("select count(*) from lead_contact where meta ->> 'Size' = 'XL'").await, 2);
    let file = ann.sees(&format!("{here}/rows.csv")).await;
    assert!(file.contains("2,created,,,o-2,2,") && !file.contains("612") && !file.contains("=1+1"), "{file}");

    // The same leads once more are there already.
    let text = "phone,id\n+34612300002,o-2\n";
    let here = uploads(&ann, &LEADS, text.as_bytes()).await;
    let page = tries(&ann, &here, &[]).await;
    assert!(count(&page, "duplicate") == 1 && page.contains("is there with other fields"), "{page}");

    // After its time what stands in the rows is gone, what became of them is not.
    sqlx::query("update import set created_at = created_at - interval '31 days'").execute(&app.app.db).await.unwrap();
    leadrelay::flow::purge::run(&app.app).await.unwrap();
    assert_eq!(app.count("select count(*) from import_row where cells is not null").await, 0);
    assert_eq!(app.count("select count(*) from import").await, 1, "one that was never run is gone");
    let first = target(&ann.sees("/imports").await, "/imports/0").to_owned();
    let page = ann.sees(&first).await;
    assert!(count(&page, "created") == 2 && page.contains("was removed after its time"));
}

#[tokio::test]
async fn what_cannot_be_taken_is_said_and_keeps_what_was_chosen() {
    let app = TestApp::idle().await;
    one_network(&app, json!({})).await;
    let ann = person(&app, "manager").await;
    for (fields, file, said) in [
        (&STATUSES[..], &b""[..], "The file is empty"),
        (&STATUSES[..], b"id,status\n", "nothing below the first line"),
        (&STATUSES[..], b"PK\x03\x04xx", "The workbook cannot be read"),
        (&STATUSES[..], b"\xd0\xcf\x11\xe0", "old Excel file"),
        (&[("kind", "statuses"), ("network", "gone")][..], b"id\n1\n", "Is not there any more"),
        (&[("kind", "leads"), ("offer", "tea")][..], b"id\n1\n", "Choose one."),
    ] {
        let answer = sends(&ann, fields, file).await;
        assert!(answer.status == 422 && answer.text.contains(said), "{said}: {}", answer.text);
        assert!(!fields.contains(&("offer", "tea")) || answer.text.contains("<option value=\"tea\" selected>"));
    }
    let large = sends(&ann, &STATUSES, &vec![b'x'; 21 * 1024 * 1024]).await;
    assert!(large.status == 422 && large.text.contains("larger than 20 MB"));
    let bob = person(&app, "support").await;
    assert_eq!(bob.opens("/imports").await.status, 403);
    assert_eq!(bob.sends("/imports/0/run", &[]).await.status, 403);
    assert_eq!(ann.opens("/imports/0").await.status, 404);
    let none = app.count("select count(*) from import").await;
    assert_eq!(none, 0, "nothing that was refused is kept");
}

/// A file of leads without an id of their own.
fn anonymous(count: usize) -> String {
    let rows: Vec<String> = (0..count).map(|n| format!("{}\n", phone(n))).collect();
    format!("phone\n{}", rows.concat())
}

#[tokio::test]
async fn a_crash_in_the_middle_repeats_no_row() {
    let db = database().await;
    let app = TestApp::on(&db, &[], false).await;
    app.with_offer("tea").await;
    let body = anonymous(500);
    let path = "/api/v1/imports?kind=leads&webmaster=anna&offer=tea";
    let sent = read(app.http.post(format!("{}{path}", app.base)).bearer_auth(ADMIN).body(body)).await.expect(201);
    let id = sent["id"].as_str().unwrap().to_owned();
    workers::runner(&app.app).drain_once().await.unwrap();
    assert_eq!(app.count("select count(*) from lead").await, 200, "one step");
    // The leads of the second step are stored, but the process dies before their rows are.
    workers::runner(&app.app).drain_once().await.unwrap();
    sqlx::query("update import set progress = 201, counts = '{\"created\": 200}'").execute(&db.pool).await.unwrap();
    sqlx::query("update import_row set result = null, lead_id = null where line > 201")
        .execute(&db.pool)
        .await
        .unwrap();
    // Its lease has run out; what it held comes back to another process.
    let lost = "update job set state = 'leased', lease_token = gen_random_uuid(), lease_until = now() - interval '1 s'";
    sqlx::query(lost).execute(&db.pool).await.unwrap();
    app.stop().await;
    let app = TestApp::on(&db, &[], false).await;
    app.drain().await;
    let import = app.get(&format!("/api/v1/imports/{id}")).await.expect(200);
    assert_eq!((&import["state"], &import["results"]), (&json!("done"), &json!({"created": 500})), "{import}");
    assert_eq!(app.count("select count(*) from lead").await, 500);
    assert_eq!(app.count("select count(distinct lead_id) from import_row").await, 500);
    app.stop().await;
}

#[tokio::test]
async fn five_thousand_rows_go_through() {
    let app = TestApp::idle().await;
    one_network(&app, json!({})).await;
    app.post("/api/v1/networks/n1/pause", json!({"reason": "tests"})).await.expect(200);
    let rows: Vec<String> = (0..5000).map(|n| format!("{};o-{n}\n", phone(n))).collect();
    let send = async |query: &str, body: String| {
        let request = app.http.post(format!("{}/api/v1/imports?{query}", app.base)).bearer_auth(ADMIN).body(body);
        let sent = read(request).await.expect(201);
        app.drain().await;
        app.get(&format!("/api/v1/imports/{}", sent["id"].as_str().unwrap())).await.expect(200)
    };
    let leads = format!("phone;external_id\n{}", rows.concat());
    let done = send("kind=leads&webmaster=anna&offer=tea", leads).await;
    assert_eq!((&done["state"], &done["results"]), (&json!("done"), &json!({"created": 5000})));
    let rows: Vec<String> = (1..=5000).map(|n| format!("{n},approved,14\n")).collect();
    let verdicts = format!("number,word,sum\n{}", rows.concat());
    let mapping = json!({"columns": {"number": "lead", "word": "status", "sum": "revenue"}}).to_string();
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("kind", "statuses"), ("network", "n1"), ("mapping", &mapping), ("dry_run", "true")])
        .finish();
    let tried = send(&query, verdicts).await;
    assert_eq!((&tried["state"], &tried["results"]), (&json!("checked"), &json!({"applied": 5000})));
    assert_eq!(app.count("select count(*) from lead where status = 'approved'").await, 0);
    let run = format!("/api/v1/imports/{}/run", tried["id"].as_str().unwrap());
    app.post(&run, Value::Null).await.expect(200);
    app.post(&run, Value::Null).await.expect(200);
    app.drain().await;
    assert_eq!(app.count("select count(*) from lead where status = 'approved' and revenue = 14").await, 5000);
    assert_eq!(app.count("select count(*) from conversion").await, 5000);
}

#[tokio::test]
async fn programs_import_and_read_what_became_of_each_row() {
    let app = TestApp::idle().await;
    let (_fake, token) = one_network(&app, json!({})).await;
    app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    let send = async |query: &str, token: &str, body: &'static str| {
        read(app.http.post(format!("{}/api/v1/imports?{query}", app.base)).bearer_auth(token).body(body)).await
    };
    assert_eq!(send("kind=statuses", &token, "id,status\n1,paid\n").await.status, 403);
    for (query, body, field) in [
        ("kind=words", "a\n1\n", "kind"),
        ("kind=leads&webmaster=anna", "phone\n1\n", "offer"),
        ("kind=leads&webmaster=anna&offer=tea&network=n1", "phone\n1\n", "network"),
        ("kind=statuses&network=gone", "id,status\n1,paid\n", "network"),
        ("kind=statuses&network=n1", "a,b\n1,paid\n", "columns"),
        ("kind=statuses&network=n1&mapping=%7B%22status%22%3A%22sold%22%7D", "a,b\n1,paid\n", "status"),
        ("kind=statuses&network=n1", "id,status\n", "file"),
    ] {
        let fields = send(query, ADMIN, body).await.fields();
        assert_eq!(fields.first().map(String::as_str), Some(field), "{query}");
    }
    assert_eq!(app.count("select count(*) from import").await, 0);
    let sent = send("kind=statuses&network=n1&file_name=may", ADMIN, "id,status\nfake-1,hold\nfake-2,hold\n").await;
    let sent = sent.expect(201);
    assert_eq!((&sent["state"], &sent["rows"], &sent["file_name"]), (&json!("running"), &json!(2), &json!("may")));
    app.drain().await;
    let path = format!("/api/v1/imports/{}/rows", sent["id"].as_str().unwrap());
    let rows = app.get(&format!("{path}?limit=1")).await.expect(200);
    assert_eq!((&rows["items"][0]["line"], &rows["items"][0]["result"]), (&json!(2), &json!("applied")));
    let cursor = rows["next_cursor"].as_str().unwrap().to_owned();
    let rows = app.get(&format!("{path}?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!((&rows["items"][0]["result"], &rows["next_cursor"]), (&json!("unmatched"), &Value::Null));
    assert_eq!(app.get(&format!("{path}?result=applied")).await.expect(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(app.get(&format!("{path}?result=gone")).await.fields(), ["result"]);
    let other = app.call(Method::GET, &path, &token, &Value::Null).await;
    assert_eq!(other.status, 403);
}
