//! The bridge from outside: every test starts one on port 0 and speaks to it over sockets.
#![cfg(test)]

mod access;
mod backpressure;
mod binary;
mod check;
mod demo;
mod drain;
mod endings;
mod http;
mod logs;
mod policy;
mod policy_properties;
mod relay;
mod reverse_proxies;
mod site;
mod socket_activation;
mod ssrf;
mod status;
mod tls;
mod world;
