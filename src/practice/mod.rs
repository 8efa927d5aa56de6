//! Partners to practise with: servers that speak as Affili, Duomai and a network of AlterCPA do, with their unpleasant
//! sides. The tests start them in their own process; an operator starts one with `leadrelay sandbox NAME`. They know
//! nothing of the rest of the program.

pub mod affili;
pub mod altercpa;
pub mod duomai;
