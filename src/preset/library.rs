//! All presets that there are, each under a name of its own.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;

use super::{Preset, PresetError, factory, folder};

/// The longest name of a user preset, in characters: with four bytes each, a file name still has room for it.
pub const MAX_NAME_CHARS: usize = 48;

/// Factory and user presets. No two have the same name, however it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Library {
    /// Ours, category by category.
    pub factory: Vec<Preset>,
    /// The user's, by name.
    pub user: Vec<Preset>,
    /// What could not be read.
    pub unreadable: Vec<Unreadable>,
    /// Where the user's lie; `None` if the system names no home.
    pub folder: Option<PathBuf>,
}

/// A file, or the folder, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Its name.
    pub file_name: String,
    /// Why, and what to do.
    pub why: String,
}

/// A name that no preset has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no preset {name:?}; there are {others}{unreadable}",
    others = .others.join(", "),
    unreadable = .unreadable.iter().map(|one| format!("; {} {}", one.file_name, one.why)).collect::<String>(),
)]
pub struct UnknownPreset {
    /// As it was asked for.
    pub name: String,
    /// Names that come near, or all.
    pub others: Vec<String>,
    /// What could not be read, and so may be what was meant.
    pub unreadable: Vec<Unreadable>,
}

impl UnknownPreset {
    /// How like a name has to be to come near, `0.0..=1.0`.
    const LEAST_LIKENESS: f64 = 0.6;
}

/// Why a preset was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// It has no name.
    #[error("a preset needs a name; type one and save again")]
    NoName,
    /// The system names no home.
    #[error("no folder to save to: set the environment variable HOME and try again")]
    NoFolder,
    /// The system does not take it.
    #[error("cannot save to {0} ({1}); make room or give yourself the right to write there")]
    Io(PathBuf, std::io::Error),
    /// It has no form as a file.
    #[error("the preset cannot be written ({0}); try another name")]
    Unwritable(#[from] toml::ser::Error),
}

impl Library {
    /// The factory's presets and those in `folder`. What cannot be read there is listed, and the rest is there.
    pub fn read(folder: Option<PathBuf>) -> Self {
        let mut shelf = Self { factory: factory::presets(), folder, ..Self::default() };
        let Some(folder) = shelf.folder.clone() else { return shelf };
        let file_names = folder::file_names(&folder).unwrap_or_else(|error| {
            let file_name = folder.display().to_string();
            shelf.unreadable.push(Unreadable { file_name, why: PresetError::from(error).to_string() });
            Vec::new()
        });
        for file_name in file_names {
            match folder::read(&folder.join(&file_name)) {
                Ok(preset) => {
                    let name = shelf.free_names(&preset.name).next().unwrap_or_default();
                    shelf.user.push(Preset { name, ..preset });
                }
                Err(error) => shelf.unreadable.push(Unreadable { file_name, why: error.to_string() }),
            }
        }
        shelf.sort();
        shelf
    }

    /// Every preset, in the order shown.
    pub fn presets(&self) -> impl DoubleEndedIterator<Item = &Preset> + Clone {
        self.factory.iter().chain(&self.user)
    }

    /// The preset called `name`.
    pub fn find(&self, name: &str) -> Option<&Preset> {
        self.presets().find(|preset| preset.name == name)
    }

    /// The preset called `name`, in capitals or not.
    ///
    /// # Errors
    ///
    /// [`UnknownPreset`], with the names that come near.
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

    /// The preset before the one called `name`, the last before none.
    pub fn before(&self, name: Option<&str>) -> Option<&Preset> {
        neighbour(self.presets().rev(), name)
    }

    /// The preset after the one called `name`, the first after none.
    pub fn after(&self, name: Option<&str>) -> Option<&Preset> {
        neighbour(self.presets(), name)
    }

    /// Saves `values` as a preset of the user's called `name`, or, as nothing is written over, that name with a number.
    /// Returns what it is called.
    ///
    /// # Errors
    ///
    /// [`SaveError`], with what to do next; then nothing was written.
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
                // Of another instance, or of a name that looks the same as a file.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(SaveError::Io(folder, error)),
            }
        }
        let name = preset.name.clone();
        self.user.push(preset);
        self.sort();
        Ok(name)
    }

    /// `name` and then `name` with 2, 3, … : those that no preset has.
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

/// The preset that follows the one called `name`; the first if that is not among them.
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
        let mut shelf = Library::read(Some(path.clone()));
        let ours = shelf.factory[0].name.to_uppercase();
        // Another instance saves into the same folder.
        let mut other = shelf.clone();
        for (name, expected) in
            [("b", "b"), (" B\n", "B 2"), ("a/b", "a/b"), ("a?b", "a?b 2"), (&ours, &format!("{ours} 2"))]
        {
            assert_eq!(shelf.save(name, values(name)).unwrap(), expected);
        }
        assert_eq!(other.save("a/b", values("other")).unwrap(), "a/b 3");
        let again = Library::read(Some(path));
        assert_eq!(again.user.len(), 6, "{:?}", names(&again.user));
        assert_eq!(again.find("a/b 3").unwrap().values, values("other"));
        assert_eq!(again.find("a?b 2").unwrap().values, values("a?b"));
        assert!(names(&again.user).is_sorted_by_key(|name| name.to_lowercase()));
    }

    #[test]
    fn what_is_damaged_is_told_and_the_rest_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = Library::read(Some(folder.path().to_owned()));
        shelf.save("good", values("Jazz")).unwrap();
        fs::write(folder.path().join("broken.toml"), "format = 1\nname = ").unwrap();
        fs::write(folder.path().join("newer.TOML"), "format = 9").unwrap();
        fs::write(folder.path().join("bytes.toml"), [0xff, 0xfe]).unwrap();
        fs::write(folder.path().join("large.toml"), vec![b' '; 70_000]).unwrap();
        fs::write(folder.path().join("notes.txt"), "not mine").unwrap();
        fs::create_dir(folder.path().join("folder.toml")).unwrap();
        let copy = fs::read(folder.path().join("good.toml")).unwrap();
        fs::write(folder.path().join("copy of good.toml"), copy).unwrap();

        let shelf = Library::read(Some(folder.path().to_owned()));
        assert_eq!(names(&shelf.user), ["good", "good 2"]);
        let told: Vec<String> =
            shelf.unreadable.iter().map(|one| format!("{} {}", one.file_name, one.why)).collect();
        assert_eq!(told.len(), 5, "{told:?}");
        for words in [
            "broken.toml is damaged (line 2",
            "newer.TOML was saved by a newer",
            "not text",
            "too large",
            "folder.toml cannot",
        ] {
            assert!(told.iter().any(|line| line.contains(words)), "{words}: {told:?}");
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
        let shelf = receiver.recv_timeout(std::time::Duration::from_secs(60)).expect("nothing is waited for");
        assert_eq!(shelf.unreadable.len(), 4);
        assert!(shelf.unreadable.iter().all(|one| one.why.contains("not a regular file")), "{shelf:?}");
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
            let mut shelf = Library { folder, ..Library::default() };
            let error = shelf.save(name, values("Jazz")).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
            assert_eq!(shelf.user, []);
        }
        // A folder that is a file cannot be read either.
        assert_eq!(Library::read(Some(file)).unreadable.len(), 1);
    }

    #[test]
    fn a_preset_is_named_in_capitals_or_not_and_what_comes_near_is_told() {
        let shelf = Library { factory: factory::presets(), ..Library::default() };
        assert_eq!(shelf.named(" late-night KEYS").unwrap().name, "Late-night keys");
        for (name, near) in
            [("late night kays", "Late-night keys"), ("floor", "Seven on the floor, Deep floor")]
        {
            let error = shelf.named(name).unwrap_err();
            assert_eq!(error.others.join(", "), near, "{name}");
            assert!(error.to_string().contains(near), "{error}");
        }
        assert_eq!(shelf.named("zzz").unwrap_err().others.len(), shelf.factory.len());
        let unreadable = vec![Unreadable { file_name: "mine.toml".to_owned(), why: "is damaged".to_owned() }];
        let error = Library { unreadable, ..shelf }.named("mine").unwrap_err().to_string();
        assert!(error.ends_with("; mine.toml is damaged"), "{error}");
    }

    #[test]
    fn neighbours_stop_at_the_ends() {
        let preset = |name: &str| Preset { name: name.to_owned(), ..Preset::default() };
        let shelf = Library {
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
            assert_eq!(name(shelf.before(from)).as_deref(), before, "before {from:?}");
            assert_eq!(name(shelf.after(from)).as_deref(), after, "after {from:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn what_is_saved_is_there_again(
            saved in prop::collection::vec(("\\PC{0,60}", "\\PC{0,20}"), 1..5),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut shelf = Library::read(Some(folder.path().to_owned()));
            let mut expected = Vec::new();
            for (name, text) in saved {
                match shelf.save(&name, values(&text)) {
                    Ok(name) => expected.push((name, values(&text))),
                    Err(SaveError::NoName) => {}
                    Err(error) => panic!("{name:?}: {error}"),
                }
            }
            let again = Library::read(Some(folder.path().to_owned()));
            prop_assert_eq!(&again, &shelf);
            prop_assert_eq!(&again.unreadable, &[]);
            prop_assert_eq!(again.user.len(), expected.len());
            for (name, values) in expected {
                prop_assert_eq!(&again.find(&name).unwrap().values, &values);
            }
        }
    }
}
