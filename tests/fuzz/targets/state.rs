//! Loads any bytes as a stored project: they are kept byte for byte, or loaded and from then on stored without loss.
#![no_main]

use descant::session::Project;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let project = Project::from_text(&text);
    let stored = project.to_text();
    if project.error().is_some() {
        assert_eq!(stored, text, "what cannot be read is not kept");
        return;
    }
    let again = Project::from_text(&stored);
    assert_eq!(again.error(), None, "what was stored cannot be read");
    assert_eq!(again, project, "storing changes the project");
    let json = Project::from_text(&project.to_json());
    assert_eq!(json, project, "the readable form is another project");
});
