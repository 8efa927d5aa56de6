//! The business acts, one file each: what is done together is done in one transaction here, and every call to the
//! outside is made with no connection held.

pub mod accept_lead;
pub mod alerts;
pub mod apply_status;
mod ask_partner;
pub mod assign_report;
pub mod batch;
pub mod change_lead;
pub mod deliver_lead;
pub mod erase_lead;
pub mod exchange;
pub mod import;
pub mod map_status;
pub mod poll_network;
mod postback_text;
pub mod preview;
pub mod publish_routing;
pub mod purge;
pub mod records;
pub mod replay;
pub mod resolve;
mod room;
mod route;
pub mod route_leads;
pub mod sandbox;
pub mod send_postback;
pub mod settings;
pub mod shop;
pub mod start_polls;
pub mod status_words;
pub mod take_inbound;
pub mod tell_network;
pub mod test_network;
pub mod test_postback;
pub mod waiters;
