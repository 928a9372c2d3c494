//! Fetching messages.
//!
//! | file | holds |
//! |---|---|
//! | `retrieve` | RETR, as many ahead as the window allows |
//! | `window` | how much is in flight |
//! | `swallowed_reply` | messages that contain another reply |
//! | `batch` | messages that are stored and not yet committed |

pub(in crate::engine) mod batch;
pub(in crate::engine) mod retrieve;
pub(in crate::engine) mod swallowed_reply;
pub(in crate::engine) mod window;
