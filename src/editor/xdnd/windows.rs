//! What the protocol asks of the windows on the screen.

use x11rb::errors::{ConnectionError, ReplyError};
use x11rb::protocol::xproto::{AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask};
use x11rb::rust_connection::RustConnection;

use super::messages::{Atoms, OLDEST_VERSION};
use super::source::Target;

/// The most windows that lie in each other below the pointer.
const MAX_DEPTH: usize = 32;

/// What is below the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below {
    /// Nothing that takes part.
    Nothing,
    /// The window that is dragged from, on which nothing is dropped.
    Own,
    /// A window that takes part.
    Target(Target),
}

/// What is at a place of the screen with this `root` window: `own`, if it lies there, whatever it lies in; else the
/// outermost window that takes part.
pub fn below(
    server: &RustConnection,
    atoms: &Atoms,
    root: u32,
    (x, y): (i16, i16),
    own: u32,
) -> Result<Below, ConnectionError> {
    let mut found = None;
    let mut window = root;
    for _ in 0..MAX_DEPTH {
        let Some(place) = there(server.translate_coordinates(root, window, x, y)?.reply())? else { break };
        match place.child {
            x11rb::NONE => break,
            child if child == own => return Ok(Below::Own),
            child => window = child,
        }
        if found.is_none() {
            found = target(server, atoms, window)?;
        }
    }
    // A desktop may take part in place of the root window.
    let found = if found.is_none() { target(server, atoms, root)? } else { found };
    Ok(found.map_or(Below::Nothing, Below::Target))
}

/// `window` as a target, if it takes part.
fn target(server: &RustConnection, atoms: &Atoms, window: u32) -> Result<Option<Target>, ConnectionError> {
    let proxy_of = |window| word(server, window, atoms.XdndProxy, AtomEnum::WINDOW);
    let proxy = match proxy_of(window)? {
        // A proxy that has gone may have left its number to another window.
        Some(proxy) if proxy_of(proxy)? == Some(proxy) => proxy,
        _ => window,
    };
    let version = word(server, proxy, atoms.XdndAware, AtomEnum::ATOM)?;
    let version = version.and_then(|version| u8::try_from(version).ok());
    Ok(version.filter(|version| *version >= OLDEST_VERSION).map(|version| Target { window, proxy, version }))
}

/// The first word of a property; `None` if there is none, or no such window.
fn word(
    server: &RustConnection,
    window: u32,
    name: u32,
    kind: AtomEnum,
) -> Result<Option<u32>, ConnectionError> {
    let property = there(server.get_property(false, window, name, kind, 0, 1)?.reply())?;
    Ok(property.and_then(|property| property.value32()?.next()))
}

/// Sends a message about `window` to `to`; one that has gone misses it.
pub fn send(
    server: &RustConnection,
    to: u32,
    window: u32,
    (name, words): (u32, [u32; 5]),
) -> Result<(), ConnectionError> {
    let message = ClientMessageEvent::new(32, window, name, words);
    server.send_event(false, to, EventMask::NO_EVENT, message)?.ignore_error();
    Ok(())
}

/// The reply, `None` if what was asked about is not there: any window may close at any time.
pub fn there<T>(reply: Result<T, ReplyError>) -> Result<Option<T>, ConnectionError> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(ReplyError::X11Error(_)) => Ok(None),
        Err(ReplyError::ConnectionError(error)) => Err(error),
    }
}
