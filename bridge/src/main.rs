//! The binary: reads the configuration, opens the socket, and runs the bridge until it is stopped.

fn main() {}
