//! Which call of Affili a path and a method are. The path decides first: a wrong method is told apart from a wrong path.

use percent_encoding::percent_decode_str;

/// The two families, each with its own token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// `/api/merchants/...`
    Merchants,
    /// `/services/...`
    Services,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    SetCookie,
    CreateConversion,
    ListConversions,
    FindConversion(String),
    UpdateConversion(String),
    CreateServicesConversion,
    UpdateServicesConversion(String),
    CreateCustomer,
    ListCustomers,
    EditCustomer(String),
}

impl Route {
    /// Whose token it needs.
    pub fn family(&self) -> Family {
        match self {
            Self::SetCookie
            | Self::CreateConversion
            | Self::ListConversions
            | Self::FindConversion(_)
            | Self::UpdateConversion(_) => Family::Merchants,
            Self::CreateServicesConversion
            | Self::UpdateServicesConversion(_)
            | Self::CreateCustomer
            | Self::ListCustomers
            | Self::EditCustomer(_) => Family::Services,
        }
    }

    /// `tag` of its answer. Two are documented: findConversion and saveCustomer.
    pub fn tag(&self) -> &'static str {
        match self {
            Self::SetCookie => "setCookie",
            Self::CreateConversion | Self::CreateServicesConversion => "saveConversion",
            Self::ListConversions => "listConversions",
            Self::FindConversion(_) => "findConversion",
            Self::UpdateConversion(_) | Self::UpdateServicesConversion(_) => "updateConversion",
            Self::CreateCustomer | Self::EditCustomer(_) => "saveCustomer",
            Self::ListCustomers => "listCustomers",
        }
    }
}

/// Why there is no such call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// 404
    Path,
    /// 405, and what the path takes.
    Method(&'static str),
}

/// The parts of a path, decoded. A slash at the end counts for nothing.
pub(super) fn parts(path: &str) -> Vec<String> {
    path.trim_matches('/').split('/').map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned()).collect()
}

/// Finds the call.
pub(super) fn find(method: &str, path: &str) -> Result<Route, Miss> {
    let parts = parts(path);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match (parts.as_slice(), method) {
        (["api", "merchants", "set-cookie"], "POST") => Ok(Route::SetCookie),
        (["api", "merchants", "conversions"], "POST") => Ok(Route::CreateConversion),
        (["api", "merchants", "conversions"], "GET") => Ok(Route::ListConversions),
        (["api", "merchants", "conversions", id], "GET") => Ok(Route::FindConversion((*id).to_owned())),
        (["api", "merchants", "conversions", id], "POST") => Ok(Route::UpdateConversion((*id).to_owned())),
        (["services", "conversions"], "POST") => Ok(Route::CreateServicesConversion),
        (["services", "conversions", id], "POST") => Ok(Route::UpdateServicesConversion((*id).to_owned())),
        (["services", "customers"], "POST") => Ok(Route::CreateCustomer),
        (["services", "customers"], "GET") => Ok(Route::ListCustomers),
        (["services", "customers", id], "POST") => Ok(Route::EditCustomer((*id).to_owned())),
        (["api", "merchants", "conversions"] | ["api", "merchants", "conversions", _], _) => {
            Err(Miss::Method("GET, POST"))
        }
        (["services", "customers"], _) => Err(Miss::Method("GET, POST")),
        (["api", "merchants", "set-cookie"] | ["services", "conversions"], _) => Err(Miss::Method("POST")),
        (["services", "conversions" | "customers", _], _) => Err(Miss::Method("POST")),
        _ => Err(Miss::Path),
    }
}
