//! A drag on X11: asks where the pointer is, and tells the window below it.
//!
//! While a mouse button is held, the server sends the pointer's events to the window where it was pressed, and only to
//! that window's connection. So this connection asks for the pointer's place, the button and the Escape key, again and
//! again.

use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, KeyButMask, PropMode, SELECTION_NOTIFY_EVENT,
    SelectionNotifyEvent, SelectionRequestEvent, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use super::outcome::Outcome;
use crate::editor::xdnd::messages::{Atoms, ToSource};
use crate::editor::xdnd::source::{End, Source};
use crate::editor::xdnd::uri_list;
use crate::editor::xdnd::windows::{self, Below};

/// Time between two questions.
const INTERVAL: Duration = Duration::from_millis(15);

/// The longest wait for the server's time.
const TIME_LIMIT: Duration = Duration::from_secs(1);

/// What the key Escape is called.
const ESCAPE: u32 = 0xff1b;

/// Drags the file at `path` out of the editor's `window` until the button is released; returns how it ended.
pub fn drag(window: u32, path: &Path, is_cancelled: &AtomicBool) -> Outcome {
    match try_to_drag(window, path, is_cancelled) {
        Ok(End::Taken) => Outcome::Taken,
        Ok(End::Refused) => Outcome::Refused,
        Ok(End::Cancelled) => Outcome::Cancelled,
        Err(error) => Outcome::Failed(format!("the file cannot be dragged ({error}); use Export")),
    }
}

fn try_to_drag(window: u32, path: &Path, is_cancelled: &AtomicBool) -> Result<End, Box<dyn Error>> {
    let data = Data { list: uri_list::of(path).into_bytes(), midi: std::fs::read(path)? };
    let mut drag = Drag::begin(window, data)?;
    let began = Instant::now();
    loop {
        drag.hear(began.elapsed())?;
        if is_cancelled.load(Ordering::Relaxed) || drag.is_escape_down()? {
            drag.source.cancel();
        }
        drag.follow(began.elapsed())?;
        drag.source.wait(began.elapsed());
        for (target, message) in drag.source.take_messages() {
            let message = message.encode(&drag.atoms, drag.own, drag.time);
            windows::send(&drag.server, target.proxy, target.window, message)?;
        }
        drag.server.flush()?;
        if let Some(end) = drag.source.end() {
            return Ok(end);
        }
        sleep(INTERVAL);
    }
}

/// What is dragged, in the two forms that a target may ask for.
struct Data {
    list: Vec<u8>,
    midi: Vec<u8>,
}

struct Drag {
    server: RustConnection,
    atoms: Atoms,
    root: u32,
    /// The editor's window.
    editor: u32,
    /// A window that is not shown, which owns the selection.
    own: u32,
    /// When it came to own it, as the server counts milliseconds.
    time: u32,
    /// The codes of the Escape key.
    escape: Vec<u8>,
    data: Data,
    source: Source,
}

impl Drag {
    fn begin(editor: u32, data: Data) -> Result<Self, Box<dyn Error>> {
        let (server, _) = x11rb::connect(None)?;
        let atoms = Atoms::new(&server)?.reply()?;
        let root = server.get_geometry(editor)?.reply()?.root;
        let own = server.generate_id()?;
        let hidden = CreateWindowAux::new().override_redirect(1).event_mask(EventMask::PROPERTY_CHANGE);
        server.create_window(0, own, root, -9, -9, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &hidden)?.check()?;
        let time = time_of(&server, &atoms, own)?;
        server.set_selection_owner(own, atoms.XdndSelection, time)?.check()?;
        if server.get_selection_owner(atoms.XdndSelection)?.reply()?.owner != own {
            return Err("another drag is under way".into());
        }
        let escape = codes_of_escape(&server)?;
        Ok(Self { server, atoms, root, editor, own, time, escape, data, source: Source::default() })
    }

    /// Tells the source where the pointer is, and whether the button is still held.
    fn follow(&mut self, now: Duration) -> Result<(), Box<dyn Error>> {
        let pointer = self.server.query_pointer(self.root)?.reply()?;
        let at = (pointer.root_x, pointer.root_y);
        let below = windows::below(&self.server, &self.atoms, self.root, at, self.editor)?;
        let target = if let Below::Target(target) = below { Some(target) } else { None };
        self.source.point(now, at, target);
        match (pointer.mask.contains(KeyButMask::BUTTON1), below) {
            (true, _) => {}
            // Back where it came from, the user has thought better of it.
            (false, Below::Own) if !self.source.is_released() => self.source.cancel(),
            (false, _) => self.source.release(now),
        }
        Ok(())
    }

    /// Takes in everything that came.
    fn hear(&mut self, now: Duration) -> Result<(), Box<dyn Error>> {
        while let Some(event) = self.server.poll_for_event()? {
            match event {
                Event::ClientMessage(message) if message.format == 32 => {
                    let (words, version) = (message.data.as_data32(), self.source.version());
                    let heard = ToSource::decode(&self.atoms, message.type_, words, version);
                    heard.into_iter().for_each(|(from, heard)| self.source.hear(now, from, heard));
                }
                Event::SelectionRequest(request) => self.give(request)?,
                // Another drag has begun.
                Event::SelectionClear(_) => self.source.cancel(),
                _ => {}
            }
        }
        Ok(())
    }

    /// Gives a target the data in the form that it asks for, or says that there is none.
    fn give(&mut self, request: SelectionRequestEvent) -> Result<(), Box<dyn Error>> {
        let SelectionRequestEvent { requestor, target, selection, time, .. } = request;
        // Old programs name no property.
        let property = if request.property == x11rb::NONE { target } else { request.property };
        let (atoms, server) = (&self.atoms, &self.server);
        let forms = [atoms.TARGETS, atoms.URI_LIST, atoms.MIDI];
        let is_given = selection == atoms.XdndSelection && forms.contains(&target);
        if is_given && target == atoms.TARGETS {
            let given =
                server.change_property32(PropMode::REPLACE, requestor, property, AtomEnum::ATOM, &forms);
            given?.ignore_error();
        } else if is_given {
            let data = if target == atoms.MIDI { &self.data.midi } else { &self.data.list };
            server.change_property8(PropMode::REPLACE, requestor, property, target, data)?.ignore_error();
            self.source.fetch();
        }
        let answer = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time,
            requestor,
            selection,
            target,
            property: if is_given { property } else { x11rb::NONE },
        };
        self.server.send_event(false, requestor, EventMask::NO_EVENT, answer)?.ignore_error();
        Ok(())
    }

    fn is_escape_down(&self) -> Result<bool, Box<dyn Error>> {
        let keys = self.server.query_keymap()?.reply()?.keys;
        Ok(self.escape.iter().any(|code| keys[usize::from(code / 8)] & (1 << (code % 8)) != 0))
    }
}

/// The server's time, which comes with a change of a property.
fn time_of(server: &RustConnection, atoms: &Atoms, own: u32) -> Result<u32, Box<dyn Error>> {
    server.change_property8(PropMode::APPEND, own, atoms.XdndSelection, AtomEnum::STRING, b"")?.check()?;
    let since = Instant::now();
    while since.elapsed() < TIME_LIMIT {
        match server.poll_for_event()? {
            Some(Event::PropertyNotify(change)) => return Ok(change.time),
            Some(_) => {}
            None => sleep(Duration::from_millis(1)),
        }
    }
    Err("the server does not tell its time".into())
}

fn codes_of_escape(server: &RustConnection) -> Result<Vec<u8>, Box<dyn Error>> {
    let (first, last) = (server.setup().min_keycode, server.setup().max_keycode);
    let names = server.get_keyboard_mapping(first, last - first + 1)?.reply()?;
    let per_code = usize::from(names.keysyms_per_keycode).max(1);
    let codes = (first..=last).zip(names.keysyms.chunks(per_code));
    Ok(codes.filter(|(_, names)| names.contains(&ESCAPE)).map(|(code, _)| code).collect())
}
