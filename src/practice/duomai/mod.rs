//! A faithful fake of Duomai (open.duomai.com), a network of commission on orders: it makes promotion links, keeps
//! orders, answers the publisher's API and queues order pushes. For our tests (in process) and for operators who
//! want to practise without an account.
//!
//! What must stay true: the signature is checked over the raw bytes; every answer has the shape of Duomai's own; the
//! same calls at the same times always give the same answers. It sends nothing by itself: pushes are data which the
//! owner of this value fetches and sends.
//!
//! Ready at once: account `100001` with the secret `fake-duomai-secret-0123456789`, and the plans 61 to 68 (see
//! [`Plan`]).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::routing::any;
use chrono::{DateTime, Utc};

mod account;
mod answer;
mod call;
mod control;
mod control_http;
mod control_list;
mod fault;
mod gateway;
mod links;
mod order;
mod params;
mod plan;
mod plan_defaults;
mod push;
mod push_control;
mod reports;
mod sign;
mod state;
mod stores;
mod switches;
mod window;

#[cfg(test)]
mod control_tests;
#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod link_tests;
#[cfg(test)]
mod order_tests;
#[cfg(test)]
mod push_tests;
#[cfg(test)]
mod tests;

pub use account::{Account, DEFAULT_APP_KEY, DEFAULT_SECRET};
pub use call::Call;
pub use control::ControlError;
pub use fault::{DataShape, Fault};
pub use links::{Link, Visit};
pub use order::{NewOrder, Order, SettlementChange, Status};
pub use plan::{Application, ApplyMode, Plan, PlanState, Product, Store};
pub use push::{Push, PushLogEntry, PushMethod, PushModes, PushOutcome, TestChecksum};
pub use sign::{checksum, sign};
pub use switches::{OversizedPage, Switches};

use state::State;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The fake network. A clone is the same network.
#[derive(Clone)]
pub struct Duomai {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Clock,
    state: Mutex<State>,
}

impl Duomai {
    /// A network with the default account and plans, and without orders.
    pub fn new(clock: Clock) -> Self {
        Self { shared: Arc::new(Shared { clock, state: Mutex::new(State::new()) }) }
    }

    /// Duomai's own paths, and `/_control` for operators.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/apis", any(gateway::answer))
            .route("/apis/", any(gateway::answer))
            .route("/track.php", any(links::follow))
            .route("/_control", any(control_http::answer))
            .route("/_control/", any(control_http::answer))
            .route("/_control/{*action}", any(control_http::answer))
            .fallback(gateway::no_such_path)
            .with_state(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> DateTime<Utc> {
        (self.shared.clock)()
    }
}
