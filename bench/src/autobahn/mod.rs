//! `cargo xtask autobahn`: runs the Autobahn suite against the bridge's WebSocket layer, and against the
//! relay itself.
//!
//! The suite is written for servers that echo text and binary messages. The bridge's example
//! `websocket_echo` is such a server around its WebSocket layer, and has to pass every case. The suite
//! counts compression apart, since the layer declines it. The relay, in front of a TCP server that
//! echoes, refuses text and does not preserve message boundaries. So `drive.py` sends it the suite's text
//! as binary, and reads the answers as a stream. The relay has to pass the sections on pings, reserved
//! bits, opcodes and closing; the others are about messages.
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
