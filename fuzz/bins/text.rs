//! The target `text` for cargo fuzz.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::run("text", bytes));
