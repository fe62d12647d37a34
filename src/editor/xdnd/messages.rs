//! The messages of XDND and their five words.

/// The version of the protocol that is spoken; of an older partner the partner's.
pub const VERSION: u8 = 5;

/// The oldest version whose messages are as here.
pub const OLDEST_VERSION: u8 = 3;

x11rb::atom_manager! {
    /// The names of the protocol, as the server numbers them.
    pub Atoms: AtomsCookie {
        XdndActionCopy,
        XdndAware,
        XdndDrop,
        XdndEnter,
        XdndFinished,
        XdndLeave,
        XdndPosition,
        XdndProxy,
        XdndSelection,
        XdndStatus,
        XdndTypeList,
        TARGETS,
        URI_LIST: b"text/uri-list",
        MIDI: b"audio/midi",
    }
}

/// A message of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToTarget {
    /// The pointer came to the target's window.
    Enter {
        /// The version that both know.
        version: u8,
    },
    /// Where the pointer is, in pixels of the screen.
    Position {
        /// From the left and from the top.
        at: (i16, i16),
    },
    /// The pointer left, or nothing is dropped.
    Leave,
    /// The button was released here.
    Drop,
}

/// A message of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToSource {
    /// The answer to a position: whether a drop would be accepted.
    Status(bool),
    /// The end after a drop: whether the data was taken.
    Finished(bool),
}

impl ToTarget {
    /// The number of its name, and its words. `source` is the source's window, `time` when it came to own the selection.
    pub const fn encode(self, atoms: &Atoms, source: u32, time: u32) -> (u32, [u32; 5]) {
        match self {
            Self::Enter { version } => {
                (atoms.XdndEnter, [source, (version as u32) << 24, atoms.URI_LIST, atoms.MIDI, 0])
            }
            Self::Position { at: (x, y) } => {
                (atoms.XdndPosition, [source, 0, packed(x, y), time, atoms.XdndActionCopy])
            }
            Self::Leave => (atoms.XdndLeave, [source, 0, 0, 0, 0]),
            Self::Drop => (atoms.XdndDrop, [source, 0, time, 0, 0]),
        }
    }
}

impl ToSource {
    /// The number of its name, and its words. `target` is the target's window.
    pub const fn encode(self, atoms: &Atoms, target: u32) -> (u32, [u32; 5]) {
        match self {
            // Positions are wanted all the same: the rectangle that needs none is empty.
            Self::Status(accepts) => {
                (atoms.XdndStatus, [target, accepts as u32 | WANTS_POSITIONS, 0, 0, copy(atoms, accepts)])
            }
            Self::Finished(is_taken) => {
                (atoms.XdndFinished, [target, is_taken as u32, copy(atoms, is_taken), 0, 0])
            }
        }
    }

    /// The message called `name` with these words, and the target's window; `None` if it is another. `version` is that
    /// of the drag: before version 5 a target says only that it has finished.
    pub fn decode(atoms: &Atoms, name: u32, words: [u32; 5], version: u8) -> Option<(u32, Self)> {
        let is_set = words[1] & 1 == 1;
        let message = match name {
            name if name == atoms.XdndStatus => Self::Status(is_set),
            name if name == atoms.XdndFinished => Self::Finished(is_set || version < 5),
            _ => return None,
        };
        Some((words[0], message))
    }
}

/// The flag of a status that asks for every position.
const WANTS_POSITIONS: u32 = 2;

const fn copy(atoms: &Atoms, is_so: bool) -> u32 {
    if is_so { atoms.XdndActionCopy } else { 0 }
}

/// Two coordinates in a word, the first in its upper half.
const fn packed(x: i16, y: i16) -> u32 {
    let ([a, b], [c, d]) = (x.to_be_bytes(), y.to_be_bytes());
    u32::from_be_bytes([a, b, c, d])
}
