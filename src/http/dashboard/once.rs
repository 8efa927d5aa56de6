//! Forms that work once. What such a form makes is shown by its answer only, so that a second sending must not make
//! another one: the form holds a key, and a key that was used makes nothing more.

use uuid::Uuid;

use super::form::FormPairs;
use crate::app::App;
use crate::db;
use crate::http::error::Error;
use crate::http::principal::Principal;

/// Name of the hidden field.
const FIELD: &str = "once";

/// The key of one sending of a form.
#[derive(Clone, Copy, Debug)]
pub struct Once {
    key: Uuid,
    user_id: Uuid,
}

impl Once {
    /// Uses the key of a form up. None: it was sent before, or not by a page of ours.
    pub async fn claim(app: &App, principal: &Principal, form: &FormPairs) -> Result<Option<Self>, Error> {
        let Principal::User { user_id, .. } = principal else { return Err(Error::Unauthorized) };
        let Ok(key) = Uuid::parse_str(form.get(FIELD)) else { return Ok(None) };
        let once = Self { key, user_id: *user_id };
        let mut conn = app.db.acquire().await?;
        let is_first = db::form_key::claim(&mut conn, key, once.user_id, app.clock.now()).await?;
        Ok(is_first.then_some(once))
    }

    /// Does what the form asks for; when that fails, the form may be sent again.
    pub async fn then<T>(self, app: &App, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let done = work.await;
        if done.is_err() {
            db::form_key::release(&mut *app.db.acquire().await?, self.key, self.user_id).await?;
        }
        done
    }
}
