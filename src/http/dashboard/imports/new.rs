//! `/imports/new`: sending a file.

use askama::Template;
use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, RawQuery, Request, State};
use axum::http::StatusCode;
use tower_sessions::Session;
use uuid::Uuid;

use super::LIMIT;
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::base::sheet;
use crate::base::text;
use crate::db::import::Import;
use crate::domain::import::Kind;
use crate::flow::import::{self, New, Refused};
use crate::http::dashboard::fields::{Field, Form};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, Shell, done, refused};
use crate::http::dashboard::list::{Asked, networks, offers, webmasters};
use crate::http::dashboard::once::Once;
use crate::http::dashboard::texts::{self, Text, say};
use crate::http::error::Error;
use crate::http::principal::Principal;

/// Most characters of a file's name.
const NAME: usize = 200;

#[derive(Template)]
#[template(path = "imports/new.html")]
struct Page {
    shell: Shell,
    kind: Kind,
    form: Form,
    /// What is wrong with the file.
    wrong: Option<Text>,
    once: Uuid,
}

impl Page {
    fn name(&self, kind: &Kind) -> Text {
        say(format!("import-kind-{kind}"))
    }

    fn is(&self, kind: &Kind) -> bool {
        self.kind == *kind
    }

    fn about(&self) -> Text {
        say(format!("import-about-{}", self.kind))
    }
}

/// What the form has sent.
struct Sent {
    pairs: FormPairs,
    file: Option<(String, Bytes)>,
}

async fn read(multipart: &mut Multipart) -> Result<Sent, Error> {
    let broken = |error: MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge { limit: LIMIT },
        _ => Error::Malformed("the form broke off".into()),
    };
    let mut sent = Sent { pairs: FormPairs::default(), file: None };
    while let Some(field) = multipart.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let bytes = field.bytes().await.map_err(broken)?;
        match file_name {
            // A browser sends the field of a file that was not chosen without a name and empty.
            Some(file_name) if name == "file" && !(file_name.is_empty() && bytes.is_empty()) => {
                sent.file = Some((text::cut(&text::line(&file_name), NAME).to_owned(), bytes));
            }
            _ => {
                sent.pairs.0.insert(name, String::from_utf8_lossy(&bytes).replace('\0', ""));
            }
        }
    }
    Ok(sent)
}

fn form(app: &App, kind: Kind, values: &FormPairs, errors: &[FieldError]) -> Form {
    let rules = app.rules.load();
    let fields = match kind {
        Kind::Statuses => vec![
            Field::new(values, "network", "choice", say("field-network"))
                .of(networks(&rules))
                .help(say("import-network-help")),
        ],
        Kind::Leads => vec![
            Field::new(values, "webmaster", "choice", say("field-webmaster")).of(webmasters(&rules)).required(),
            Field::new(values, "offer", "choice", say("column-offer")).of(offers(&rules)).required(),
        ],
    };
    Form::new(fields, Vec::new(), None, errors)
}

/// What the file is for, by the references of the form.
fn meant(app: &App, kind: Kind, pairs: &FormPairs, file_name: String) -> Result<New, Vec<FieldError>> {
    let rules = app.rules.load();
    let mut errors = Vec::new();
    let mut id = |name: &str, is_required: bool, found: &dyn Fn(&str) -> Option<Uuid>| match pairs.given(name) {
        None if is_required => {
            errors.push(FieldError::invalid(name, say("import-choose")));
            None
        }
        None => None,
        Some(reference) => {
            let id = found(reference);
            if id.is_none() {
                errors.push(FieldError::invalid(name, say("import-gone")));
            }
            id
        }
    };
    let is_leads = kind == Kind::Leads;
    let network = |name: &str| rules.network(name).map(|network| network.network_id);
    let webmaster = |name: &str| rules.webmaster(name).map(|webmaster| webmaster.webmaster_id);
    let offer = |name: &str| rules.offer(name).map(|offer| offer.offer_id);
    let network_id = if is_leads { None } else { id("network", false, &network) };
    let webmaster_id = if is_leads { id("webmaster", true, &webmaster) } else { None };
    let offer_id = if is_leads { id("offer", true, &offer) } else { None };
    if errors.is_empty() { Ok(New { kind, file_name, network_id, webmaster_id, offer_id }) } else { Err(errors) }
}

async fn page(
    app: &App,
    session: &Session,
    principal: &Principal,
    kind: Kind,
    (form, wrong): (Form, Option<Text>),
) -> Result<Page, Error> {
    let shell = Shell::of(session, principal, say("import-new"), "/imports").await?;
    Ok(Page { shell, kind, form, wrong, once: app.ids.next() })
}

/// `GET /imports/new?kind=`
pub async fn begin(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    RawQuery(query): RawQuery,
) -> Answer {
    let asked = Asked::read("/imports/new", query.as_deref());
    let kind = asked.given("kind").and_then(|kind| kind.parse().ok()).unwrap_or(Kind::Statuses);
    let values = FormPairs(asked.pairs().iter().cloned().collect());
    layout::page(&page(&app, &session, &principal, kind, (form(&app, kind, &values, &[]), None)).await?)
}

/// `POST /imports/new`: `kind`, what the file is for, and `file`. Sent twice it is kept once.
pub async fn create(State(app): State<App>, session: Session, principal: Principal, request: Request) -> Answer {
    let multipart = Multipart::from_request(request, &()).await;
    let mut multipart = multipart.map_err(|_| Error::UnsupportedMediaType("multipart/form-data"))?;
    let Sent { pairs, file } = read(&mut multipart).await?;
    let kind: Kind = pairs.get("kind").parse().map_err(|_| Error::NotFound("page"))?;
    let meant = meant(&app, kind, &pairs, file.as_ref().map(|(name, _)| name.clone()).unwrap_or_default());
    let (new, bytes) = match (meant, file) {
        (Ok(new), Some((_, bytes))) => (new, bytes),
        (meant, file) => {
            let errors = meant.err().unwrap_or_default();
            let wrong = file.is_none().then(|| say("import-no-file"));
            let page = page(&app, &session, &principal, kind, (form(&app, kind, &pairs, &errors), wrong)).await?;
            return layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let Some(once) = Once::claim(&app, &principal, &pairs).await? else {
        return refused(&session, "/imports", say("import-sent-before")).await;
    };
    let actor = principal.actor();
    let received: Result<Result<Import, sheet::Fault>, Error> = once
        .then(&app, async {
            match import::receive(&app, new, bytes, &actor).await {
                Ok(import) => Ok(Ok(import)),
                Err(Refused::File(fault)) => Ok(Err(fault)),
                Err(error) => Err(error.into()),
            }
        })
        .await;
    match received? {
        Ok(import) => {
            let text = say("import-received").count("count", import.row_count);
            done(&session, &format!("/imports/{}", import.import_id), text).await
        }
        Err(fault) => {
            let filled = (form(&app, kind, &pairs, &[]), Some(fault_text(fault)));
            let page = page(&app, &session, &principal, kind, filled).await?;
            layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// What is wrong with a file, and what one can do about it.
fn fault_text(fault: sheet::Fault) -> Text {
    match fault {
        sheet::Fault::Empty => say("import-file-empty"),
        sheet::Fault::NoRows => say("import-file-no-rows"),
        sheet::Fault::TooLarge => say("import-file-large").count("most", sheet::MAX_BYTES / 1024 / 1024),
        sheet::Fault::TooMuch => say("import-file-much"),
        sheet::Fault::TooManyRows => say("import-file-rows").count("most", sheet::MAX_ROWS),
        sheet::Fault::TooManyColumns => say("import-file-columns").count("most", sheet::MAX_COLUMNS),
        sheet::Fault::LongCell(line) => say("import-file-cell").count("line", line),
        sheet::Fault::Workbook => say("import-file-workbook"),
        sheet::Fault::OldWorkbook => say("import-file-old"),
        sheet::Fault::NoText => say("import-file-no-text"),
    }
}
