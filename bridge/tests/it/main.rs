//! The bridge from outside: every test starts one on port 0 and speaks to it over sockets.
#![cfg(test)]

mod backpressure;
mod demo;
mod endings;
mod policy;
mod relay;
mod world;
