//! The newswire binary.
fn main() {}
