//! Practice Affili (affili.ir): a faithful fake of the merchant's API of an Iranian affiliate network, for our
//! integration tests (in process) and for operators who practise without an account.
//!
//! What must stay true: everything the published pages and Affili's own clients show is as there (paths, fields,
//! types, Jalali dates in answers and Gregorian ones in filters); whatever they leave open is a switch of
//! [`Settings`], or strict, so that an adapter that satisfies this server is on the safe side. The fact sheet's
//! chapter 6 is the list of duties. The default account ([`Account::default`]) is fixed; ids come from a counter, so
//! that every run is the same. The time comes from the given [`Clock`]; the lock is never held over a wait.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

mod account;
mod authorization;
mod calendar;
mod call;
mod control;
mod conversion;
mod customer;
mod customers;
mod fault;
mod fields;
mod list;
mod merchants;
mod network;
mod operator;
mod operator_index;
mod reply;
mod route;
mod serve;
mod services;
mod settings;
#[cfg(test)]
mod tests;

pub use account::{Account, Commission, Pay, Publisher};
pub use call::Call;
pub use control::ControlError;
pub use conversion::{APPROVED, Conversion, DUPLICATED, Kind, Line, PENDING, REJECTED};
pub use customer::Customer;
pub use fault::{Fault, PlannedFault};
pub use settings::{Calendar, RepeatedCustomer, RepeatedOrder, Settings, Zone};

use network::Network;

/// Says what time it is.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The practice partner. Clones share one state.
#[derive(Clone)]
pub struct Affili {
    clock: Clock,
    network: Arc<Mutex<Network>>,
}

impl Affili {
    /// With the default account and settings.
    pub fn new(clock: Clock) -> Self {
        Self::with_account(clock, Account::default())
    }

    /// With an account of one's own.
    pub fn with_account(clock: Clock, account: Account) -> Self {
        Self { clock, network: Arc::new(Mutex::new(Network::of(account))) }
    }

    /// Affili's endpoints, and `/_control` for operators.
    pub fn router(&self) -> axum::Router {
        serve::router(self.clone())
    }

    /// The state. A panic of another holder does not matter: no change is done by halves.
    fn lock(&self) -> MutexGuard<'_, Network> {
        self.network.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
