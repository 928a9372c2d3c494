//! The project's commands: `cargo xtask demo`, `test`, `dev`, `check`, `sizes`, `package`, `fuzz` and
//! `replay`; `bench`, `soak` and `autobahn` are calls of the crate `bench`.
//!
//! None of the product is in here. Each command is a file. The crate `bench` uses the public modules
//! too, such as [`process`] (children that end with their parent), [`packages`] (the installation of
//! the distribution's packages), and [`client`] and [`bridge`] (their builds).

// Printing is what a command-line tool does.
#![allow(clippy::print_stderr, clippy::print_stdout)]

pub mod bridge;
pub mod browser;
pub mod client;
pub mod fingerprint;
pub mod packages;
pub mod process;
pub mod tally;
pub mod workspace;

mod bench;
mod check;
mod command;
mod demo;
mod dev;
mod fuzz;
mod matrix;
mod package;
mod replay;
mod rules;
mod service_worker;
mod sizes;
mod test;
mod tools;

pub use command::main;
