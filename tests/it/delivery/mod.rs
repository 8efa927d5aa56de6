//! Handing leads to networks.

mod outcomes;
