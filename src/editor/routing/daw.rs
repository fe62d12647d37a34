//! The hosts that Descant knows by name, and what to click in each so that Descant's notes play another instrument.
//!
//! No plugin format's name for the host reaches us through the framework, so a host is known by the program that runs. The
//! texts are those of the table in README.md; what stands between asterisks is written on the screen.

use std::path::Path;

/// A host that Descant knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Daw {
    /// Ableton Live.
    Live,
    /// FL Studio.
    FlStudio,
    /// Bitwig Studio.
    Bitwig,
    /// Reaper.
    Reaper,
    /// Cubase and Nuendo.
    Cubase,
    /// Ardour.
    Ardour,
    /// Our own standalone.
    Standalone,
}

impl Daw {
    /// In the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Live,
        Self::FlStudio,
        Self::Bitwig,
        Self::Reaper,
        Self::Cubase,
        Self::Ardour,
        Self::Standalone,
    ];

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Live => "Ableton Live",
            Self::FlStudio => "FL Studio",
            Self::Bitwig => "Bitwig Studio",
            Self::Reaper => "Reaper",
            Self::Cubase => "Cubase or Nuendo",
            Self::Ardour => "Ardour",
            Self::Standalone => "Descant's standalone",
        }
    }

    /// What it is called where there is little room.
    pub const fn short_title(self) -> &'static str {
        match self {
            Self::Live => "Live",
            Self::FlStudio => "FL Studio",
            Self::Bitwig => "Bitwig",
            Self::Reaper => "Reaper",
            Self::Cubase => "Cubase",
            Self::Ardour => "Ardour",
            Self::Standalone => "Standalone",
        }
    }

    /// What to do, one thing after the other, so that another instrument plays Descant's notes.
    pub const fn steps(self) -> &'static [&'static str] {
        match self {
            Self::Live => &[
                "Put the other instrument on a MIDI track of its own.",
                "On that track set *MIDI From* to Descant's track, and in the menu below it choose *Descant* instead \
                 of *Post FX*. If there is no *MIDI From*, show *In/Out*: Ctrl+Alt+I, on macOS Cmd+Option+I.",
                "Set *Monitor* to *In*.",
                "Live loads Descant as VST3 and merges its channels: to send one part alone, mute the others.",
            ],
            Self::FlStudio => &[
                "Add the other instrument to the *Channel rack*.",
                "In Descant's window click the gear; under *MIDI* set *Output port* to a free number, such as 1.",
                "In the other instrument's window click the gear, and set *Input port* to the same number.",
            ],
            Self::Bitwig => &[
                "Put the other instrument on a track of its own.",
                "Add the device *Note Receiver* in front of it.",
                "As its source choose Descant's track, and there the notes that come out of *Descant*.",
                "For one part alone add a *Channel Filter* after it, and leave on only the part's channel.",
            ],
            Self::Reaper => &[
                "Put the other instrument on a track of its own.",
                "Drag from the *Route* button of Descant's track to that track: this makes a send.",
                "In the send's window set *Audio* to *None*, and *MIDI* from the part's channel to 1, or from *All* \
                 to *All*.",
            ],
            Self::Cubase => &[
                "Put the other instrument on an instrument track of its own.",
                "In that track's *Inspector*, as input routing, choose Descant's MIDI output instead of *All MIDI \
                 Inputs*.",
                "Click *Monitor*, the loudspeaker, on that track.",
            ],
            Self::Ardour => &[
                "Put the other instrument on a MIDI track of its own.",
                "Open *Window → MIDI Connections*, and connect the MIDI output of Descant's track to the MIDI input \
                 of the other track.",
                "On the other track click *In*, so that it plays what comes in.",
            ],
            Self::Standalone => &[
                "Start the other instrument, as a program or a device with a MIDI input.",
                "Start Descant with *--midi-output* and that input's name; an empty name lists all of them. With JACK \
                 connect *midi_output* there, or name it after *--connect-jack-midi-output*.",
            ],
        }
    }

    /// What to do if Descant's notes come back to Descant's own input.
    pub const fn unloop(self) -> &'static str {
        match self {
            Self::Live => "On Descant's own track set *MIDI From* to your keyboard.",
            Self::FlStudio => {
                "In Descant's own window set *Input port* to another number than *Output port*."
            }
            Self::Bitwig => {
                "On Descant's own track choose your keyboard as input, and have no *Note Receiver*."
            }
            Self::Reaper => "Remove the send that leads to Descant's own track, or its MIDI.",
            Self::Cubase => "On Descant's own track choose your keyboard as input routing.",
            Self::Ardour => {
                "In *Window → MIDI Connections* take Descant's output off the input of Descant's own track."
            }
            Self::Standalone => "Connect its MIDI input to your keyboard, and not to its own output.",
        }
    }

    /// The host whose program file is called `name`, without its extension.
    fn of_program(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
        let is = |names: &[&str]| names.contains(&name.as_str());
        Some(if begins(&["ableton"]) || is(&["live"]) {
            Self::Live
        } else if begins(&["fl64", "fl studio", "fl ("]) || is(&["fl", "osxfl", "ilbridge"]) {
            Self::FlStudio
        } else if begins(&["bitwig"]) {
            Self::Bitwig
        } else if begins(&["reaper"]) {
            Self::Reaper
        } else if begins(&["cubase", "nuendo"]) {
            Self::Cubase
        } else if begins(&["ardour"]) {
            Self::Ardour
        } else if is(&["descant"]) {
            Self::Standalone
        } else {
            return None;
        })
    }
}

/// What to do in a host that Descant does not know.
pub const ANY_STEPS: &[&str] = &[
    "Put the other instrument on a track of its own.",
    "Find that track's MIDI input (*MIDI from*, *note input*, *input routing*) and choose Descant's track, or Descant. \
     If it has none, look on Descant's track for a MIDI *send* or *output*, and choose the other track there.",
    "Switch that track's monitoring on, so that it plays what comes in.",
];

/// What to do there if Descant's notes come back to its own input.
pub const ANY_UNLOOP: &str = "On Descant's own track choose your keyboard as MIDI input.";

/// The program that Descant runs in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Program {
    /// What its file is called, without the extension; empty if that is not known.
    pub name: String,
    /// The host that it is.
    pub daw: Option<Daw>,
}

impl Program {
    /// The program of this process.
    pub fn current() -> Self {
        std::env::current_exe().map_or_else(|_| Self::default(), |path| Self::at(&path))
    }

    /// The program whose file lies at `path`.
    fn at(path: &Path) -> Self {
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        Self::named(&file_name)
    }

    /// The program whose file is called so.
    pub fn named(file_name: &str) -> Self {
        // Not what `Path` takes for the extension: "ardour-7.3.0" has none.
        let name = match file_name.rsplit_once('.') {
            Some((name, extension)) if extension.eq_ignore_ascii_case("exe") => name,
            _ => file_name,
        };
        Self { name: name.to_owned(), daw: Daw::of_program(name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_the_hosts_that_they_belong_to() {
        for (file_name, name, daw) in [
            ("Ableton Live 12 Suite.exe", "Ableton Live 12 Suite", Some(Daw::Live)),
            ("Ableton Live 11 Lite.exe", "Ableton Live 11 Lite", Some(Daw::Live)),
            ("Live", "Live", Some(Daw::Live)),
            ("FL64.exe", "FL64", Some(Daw::FlStudio)),
            ("FL64 (scaled).exe", "FL64 (scaled)", Some(Daw::FlStudio)),
            ("FL.exe", "FL", Some(Daw::FlStudio)),
            ("ilbridge.exe", "ilbridge", Some(Daw::FlStudio)),
            ("OsxFL", "OsxFL", Some(Daw::FlStudio)),
            ("FL Studio", "FL Studio", Some(Daw::FlStudio)),
            ("Bitwig Studio.exe", "Bitwig Studio", Some(Daw::Bitwig)),
            ("BitwigStudio", "BitwigStudio", Some(Daw::Bitwig)),
            ("BitwigPluginHost-X64-SSE41.exe", "BitwigPluginHost-X64-SSE41", Some(Daw::Bitwig)),
            ("BitwigAudioEngine-X64-AVX2", "BitwigAudioEngine-X64-AVX2", Some(Daw::Bitwig)),
            ("reaper.exe", "reaper", Some(Daw::Reaper)),
            ("REAPER", "REAPER", Some(Daw::Reaper)),
            ("reaper", "reaper", Some(Daw::Reaper)),
            ("reaper_host64.exe", "reaper_host64", Some(Daw::Reaper)),
            ("Cubase13.exe", "Cubase13", Some(Daw::Cubase)),
            ("Cubase 14", "Cubase 14", Some(Daw::Cubase)),
            ("Cubase LE AI Elements 12.exe", "Cubase LE AI Elements 12", Some(Daw::Cubase)),
            ("Nuendo13.exe", "Nuendo13", Some(Daw::Cubase)),
            ("ardour-7.3.0", "ardour-7.3.0", Some(Daw::Ardour)),
            ("ardour-8.12", "ardour-8.12", Some(Daw::Ardour)),
            ("Ardour8", "Ardour8", Some(Daw::Ardour)),
            ("Ardour.EXE", "Ardour", Some(Daw::Ardour)),
            ("descant.exe", "descant", Some(Daw::Standalone)),
            ("descant", "descant", Some(Daw::Standalone)),
            ("Studio One.exe", "Studio One", None),
            ("Logic Pro", "Logic Pro", None),
            ("flutter", "flutter", None),
            ("livestream", "livestream", None),
            ("qtractor", "qtractor", None),
            ("", "", None),
        ] {
            assert_eq!(Program::named(file_name), Program { name: name.to_owned(), daw }, "{file_name}");
            assert_eq!(Program::at(&Path::new("programs").join(file_name)).daw, daw, "{file_name}");
        }
    }

    #[test]
    fn the_readme_says_the_same() {
        let readme = include_str!("../../../README.md");
        for (title, steps) in
            Daw::ALL.map(|daw| (daw.title(), daw.steps())).into_iter().chain([("any other", ANY_STEPS)])
        {
            let row = format!("| {title} | {} |", steps.join(" "));
            assert!(readme.contains(&row), "README.md has to have this line in its table:\n{row}");
        }
    }

    #[test]
    fn emphasis_is_closed() {
        let texts = Daw::ALL.iter().flat_map(|daw| daw.steps().iter().copied().chain([daw.unloop()]));
        for text in texts.chain(ANY_STEPS.iter().copied()).chain([ANY_UNLOOP]) {
            assert_eq!(text.matches('*').count() % 2, 0, "{text}");
            assert!(text.ends_with('.') && !text.contains("  "), "{text}");
        }
    }
}
