//! Who is asking. Decided once, by `http::rights`, and handed to handlers as an extractor.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use uuid::Uuid;

use super::error::Error;

crate::text_enum! {
    /// Role of a person with a login.
    pub enum UserRole {
        /// Everything.
        Admin = "admin",
        /// Everything but secrets and users.
        Manager = "manager",
        /// Leads with masked contacts.
        Support = "support",
        /// Reports only.
        Analyst = "analyst",
        /// The portal of one webmaster, and nothing else.
        Webmaster = "webmaster",
    }
}

impl UserRole {
    /// Whether this person may act on leads and networks.
    pub const fn is_manager(self) -> bool {
        matches!(self, Self::Admin | Self::Manager)
    }
}

/// Who is asking.
#[derive(Clone, Debug)]
pub enum Principal {
    /// An admin token, or the one of the environment (without an id).
    AdminToken {
        /// Its id.
        token_id: Option<Uuid>,
    },
    /// A webmaster's token.
    Webmaster {
        /// The webmaster.
        webmaster_id: Uuid,
        /// Its token.
        token_id: Uuid,
    },
    /// A partner's token for the AlterCPA-compatible `comp` calls.
    Network {
        /// The network.
        network_id: Uuid,
    },
    /// An external site's token for the AlterCPA-compatible `site` calls.
    Site {
        /// The offer.
        offer_id: Uuid,
    },
    /// A person with a session.
    User {
        /// The person.
        user_id: Uuid,
        /// E-mail.
        email: String,
        /// What the person may do.
        role: UserRole,
    },
    /// A webmaster in his portal.
    Partner {
        /// The webmaster.
        webmaster_id: Uuid,
        /// What he is called.
        name: String,
        /// How he came in.
        door: Door,
    },
}

/// How a webmaster came into his portal.
#[derive(Clone, Debug)]
pub enum Door {
    /// With a login of his own.
    Login {
        /// The login.
        user_id: Uuid,
        /// E-mail.
        email: String,
    },
    /// By a link that needs no password.
    Link {
        /// The link.
        portal_link_id: Uuid,
    },
}

impl Principal {
    /// Whether it may see and do everything in the API.
    pub const fn is_admin(&self) -> bool {
        matches!(self, Self::AdminToken { .. } | Self::User { role: UserRole::Admin, .. })
    }

    /// The webmaster whose own data this is restricted to.
    pub const fn webmaster_id(&self) -> Option<Uuid> {
        match self {
            Self::Webmaster { webmaster_id, .. } | Self::Partner { webmaster_id, .. } => Some(*webmaster_id),
            _ => None,
        }
    }

    /// The account of a person who has signed in with a password.
    pub const fn user_id(&self) -> Option<Uuid> {
        match self {
            Self::User { user_id, .. } | Self::Partner { door: Door::Login { user_id, .. }, .. } => Some(*user_id),
            _ => None,
        }
    }

    /// Who it is in the audit log and on timelines.
    pub fn actor(&self) -> String {
        match self {
            Self::AdminToken { token_id: Some(id) } => format!("token:{id}"),
            Self::AdminToken { token_id: None } => "token:environment".into(),
            Self::Webmaster { webmaster_id, .. } => format!("webmaster:{webmaster_id}"),
            Self::Network { network_id } => format!("network:{network_id}"),
            Self::Site { offer_id } => format!("site:{offer_id}"),
            Self::User { email, .. } | Self::Partner { door: Door::Login { email, .. }, .. } => format!("user:{email}"),
            Self::Partner { door: Door::Link { portal_link_id }, .. } => format!("link:{portal_link_id}"),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or(Error::Unauthorized)
    }
}
