//! Recognises the host by the file name of the running program.
//!
//! Plugin formats can name the host, but the framework does not pass that name on.

use std::path::Path;

/// A host that Descant has routing steps for.
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
    /// All hosts, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Live,
        Self::FlStudio,
        Self::Bitwig,
        Self::Reaper,
        Self::Cubase,
        Self::Ardour,
        Self::Standalone,
    ];

    /// Its name, in the panel and in the manual.
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

    /// Its name where there is little room.
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

/// The program that Descant runs in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Program {
    /// Its file name without the extension; empty if not known.
    pub name: String,
    /// The recognised host; `None` for others.
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

    /// The program with this file name.
    pub fn named(file_name: &str) -> Self {
        // Unlike `Path`, which would take ".0" of "ardour-7.3.0" for an extension.
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
}
