//! The numbering plans, compiled once per calling code and read without a lock. The library keeps its patterns
//! behind one mutex, which at thousands of leads a second is where all threads would meet.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use phonenumber::metadata::{DATABASE, Metadata};
use regex::{Regex, RegexBuilder};

/// The plan of one region.
struct Plan {
    region: String,
    /// Beginnings that are this region's alone among those that share the code.
    lead: Option<Regex>,
    general: Kind,
    kinds: Vec<Kind>,
}

/// One kind of numbers: mobile, fixed line …
struct Kind {
    pattern: Regex,
    lengths: Vec<u16>,
}

/// By calling code; the plans of one code in the order they are asked.
static CODES: LazyLock<HashMap<u16, OnceLock<Vec<Plan>>>> = LazyLock::new(|| {
    let is_used = |code: &u16| DATABASE.region(code).is_some();
    (1..=999).filter(is_used).map(|code| (code, OnceLock::new())).collect()
});

/// The region that a number (national part, leading zeros and all) is valid in; `001` for none of the world's.
pub(super) fn region(code: u16, national: &str) -> Option<&'static str> {
    let plans = CODES.get(&code)?.get_or_init(|| compile(code));
    let is_home = |plan: &&Plan| plan.lead.as_ref().is_none_or(|lead| lead.is_match(national)) && plan.fits(national);
    plans.iter().find(is_home).map(|plan| plan.region.as_str())
}

/// Splits international digits into calling code and national part. No code is the beginning of another.
pub(super) fn split(digits: &str) -> Option<(u16, &str)> {
    (1..=3).find_map(|length| {
        let (code, national) = digits.split_at_checked(length)?;
        let code = code.parse().ok().filter(|_| !code.starts_with('0'))?;
        CODES.contains_key(&code).then_some((code, national))
    })
}

impl Plan {
    fn fits(&self, national: &str) -> bool {
        self.general.fits(national) && self.kinds.iter().any(|kind| kind.fits(national))
    }
}

impl Kind {
    fn fits(&self, national: &str) -> bool {
        let has_length = |length: &u16| usize::from(*length) == national.len();
        (self.lengths.is_empty() || self.lengths.iter().any(has_length)) && self.pattern.is_match(national)
    }
}

fn compile(code: u16) -> Vec<Plan> {
    let mut plans = DATABASE.by_code(&code).unwrap_or_default();
    // Plans that name their beginnings are asked first: a main plan's patterns may cover them too.
    plans.sort_by_key(|plan| plan.leading_digits().is_none());
    plans.into_iter().filter_map(compile_plan).collect()
}

/// A pattern that does not compile would drop its plan; a test reads an example of every plan.
fn compile_plan(plan: &Metadata) -> Option<Plan> {
    let kinds = plan.descriptors();
    let kind = |kind: &phonenumber::metadata::Descriptor| {
        let pattern = pattern(&format!("^(?:{})$", kind.national_number().as_str()))?;
        Some(Kind { pattern, lengths: kind.possible_length().to_vec() })
    };
    Some(Plan {
        region: plan.id().to_owned(),
        lead: plan.leading_digits().and_then(|lead| pattern(&format!("^(?:{})", lead.as_str()))),
        general: kind(kinds.general())?,
        kinds: [
            kinds.mobile(),
            kinds.fixed_line(),
            kinds.toll_free(),
            kinds.premium_rate(),
            kinds.shared_cost(),
            kinds.voip(),
            kinds.personal_number(),
            kinds.pager(),
            kinds.uan(),
            kinds.voicemail(),
        ]
        .into_iter()
        .flatten()
        .filter_map(kind)
        .collect(),
    })
}

fn pattern(source: &str) -> Option<Regex> {
    // Only ASCII digits come here.
    RegexBuilder::new(source).ignore_whitespace(true).unicode(false).build().ok()
}
