//! Value types without I/O: what every other room may use. They know no database, no HTTP library, no clock
//! but the one handed to them.

pub mod clock;
pub mod country;
pub mod csv;
pub mod disk;
pub mod dots;
pub mod email;
pub mod exchange;
pub mod field_error;
pub mod heartbeat;
pub mod ids;
pub mod jalali;
pub mod money;
pub mod page;
pub mod percent;
pub mod phone;
pub mod pulse;
pub mod secret;
pub mod sheet;
pub mod text;
pub mod text_enum;
