//! The server as a whole: who may call what, what every answer carries, what it never says, and what it does
//! without its database.

mod answers;
mod outage;
mod privacy;
mod rights;
