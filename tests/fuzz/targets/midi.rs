//! Reads any bytes as a MIDI file: they are refused, or what is read survives writing and reading again.
#![no_main]

use descant::music::Key;
use descant::smf::{self, WriteOptions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(score) = smf::read(bytes) else { return };
    score.segments().iter().for_each(|segment| drop(score.phrase(segment, Key::C_MAJOR)));
    if let Ok(written) = score.write() {
        let again = smf::read(&written).expect("what is written can be read");
        assert_eq!(again.end, score.end, "the file has another length");
        // What a damaged file still held is whole from now on.
        let twice = again.write().expect("what was written once can be written again");
        let third = smf::read(&twice).expect("what is written can be read");
        assert_eq!(third, again, "writing what was read changes it");
    }
    if let Ok((phrase, _)) = score.to_phrase(|_| Key::C_MAJOR) {
        let written = smf::write(&phrase, &WriteOptions::default()).expect("a phrase has a form as a file");
        let (again, _) = smf::read(&written)
            .and_then(|score| score.to_phrase(|_| Key::C_MAJOR))
            .expect("a phrase that was written can be read");
        assert_eq!(again.to_parts(), phrase.to_parts(), "notes were lost");
    }
});
