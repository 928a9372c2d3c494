//! The page: Yew components that draw what the engine reports and send what the reader asks.
//!
//! [`state`] decides everything without a browser; the components only draw it and pass on wishes.

pub mod figures;
pub mod plain_text;
pub mod route;
pub mod state;
pub mod words;
