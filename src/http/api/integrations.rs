//! `/api/v1/integrations`: the kinds of partners there are, and what a network of each must be given.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problems::{ListProblems, ReadProblems};
use super::resource::List;
use crate::adapters::{Param, Setting, SharedAdapter, with_defaults};
use crate::app::App;
use crate::base::page::{self, Limit, Page};
use crate::domain::outcome::Resend;
use crate::http::error::Error;
use crate::http::extract::{PathId, QueryOf};

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get))
}

/// A kind of partner.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct IntegrationView {
    /// For `integration` of a network.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// `generic`, `practice`, `network`, `crm` …
    pub group: String,
    pub help: String,
    /// Pages of the partner.
    pub links: Vec<String>,
    /// How sure we are of the wire facts.
    pub confidence: String,
    /// What a network of this kind is given.
    pub settings: Vec<SettingView>,
    /// What it reads from the parameters of offers.
    pub params: Vec<Param>,
    /// Whether the partner knows test leads.
    pub has_test_flag: bool,
    /// Whether status can be pulled.
    pub has_poll: bool,
    /// What happens, under the default settings, when nobody knows whether a send arrived.
    pub resend: Resend,
}

/// One setting of an integration.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SettingView {
    /// Key in `settings` of a network.
    pub name: String,
    pub title: String,
    /// `text`, `url`, `secret`, `number`, `bool`, `choice` or `object`.
    pub kind: String,
    pub required: bool,
    /// Whether it is write-only.
    pub secret: bool,
    #[schema(value_type = Option<Object>)]
    pub default: Option<Value>,
    /// The words of a choice.
    pub choices: Vec<String>,
    pub help: String,
}

/// Which ones.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IntegrationQuery {
    /// Only those of this group.
    pub group: Option<String>,
    /// 1 to 500; 50 when absent.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    pub limit: Limit,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Lists integrations by id.
#[utoipa::path(get, path = "/api/v1/integrations", tag = "integrations", operation_id = "list_integrations", params(IntegrationQuery),
    responses((status = 200, description = "A page", body = List<IntegrationView>), ListProblems))]
async fn list(
    State(app): State<App>,
    QueryOf(query): QueryOf<IntegrationQuery>,
) -> Result<Json<List<IntegrationView>>, Error> {
    let after = query.cursor.as_deref().map(page::decode::<(String,)>).transpose();
    let after = after.map_err(|error| Error::field("cursor", "invalid", error.to_string()))?;
    let items: Vec<IntegrationView> = app
        .adapters
        .iter()
        .filter(|adapter| after.as_ref().is_none_or(|(after,)| adapter.about().id > *after))
        .filter(|adapter| query.group.as_ref().is_none_or(|group| adapter.about().group == *group))
        .take(query.limit.rows() + 1)
        .map(view)
        .collect();
    let page = Page::of(items, query.limit, |item| (item.id.clone(),));
    Ok(Json(List { items: page.items, next_cursor: page.next_cursor }))
}

/// One integration.
#[utoipa::path(get, path = "/api/v1/integrations/{id}", tag = "integrations", operation_id = "get_integration",
    params(("id" = String, Path, description = "its id, such as http-json")),
    responses((status = 200, description = "As it is", body = IntegrationView), ReadProblems))]
async fn get(State(app): State<App>, PathId(id): PathId) -> Result<Json<IntegrationView>, Error> {
    app.adapters.get(&id).map(view).map(Json).ok_or(Error::NotFound("integration"))
}

fn view(adapter: &SharedAdapter) -> IntegrationView {
    let about = adapter.about();
    IntegrationView {
        id: about.id.clone(),
        title: about.title.clone(),
        group: about.group.clone(),
        help: about.help.clone(),
        links: about.links.clone(),
        confidence: about.confidence.clone(),
        settings: about.settings.iter().map(setting).collect(),
        params: about.params.clone(),
        has_test_flag: about.has_test_flag,
        has_poll: about.has_poll,
        resend: adapter.resend(&with_defaults(about, &Map::new(), &Map::new())),
    }
}

fn setting(setting: &Setting) -> SettingView {
    SettingView {
        name: setting.name.clone(),
        title: setting.title.clone(),
        kind: setting.kind.clone(),
        required: setting.required,
        secret: setting.is_secret(),
        default: setting.default.clone(),
        choices: setting.choices.clone(),
        help: setting.help.clone(),
    }
}
