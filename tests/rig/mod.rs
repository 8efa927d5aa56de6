//! What the drills and the benchmarks run on: a durable PostgreSQL of their own, the real program as a process, a
//! partner that counts, and a load. Everything is on this machine and ends with the process that made it.

pub mod load;
pub mod partner;
pub mod postgres;
pub mod program;
pub mod set_up;
pub mod wire;
