//! The short form runs with all tests; the long one (`make drill`) has more of everything. Both are made random by
//! one seed, which is printed: with `SEED=` a failure can be repeated.

use std::sync::OnceLock;
use std::time::Duration;

use crate::rig::chance::Chance;

/// How a drill is run.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    pub is_long: bool,
    pub seed: u64,
}

/// The form of this run.
pub fn form() -> Form {
    static FORM: OnceLock<Form> = OnceLock::new();
    *FORM.get_or_init(|| {
        let is_long = variable("DRILL").is_some_and(|form| form == "long");
        let seed = variable("SEED").and_then(|seed| seed.parse().ok());
        // The short form is the same each time unless told otherwise: a test that fails must fail again.
        let seed =
            seed.unwrap_or(if is_long { u64::from(std::process::id()).wrapping_mul(0x9e37_79b9_7f4a_7c15) } else { 1 });
        Form { is_long, seed }
    })
}

#[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Form {
    /// One of two amounts.
    pub fn pick<T>(self, short: T, long: T) -> T {
        if self.is_long { long } else { short }
    }

    /// Chance for a part of the drill.
    pub fn chance(self, name: &str) -> Chance {
        Chance::new(self.seed, name)
    }

    /// How long a state may take to come. Generous: the machine does other things as well.
    pub fn patience(self) -> Duration {
        Duration::from_secs(self.pick(90, 1200))
    }
}
