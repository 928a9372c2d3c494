//! `cargo xtask autobahn`: what the Autobahn suite says of the bridge's WebSocket layer, and of the
//! relay itself.
//!
//! The suite is written for servers that echo messages, text and binary. An example around our layer
//! is one, and has to pass every case; compression, which is declined, the suite counts apart. The
//! relay, in front of a TCP server that echoes, refuses text and keeps no messages together, so
//! `drive.py` sends it the suite's text as binary and takes what comes back as a stream. It has to
//! pass the sections on pings, reserved bits, opcodes and closing; the others are about messages.
//!
//! | file | holds |
//! |---|---|
//! | `run` | the two servers under test, and the verdict |
//! | `python` | the installation of the suite |
//! | `report` | the suite's report |
//! | `drive.py` | the suite's driver |

mod python;
mod report;
mod run;

pub(crate) use run::run;
