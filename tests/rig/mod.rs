//! What the drills and the benchmarks run on: a durable PostgreSQL of their own, the real program as a process, a
//! partner that counts, and a load. Everything is on this machine and ends with the process that made it.

pub mod balance;
pub mod chance;
pub mod load;
pub mod network;
pub mod partner;
pub mod plays;
pub mod postgres;
pub mod posting;
pub mod program;
pub mod proxy;
pub mod set_up;
pub mod told;
pub mod wire;
