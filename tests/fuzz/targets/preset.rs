//! Reads any bytes as a preset: they are refused, or written again unchanged.
#![no_main]

use descant::preset::Preset;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let Ok(preset) = Preset::from_toml(&text) else { return };
    let written = preset.to_toml().expect("a preset has a form as a file");
    assert_eq!(Preset::from_toml(&written).expect("what is written can be read"), preset);
});
