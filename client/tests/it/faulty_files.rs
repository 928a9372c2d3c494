//! Files that fail on command: those of the unit tests, which are no part of the client.

use restante_client::engine::store::spool::{File, Files, StorageError};

#[path = "../../src/engine/store/spool/faults.rs"]
#[expect(dead_code, reason = "some of its faults are for the unit tests")]
mod faults;

pub(crate) use faults::{Faults, FaultyFiles};
