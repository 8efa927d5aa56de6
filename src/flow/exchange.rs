//! The driver: makes the calls an adapter asks for, one after the other, under one deadline, with no connection to
//! the database held.

use std::time::{Duration, Instant};

use crate::adapters::{Adapter, Lookup, MAX_STEPS, Next, SendCx, Step, TellCx};
use crate::base::exchange::{Answer, Exchange, Request};
use crate::domain::outcome::{Outcome, Resend};
use crate::net::{CallOptions, Client, Reuse};

/// What a call may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For all steps together, the bodies included.
    pub deadline: Duration,
    /// For a connection.
    pub connect_timeout: Duration,
    /// Whether a repeat does harm: decides about the reuse of connections.
    pub resend: Resend,
}

impl Limits {
    fn options(&self, left: Duration) -> CallOptions {
        CallOptions {
            deadline: left,
            connect_timeout: self.connect_timeout.min(left),
            // A kept connection that was closed under us looks like a lost answer.
            reuse: if self.resend == Resend::Once { Reuse::Brief } else { Reuse::Normal },
            is_list: false,
        }
    }
}

/// Sends a lead: the outcome and the exchanges that led to it.
pub async fn send(client: &Client, adapter: &dyn Adapter, cx: &SendCx<'_>, limits: Limits) -> (Outcome, Vec<Exchange>) {
    walk(client, adapter.send(cx), |step, answer| adapter.next(cx, step, answer), limits).await
}

/// Tells a network about a lead that it has.
pub async fn tell(client: &Client, adapter: &dyn Adapter, cx: &TellCx<'_>, limits: Limits) -> (Outcome, Vec<Exchange>) {
    walk(client, adapter.tell(cx), |step, answer| adapter.told(cx, step, answer), limits).await
}

/// Makes one call after the other until `next` has judged.
async fn walk(
    client: &Client,
    first: Result<Request, Outcome>,
    next: impl Fn(&Step, &Answer) -> Next,
    limits: Limits,
) -> (Outcome, Vec<Exchange>) {
    let started = Instant::now();
    let mut exchanges = Vec::new();
    let mut request = match first {
        Ok(request) => request,
        Err(outcome) => return (outcome, exchanges),
    };
    let mut step = Step::default();
    for _ in 0..MAX_STEPS {
        let left = limits.deadline.saturating_sub(started.elapsed());
        let exchange = client.call(request, limits.options(left)).await;
        let following = next(&step, &exchange.answer);
        exchanges.push(exchange);
        match following {
            Next::Finish(outcome) => return (outcome, exchanges),
            Next::Call(call, state) => {
                request = call;
                step = state;
            }
        }
    }
    (
        Outcome::Misconfigured { reason: format!("the integration wants more than {MAX_STEPS} calls for one lead") },
        exchanges,
    )
}

/// Asks for a lead by our id. `None` when the integration cannot, under its present settings.
pub async fn look_up(
    client: &Client,
    adapter: &dyn Adapter,
    cx: &SendCx<'_>,
    limits: Limits,
) -> Option<(Lookup, Exchange)> {
    let request = adapter.lookup(cx)?;
    let options = CallOptions { is_list: true, ..limits.options(limits.deadline) };
    let exchange = client.call(request, options).await;
    let found = adapter.read_lookup(cx, &exchange.answer);
    Some((found, exchange))
}
