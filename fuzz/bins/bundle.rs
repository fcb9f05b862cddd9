//! The target `bundle` for cargo fuzz.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::run("bundle", bytes));
