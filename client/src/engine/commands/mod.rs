//! The commands of the page, each carried out.

mod answers;
