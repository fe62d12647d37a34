//! Lists of files as programs exchange them: `text/uri-list`, a line for each.
//!
//! # Source
//!
//! RFC 2483, section 5; RFC 8089.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The most files of a list that are read.
const MAX_FILES: usize = 16;

/// The list of one file, whose path is absolute.
pub fn of(path: &Path) -> String {
    let mut list = "file://".to_owned();
    for byte in path.as_os_str().as_bytes() {
        let character = char::from(*byte);
        if character.is_ascii_alphanumeric() || "/-._~".contains(character) {
            list.push(character);
        } else {
            list.push_str(&format!("%{byte:02X}"));
        }
    }
    list.push_str("\r\n");
    list
}

/// The paths of the files in a list, at most [`MAX_FILES`]; what is no file of this machine is left out.
pub fn paths(list: &[u8]) -> Vec<PathBuf> {
    let lines = list.split(|byte| [b'\r', b'\n', 0].contains(byte)).filter(|line| !line.starts_with(b"#"));
    lines.filter_map(path_of).take(MAX_FILES).collect()
}

fn path_of(line: &[u8]) -> Option<PathBuf> {
    // With three strokes there is no name of a machine; with one nothing but the path.
    let rest = line.strip_prefix(b"file:")?;
    let path = match rest.strip_prefix(b"//") {
        Some(rest) => {
            let path = rest.iter().position(|byte| *byte == b'/')?;
            let machine = &rest[..path];
            // What programs write is the machine's own name, if any; a file elsewhere is not found by its path.
            (!machine.contains(&b'%')).then_some(&rest[path..])?
        }
        None => rest.starts_with(b"/").then_some(rest)?,
    };
    Some(PathBuf::from(OsString::from_vec(decoded(path))))
        .filter(|path| !path.as_os_str().as_bytes().contains(&0))
}

/// `text` with its escapes resolved; a stroke that begins none stays.
fn decoded(text: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut idx = 0;
    while let Some(byte) = text.get(idx) {
        match (byte, digit(text.get(idx + 1)), digit(text.get(idx + 2))) {
            (b'%', Some(high), Some(low)) => {
                bytes.extend(u8::try_from(high * 16 + low));
                idx += 3;
            }
            _ => {
                bytes.push(*byte);
                idx += 1;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_comes_back() {
        for path in
            ["/a/b.mid", "/tmp/lo-fi D minor 82 bpm - melody.mid", "/ä/100%.mid", "/a#b?c&d.mid", "/a\nb"]
        {
            assert_eq!(paths(of(Path::new(path)).as_bytes()), [PathBuf::from(path)], "{path}");
        }
        assert_eq!(of(Path::new("/a b#.mid")), "file:///a%20b%23.mid\r\n");
    }

    #[test]
    fn lists_of_others_are_read() {
        for (list, expected) in [
            ("file:///a.mid\r\nfile:///b.mid\r\n", &["/a.mid", "/b.mid"][..]),
            ("# a comment\nfile://localhost/a.mid\n", &["/a.mid"]),
            ("file:/a.mid", &["/a.mid"]),
            ("file:///a.mid\0", &["/a.mid"]),
            ("http://example.org/a.mid\r\nfile://\r\na.mid\r\n\r\n", &[]),
            ("file:///a%2", &["/a%2"]),
            ("file:///a%00b", &[]),
        ] {
            let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(paths(list.as_bytes()), expected, "{list:?}");
        }
        assert_eq!(paths("file:///a\n".repeat(99).as_bytes()).len(), MAX_FILES);
    }
}
