//! The library of presets, factory's and user's, each with a unique name: reading, finding and saving.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;

use super::{Preset, PresetError, factory, folder};

/// The longest name of a user preset, in characters: even with four bytes for each it fits a file name.
pub const MAX_NAME_CHARS: usize = 48;

/// Factory and user presets. No two names are equal, upper and lower case aside.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Library {
    /// The factory presets, category by category.
    pub factory: Vec<Preset>,
    /// The user's presets, sorted by name.
    pub user: Vec<Preset>,
    /// Files of the user's that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// The folder of the user's presets; `None` if the system names no home folder.
    pub folder: Option<PathBuf>,
}

/// A preset's file, or the whole folder, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The name of the file, or the path of the folder.
    pub file_name: String,
    /// The reason and what to do, as the rest of a sentence that begins with the name.
    pub why: String,
}

/// Error: no preset has the name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no preset {name:?}; there are {others}{unreadable}",
    others = .others.join(", "),
    unreadable = .unreadable.iter().map(|one| format!("; {} {}", one.file_name, one.why)).collect::<String>(),
)]
pub struct UnknownPreset {
    /// The name that was asked for.
    pub name: String,
    /// Names of presets that are similar; if none is, all.
    pub others: Vec<String>,
    /// Files that could not be read: one of them may be the preset.
    pub unreadable: Vec<Unreadable>,
}

impl UnknownPreset {
    /// Names more similar than this count as near, `0.0..=1.0`.
    const LEAST_LIKENESS: f64 = 0.6;
}

/// Why a preset was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The name is empty.
    #[error("a preset needs a name; type one and save again")]
    NoName,
    /// The system names no home.
    #[error("no folder to save to: set the environment variable HOME and try again")]
    NoFolder,
    /// The system could not write it; with the folder.
    #[error("cannot save to {0} ({1}); make room or give yourself the right to write there")]
    Io(PathBuf, std::io::Error),
    /// It cannot be written as TOML.
    #[error("the preset cannot be written ({0}); try another name")]
    Unwritable(#[from] toml::ser::Error),
}

impl Library {
    /// The factory presets and those in `folder`. Files that cannot be read are listed in [`Self::unreadable`].
    pub fn read(folder: Option<PathBuf>) -> Self {
        let mut library = Self { factory: factory::presets(), folder, ..Self::default() };
        let Some(folder) = library.folder.clone() else { return library };
        let file_names = folder::file_names(&folder).unwrap_or_else(|error| {
            let file_name = folder.display().to_string();
            library.unreadable.push(Unreadable { file_name, why: PresetError::from(error).to_string() });
            Vec::new()
        });
        for file_name in file_names {
            match folder::read(&folder.join(&file_name)) {
                Ok(preset) => {
                    let name = library.free_names(&preset.name).next().unwrap_or_default();
                    library.user.push(Preset { name, ..preset });
                }
                Err(error) => library.unreadable.push(Unreadable { file_name, why: error.to_string() }),
            }
        }
        library.sort();
        library
    }

    /// Every preset, in display order: the factory's, then the user's.
    pub fn presets(&self) -> impl DoubleEndedIterator<Item = &Preset> + Clone {
        self.factory.iter().chain(&self.user)
    }

    /// The preset with exactly this name.
    pub fn find(&self, name: &str) -> Option<&Preset> {
        self.presets().find(|preset| preset.name == name)
    }

    /// The preset called `name`, upper and lower case and spaces at the ends aside.
    ///
    /// # Errors
    ///
    /// [`UnknownPreset`], with similar names.
    pub fn named(&self, name: &str) -> Result<&Preset, UnknownPreset> {
        let wanted = name.trim().to_lowercase();
        let names = || self.presets().map(|preset| preset.name.clone());
        if let Some(preset) = self.presets().find(|preset| preset.name.to_lowercase() == wanted) {
            return Ok(preset);
        }
        let is_near = |name: &String| {
            let name = name.to_lowercase();
            let is_piece = !wanted.is_empty() && name.contains(&wanted);
            is_piece || strsim::normalized_damerau_levenshtein(&name, &wanted) > UnknownPreset::LEAST_LIKENESS
        };
        let near: Vec<String> = names().filter(is_near).collect();
        Err(UnknownPreset {
            name: name.to_owned(),
            others: if near.is_empty() { names().collect() } else { near },
            unreadable: self.unreadable.clone(),
        })
    }

    /// The preset before the one called `name`; the last one if there is none of that name.
    pub fn before(&self, name: Option<&str>) -> Option<&Preset> {
        neighbour(self.presets().rev(), name)
    }

    /// The preset after the one called `name`; the first one if there is none of that name.
    pub fn after(&self, name: Option<&str>) -> Option<&Preset> {
        neighbour(self.presets(), name)
    }

    /// Saves `values` as a preset of the user's called `name`, with a number added if that name is taken. Nothing is
    /// overwritten. Returns the preset's name.
    ///
    /// # Errors
    ///
    /// [`SaveError`], which says what to do; nothing is written then.
    pub fn save(&mut self, name: &str, values: BTreeMap<String, String>) -> Result<String, SaveError> {
        let words: Vec<&str> = name.split(|c: char| c.is_whitespace() || c.is_control()).collect();
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let name: String = words.join(" ").chars().take(MAX_NAME_CHARS).collect();
        if name.is_empty() {
            return Err(SaveError::NoName);
        }
        let folder = self.folder.clone().ok_or(SaveError::NoFolder)?;
        let mut preset = Preset { values, ..Preset::default() };
        for name in self.free_names(name.trim_end()) {
            preset.name = name;
            match folder::write_new(&folder, &preset.name, &preset.to_toml()?) {
                Ok(()) => break,
                // Saved by another instance, or by a name that gives the same file name.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(SaveError::Io(folder, error)),
            }
        }
        let name = preset.name.clone();
        self.user.push(preset);
        self.sort();
        Ok(name)
    }

    /// `name`, then `name` with 2, 3, …, without those that are taken.
    fn free_names(&self, name: &str) -> impl Iterator<Item = String> {
        let taken: Vec<String> = self.presets().map(|preset| preset.name.to_lowercase()).collect();
        let first = name.to_owned();
        let others = (2_u32..).map({
            let first = first.clone();
            move |number| format!("{first} {number}")
        });
        std::iter::once(first).chain(others).filter(move |name| !taken.contains(&name.to_lowercase()))
    }

    fn sort(&mut self) {
        self.user.sort_by_cached_key(|preset| (preset.name.to_lowercase(), preset.name.clone()));
    }
}

/// The preset that follows the one called `name` in `presets`; the first if there is none of that name.
fn neighbour<'a>(
    presets: impl Iterator<Item = &'a Preset> + Clone,
    name: Option<&str>,
) -> Option<&'a Preset> {
    let mut rest = presets.clone().skip_while(|preset| Some(preset.name.as_str()) != name);
    if rest.next().is_some() { rest.next() } else { presets.clone().next() }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn values(text: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("style".to_owned(), text.to_owned())])
    }

    fn names(presets: &[Preset]) -> Vec<&str> {
        presets.iter().map(|preset| preset.name.as_str()).collect()
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("not there yet");
        let mut library = Library::read(Some(path.clone()));
        let ours = library.factory[0].name.to_uppercase();
        // Another instance saves into the same folder.
        let mut other = library.clone();
        for (name, expected) in
            [("b", "b"), (" B\n", "B 2"), ("a/b", "a/b"), ("a?b", "a?b 2"), (&ours, &format!("{ours} 2"))]
        {
            assert_eq!(library.save(name, values(name)).unwrap(), expected);
        }
        assert_eq!(other.save("a/b", values("other")).unwrap(), "a/b 3");
        let again = Library::read(Some(path));
        assert_eq!(again.user.len(), 6, "{:?}", names(&again.user));
        assert_eq!(again.find("a/b 3").unwrap().values, values("other"));
        assert_eq!(again.find("a?b 2").unwrap().values, values("a?b"));
        assert!(names(&again.user).is_sorted_by_key(|name| name.to_lowercase()));
    }

    #[test]
    fn what_is_damaged_is_reported_and_the_rest_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut library = Library::read(Some(folder.path().to_owned()));
        library.save("good", values("Jazz")).unwrap();
        fs::write(folder.path().join("broken.toml"), "format = 1\nname = ").unwrap();
        fs::write(folder.path().join("newer.TOML"), "format = 9").unwrap();
        fs::write(folder.path().join("bytes.toml"), [0xff, 0xfe]).unwrap();
        fs::write(folder.path().join("large.toml"), vec![b' '; 70_000]).unwrap();
        fs::write(folder.path().join("notes.txt"), "not mine").unwrap();
        fs::create_dir(folder.path().join("folder.toml")).unwrap();
        let copy = fs::read(folder.path().join("good.toml")).unwrap();
        fs::write(folder.path().join("copy of good.toml"), copy).unwrap();

        let library = Library::read(Some(folder.path().to_owned()));
        assert_eq!(names(&library.user), ["good", "good 2"]);
        let lines: Vec<String> =
            library.unreadable.iter().map(|one| format!("{} {}", one.file_name, one.why)).collect();
        assert_eq!(lines.len(), 5, "{lines:?}");
        for words in [
            "broken.toml is damaged (line 2",
            "newer.TOML was saved by a newer",
            "not text",
            "too large",
            "folder.toml cannot",
        ] {
            assert!(lines.iter().any(|line| line.contains(words)), "{words}: {lines:?}");
        }
        assert!(folder.path().join("broken.toml").exists(), "nothing is taken away");
    }

    /// Opening a pipe waits for somebody who writes to it.
    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.toml");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        std::os::unix::fs::symlink(&pipe, folder.path().join("link to a pipe.toml")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("device.toml")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket.toml")).unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        let path = folder.path().to_owned();
        let reader = std::thread::Builder::new().spawn(move || sender.send(Library::read(Some(path))));
        reader.unwrap();
        let library =
            receiver.recv_timeout(std::time::Duration::from_secs(60)).expect("nothing is waited for");
        assert_eq!(library.unreadable.len(), 4);
        assert!(library.unreadable.iter().all(|one| one.why.contains("not a regular file")), "{library:?}");
    }

    #[test]
    fn a_preset_that_cannot_be_saved_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        for (folder, name, words) in [
            (None, "a", "HOME"),
            (Some(file.join("presets")), "a", "give yourself the right"),
            (Some(folder.path().to_owned()), " \n", "needs a name"),
        ] {
            let mut library = Library { folder, ..Library::default() };
            let error = library.save(name, values("Jazz")).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
            assert_eq!(library.user, []);
        }
        // A folder that is a file cannot be read either.
        assert_eq!(Library::read(Some(file)).unreadable.len(), 1);
    }

    #[test]
    fn a_preset_is_named_in_capitals_or_not_and_what_comes_near_is_reported() {
        let library = Library { factory: factory::presets(), ..Library::default() };
        assert_eq!(library.named(" late-night KEYS").unwrap().name, "Late-night keys");
        for (name, near) in
            [("late night kays", "Late-night keys"), ("floor", "Seven on the floor, Deep floor")]
        {
            let error = library.named(name).unwrap_err();
            assert_eq!(error.others.join(", "), near, "{name}");
            assert!(error.to_string().contains(near), "{error}");
        }
        assert_eq!(library.named("zzz").unwrap_err().others.len(), library.factory.len());
        let unreadable = vec![Unreadable { file_name: "mine.toml".to_owned(), why: "is damaged".to_owned() }];
        let error = Library { unreadable, ..library }.named("mine").unwrap_err().to_string();
        assert!(error.ends_with("; mine.toml is damaged"), "{error}");
    }

    #[test]
    fn neighbours_stop_at_the_ends() {
        let preset = |name: &str| Preset { name: name.to_owned(), ..Preset::default() };
        let library = Library {
            factory: vec![preset("a"), preset("b")],
            user: vec![preset("c")],
            ..Library::default()
        };
        let name = |preset: Option<&Preset>| preset.map(|preset| preset.name.clone());
        for (from, before, after) in [
            (None, Some("c"), Some("a")),
            (Some("gone"), Some("c"), Some("a")),
            (Some("a"), None, Some("b")),
            (Some("b"), Some("a"), Some("c")),
            (Some("c"), Some("b"), None),
        ] {
            assert_eq!(name(library.before(from)).as_deref(), before, "before {from:?}");
            assert_eq!(name(library.after(from)).as_deref(), after, "after {from:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn what_is_saved_is_there_again(
            saved in prop::collection::vec(("\\PC{0,60}", "\\PC{0,20}"), 1..5),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut library = Library::read(Some(folder.path().to_owned()));
            let mut expected = Vec::new();
            for (name, text) in saved {
                match library.save(&name, values(&text)) {
                    Ok(name) => expected.push((name, values(&text))),
                    Err(SaveError::NoName) => {}
                    Err(error) => panic!("{name:?}: {error}"),
                }
            }
            let again = Library::read(Some(folder.path().to_owned()));
            prop_assert_eq!(&again, &library);
            prop_assert_eq!(&again.unreadable, &[]);
            prop_assert_eq!(again.user.len(), expected.len());
            for (name, values) in expected {
                prop_assert_eq!(&again.find(&name).unwrap().values, &values);
            }
        }
    }
}
