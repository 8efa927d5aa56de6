//! All tests that need a database, a process or a socket: one binary. `kit` is what they are made with.

mod kit;
mod ops;
