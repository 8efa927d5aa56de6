//! The bearer check. Its documentation writes the token in quotes; a literal copy of that must fail here already.

use super::account::Account;
use super::call::Call;
use super::reply::{Errors, Reply};
use super::route::Family;

/// The refusal of a caller without the right token.
pub(super) fn refusal(call: &Call, family: Family, account: &Account, one_token_for_both: bool) -> Option<Reply> {
    let refuse = |message| Some(Reply::error(401, "authenticate", Errors::of("authorization", message)));
    let Some(header) = call.header("authorization") else {
        return refuse("header is missing");
    };
    if header.contains(['"', '\'']) {
        return refuse("header has a token in quotes: send the bare token");
    }
    let scheme_and_token = header.trim().split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, token)) = scheme_and_token else {
        return refuse("header must be Bearer and a token");
    };
    let (own, other) = match family {
        Family::Merchants => (&account.access_id, &account.services_token),
        Family::Services => (&account.services_token, &account.access_id),
    };
    let token = token.trim();
    if token == own || one_token_for_both && token == other { None } else { refuse("token is unknown here") }
}
