//! .

pub mod demo;
