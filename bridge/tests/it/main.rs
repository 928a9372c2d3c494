//! The bridge over sockets: every test starts one on port 0 and connects to it.
#![cfg(test)]

mod abandoned;
mod access;
mod access_reload;
mod acme;
mod backpressure;
mod binary;
mod check;
mod churn;
mod documented;
mod drain;
mod endings;
mod hostile_frames;
mod hostile_http;
mod http;
mod limits;
mod log;
mod logs;
mod policy;
mod policy_properties;
mod program;
mod proxy;
mod relay;
mod reverse_proxies;
mod site;
mod socket_activation;
mod ssrf;
mod status;
mod tls;
mod tls_client;
mod tls_reload;
mod tls_signals;
mod wire;
mod world;
