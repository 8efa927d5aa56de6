//! The networks of the order against partners that speak as they do.

mod affili;
mod agency;
pub mod duomai;
mod duomai_orders;
mod shop;
