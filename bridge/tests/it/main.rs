//! The bridge from outside: every test starts one on port 0 and speaks to it over sockets.
#![cfg(test)]

mod backpressure;
mod binary;
mod demo;
mod endings;
mod http;
mod logs;
mod policy;
mod relay;
mod reverse_proxies;
mod site;
mod tls;
mod world;
