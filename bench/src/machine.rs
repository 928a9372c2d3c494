//! A description of the machine that measures.

use std::fs;

/// Describes processor, cores, load and congestion control of the machine in one line.
pub(crate) fn describe() -> String {
    let read = |file| fs::read_to_string(file).unwrap_or_default();
    let processor = read("/proc/cpuinfo");
    let processor = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    let pacing = read("/proc/sys/net/ipv4/tcp_congestion_control");
    format!(
        "{processor}, {cores} cores, load {load}, {} connections",
        pacing.trim()
    )
}
