//! The query that names a target to the bridge: every parsed target is written so that it is parsed
//! again, and its query contains nothing but a host and a port.

#![no_main]

use libfuzzer_sys::fuzz_target;
use restante_shared::relay::{CloseCode, Target};

fuzz_target!(|bytes: &[u8]| {
    if let Some(number) = bytes.first_chunk::<2>().copied().map(u16::from_be_bytes)
        && let Some(code) = CloseCode::from_number(number)
    {
        assert_eq!(code.number(), number);
    }
    let Ok(query) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(target) = Target::from_query(query) else {
        return;
    };
    let written = target.to_query();
    assert_eq!(Target::from_query(&written).as_ref(), Ok(&target));
    let plain = |o: u8| o.is_ascii_alphanumeric() || b"-._:=&".contains(&o);
    assert!(written.bytes().all(plain), "{written}");
    assert_eq!(written.matches(['&', '=']).count(), 3, "{written}");
});
