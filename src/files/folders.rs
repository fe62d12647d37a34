//! Finds the system's folders for the user's data and music, by the rules of each system.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder for everything that Descant keeps for the user; `None` if the system names no home folder. It may not exist
/// yet.
pub fn data() -> Option<PathBuf> {
    System::this().data()
}

/// The user's music folder; `None` if the system names no home folder. It may not exist.
pub fn music() -> Option<PathBuf> {
    System::this().music()
}

/// The system and environment that determine the folders.
struct System<V> {
    /// Its name, as [`std::env::consts::OS`] has it.
    os: &'static str,
    /// Looks up an environment variable.
    variable: V,
    home: Option<PathBuf>,
    /// The music folder that the system's own interface names, if it has one.
    known_music: fn() -> Option<PathBuf>,
}

impl System<fn(&str) -> Option<OsString>> {
    fn this() -> Self {
        Self {
            os: std::env::consts::OS,
            variable: |name| std::env::var_os(name),
            home: std::env::home_dir(),
            known_music,
        }
    }
}

impl<V: Fn(&str) -> Option<OsString>> System<V> {
    /// # Source
    ///
    /// XDG Base Directory Specification 0.8, which has relative paths ignored; Apple's File System Programming Guide;
    /// Microsoft's known folder `RoamingAppData`.
    fn data(&self) -> Option<PathBuf> {
        Some(match self.os {
            "macos" => self.home("Library/Application Support")?.join("Descant"),
            "windows" => self.named_or("APPDATA", "AppData/Roaming")?.join("Descant"),
            _ => self.named_or("XDG_DATA_HOME", ".local/share")?.join("descant"),
        })
    }

    /// `Music` in the user's home, unless the system names another folder: on Windows a moved one, on Linux one with a
    /// translated name.
    fn music(&self) -> Option<PathBuf> {
        let elsewhere = match self.os {
            "macos" => None,
            "windows" => (self.known_music)(),
            _ => self.xdg_music(),
        };
        elsewhere.or_else(|| self.home("Music"))
    }

    /// The music folder as the file `user-dirs.dirs` names it.
    fn xdg_music(&self) -> Option<PathBuf> {
        let path = self.named_or("XDG_CONFIG_HOME", ".config")?.join("user-dirs.dirs");
        music_in(&fs::read_to_string(path).ok()?, self.home.as_deref()?)
    }

    fn home(&self, folder: &str) -> Option<PathBuf> {
        Some(self.home.as_ref()?.join(folder))
    }

    /// The folder that the environment variable `name` holds, or else `folder` in the user's home.
    fn named_or(&self, name: &str, folder: &str) -> Option<PathBuf> {
        let named = (self.variable)(name).map(PathBuf::from).filter(|path| path.has_root());
        named.or_else(|| self.home(folder))
    }
}

/// The music folder that Windows keeps for its user.
#[cfg(windows)]
fn known_music() -> Option<PathBuf> {
    known_folders::get_known_folder_path(known_folders::KnownFolder::Music)
}

/// Always `None`: only Windows has an interface for it.
#[cfg(not(windows))]
const fn known_music() -> Option<PathBuf> {
    None
}

/// The music folder that `text`, the contents of `user-dirs.dirs`, names for the user whose home is `home`.
///
/// The file is a shell script of assignments alone: `XDG_MUSIC_DIR="$HOME/Musik"`. A path is in double quotes, in which a
/// backslash escapes the character after it, and begins with `$HOME/` or `/`; other values are ignored. The last assignment
/// counts. `$HOME` alone means that there is no music folder.
///
/// # Source
///
/// The manual page user-dirs.dirs(5) of xdg-user-dirs.
fn music_in(text: &str, home: &Path) -> Option<PathBuf> {
    text.lines().filter_map(|line| path_of(line.trim(), home)).next_back().filter(|path| path != home)
}

/// The path that `line` assigns to the music folder; `None` if it assigns none.
fn path_of(line: &str, home: &Path) -> Option<PathBuf> {
    let value = line.strip_prefix("XDG_MUSIC_DIR")?.trim_start().strip_prefix('=')?.trim_start();
    let path = unquoted(value)?;
    match path.strip_prefix("$HOME") {
        Some("") => Some(home.to_owned()),
        // `$HOME//x` is not the absolute path `/x`.
        Some(below) => Some(home.join(below.strip_prefix('/')?.trim_start_matches('/'))),
        None => Some(PathBuf::from(path)).filter(|path| path.has_root()),
    }
}

/// The text in double quotes at the start of `value`, unescaped; `None` if the quotes do not close.
fn unquoted(value: &str) -> Option<String> {
    let mut characters = value.strip_prefix('"')?.chars();
    let mut found = String::new();
    loop {
        match characters.next()? {
            '"' => return Some(found),
            '\\' => found.push(characters.next()?),
            character => found.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_has_its_data_folder() {
        for (os, variable, expected) in [
            ("linux", None, "/me/.local/share/descant"),
            ("linux", Some("/data"), "/data/descant"),
            ("linux", Some("data"), "/me/.local/share/descant"),
            ("macos", Some("/data"), "/me/Library/Application Support/Descant"),
            ("windows", None, "/me/AppData/Roaming/Descant"),
            ("windows", Some("/roaming"), "/roaming/Descant"),
        ] {
            let variable = |_: &str| variable.map(OsString::from);
            let found =
                System { os, variable, home: Some(PathBuf::from("/me")), known_music: || None }.data();
            assert_eq!(found, Some(PathBuf::from(expected)), "{os}");
        }
        let homeless = System { os: "linux", variable: |_: &str| None, home: None, known_music: || None };
        assert_eq!(homeless.data(), None);
        assert_eq!(homeless.music(), None);
    }

    #[test]
    fn the_music_folder_has_the_name_that_the_user_gave_it() {
        for (text, expected) in [
            ("XDG_MUSIC_DIR=\"$HOME/Musik\"", Some("/me/Musik")),
            (
                "# a comment\n\nXDG_DESKTOP_DIR=\"$HOME/Tisch\"\n  XDG_MUSIC_DIR=\"/big/Music \"\n",
                Some("/big/Music "),
            ),
            ("#XDG_MUSIC_DIR=\"$HOME/Musik\"", None),
            ("XDG_MUSIC_DIR=\"$HOME/a\\\"b\\\\c\"", Some("/me/a\"b\\c")),
            ("XDG_MUSIC_DIR=\"$HOME/one\"\nXDG_MUSIC_DIR=\"$HOME/two\" # later", Some("/me/two")),
            ("XDG_MUSIC_DIR=\"$HOME//Musik\"", Some("/me/Musik")),
            ("XDG_MUSIC_DIR=\"Musik\"", None),
            ("XDG_MUSIC_DIR=\"$HOMEMusik\"", None),
            ("XDG_MUSIC_DIR=\"$HOME\"", None),
            ("XDG_MUSIC_DIR=\"$HOME/\"", None),
            ("XDG_MUSIC_DIR=\"$HOME/open", None),
            ("XDG_MUSIC_DIR=$HOME/Musik", None),
            ("XDG_MUSIC_DIR_2=\"$HOME/Musik\"", None),
            ("", None),
        ] {
            assert_eq!(music_in(text, Path::new("/me")), expected.map(PathBuf::from), "{text}");
        }
    }

    #[test]
    fn every_system_is_asked_for_the_music_folder_in_its_own_way() {
        let config = tempfile::tempdir().unwrap();
        let music_of = |os, known_music| {
            let variable = |_: &str| Some(config.path().into());
            System { os, variable, home: Some(PathBuf::from("/me")), known_music }.music().unwrap()
        };
        let music = |os| music_of(os, || None);
        assert_eq!(music("linux"), Path::new("/me/Music"));
        fs::write(config.path().join("user-dirs.dirs"), "XDG_MUSIC_DIR=\"$HOME/Musik\"\n").unwrap();
        assert_eq!(music("linux"), Path::new("/me/Musik"));
        assert_eq!(music("macos"), Path::new("/me/Music"));
        assert_eq!(music("windows"), Path::new("/me/Music"));
        let moved = |os| music_of(os, || Some(PathBuf::from("/big/Music")));
        assert_eq!(moved("windows"), Path::new("/big/Music"));
        assert_eq!(moved("macos"), Path::new("/me/Music"));
        assert_eq!(moved("linux"), Path::new("/me/Musik"));
    }
}
