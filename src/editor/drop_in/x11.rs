//! The proxy of the editor's window on X11.

use std::error::Error;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::thread::park_timeout;
use std::time::{Duration, Instant};

use nice_plug_egui::RepaintNotifier;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask,
    PropMode, SelectionNotifyEvent, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use super::watch::Watch;
use crate::editor::xdnd::messages::{Atoms, VERSION};
use crate::editor::xdnd::target::{Heard, Step, Target};
use crate::editor::xdnd::{uri_list, windows};

/// Time between two looks for messages: without a drag, and with one.
const IDLE: Duration = Duration::from_millis(50);
const BUSY: Duration = Duration::from_millis(10);

/// Time between two looks whether the source is still there: one that crashed does not leave.
const ALIVE: Duration = Duration::from_secs(1);

/// The longest wait for the data after a drop.
const FETCH_LIMIT: Duration = Duration::from_secs(10);

/// The longest list of files that is fetched, in words of four bytes.
const MAX_WORDS: u32 = 64 << 10;

/// Serves the proxy of `window` until the window is gone or the watch has ended. Without a server that listens, drops are
/// ignored.
pub fn serve(window: u32, watch: &Watch, tell: &Sender<Vec<PathBuf>>, repaint: &RepaintNotifier) {
    let Ok(mut proxy) = Proxy::of(window) else { return };
    while !watch.has_ended.load(Ordering::Relaxed) {
        match proxy.look() {
            Ok(Look::Gone) | Err(_) => break,
            Ok(Look::Nothing) => {}
            Ok(Look::Files(paths)) => {
                // An editor that was closed meanwhile hears of it no more.
                let _ = tell.send(paths);
                repaint.request_repaint();
            }
        }
        let is_above = proxy.target.source().is_some();
        if watch.is_above.swap(is_above, Ordering::Relaxed) != is_above {
            repaint.request_repaint();
        }
        park_timeout(if is_above { BUSY } else { IDLE });
    }
    watch.is_above.store(false, Ordering::Relaxed);
}

/// What came since the last look.
enum Look {
    Nothing,
    Files(Vec<PathBuf>),
    /// The editor's window is gone.
    Gone,
}

struct Proxy {
    server: RustConnection,
    atoms: Atoms,
    /// The editor's window.
    window: u32,
    /// The proxy's own, which is not shown.
    own: u32,
    target: Target,
    /// When the source was last heard.
    heard: Instant,
    /// When the source was last known to be there.
    alive: Instant,
}

impl Proxy {
    fn of(window: u32) -> Result<Self, Box<dyn Error>> {
        let (server, _) = x11rb::connect(None)?;
        let atoms = Atoms::new(&server)?.reply()?;
        let root = server.get_geometry(window)?.reply()?.root;
        let own = server.generate_id()?;
        let hidden = CreateWindowAux::new().override_redirect(1);
        server.create_window(0, own, root, -9, -9, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &hidden)?.check()?;
        // That the window goes is told to everybody who asks.
        let told = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
        server.change_window_attributes(window, &told)?.check()?;
        // The proxy names itself: by that, others know that it is still there.
        for named in [own, window] {
            let (name, kind) = (atoms.XdndProxy, AtomEnum::WINDOW);
            server.change_property32(PropMode::REPLACE, named, name, kind, &[own])?.check()?;
            let (name, kind) = (atoms.XdndAware, AtomEnum::ATOM);
            server.change_property32(PropMode::REPLACE, named, name, kind, &[u32::from(VERSION)])?.check()?;
        }
        Ok(Self {
            server,
            atoms,
            window,
            own,
            target: Target::default(),
            heard: Instant::now(),
            alive: Instant::now(),
        })
    }

    fn look(&mut self) -> Result<Look, Box<dyn Error>> {
        let mut files = Vec::new();
        while let Some(event) = self.server.poll_for_event()? {
            let heard = match event {
                Event::DestroyNotify(gone) if gone.window == self.window => return Ok(Look::Gone),
                Event::ClientMessage(message) if message.format == 32 => self.heard_in(&message)?,
                Event::SelectionNotify(answer) => self.fetched(&answer)?,
                _ => None,
            };
            let Some((source, heard)) = heard else { continue };
            (self.heard, self.alive) = (Instant::now(), Instant::now());
            for step in self.target.hear(source, heard) {
                files.extend(self.take(step)?);
            }
        }
        self.forget_if_gone()?;
        self.server.flush()?;
        Ok(if files.is_empty() { Look::Nothing } else { Look::Files(files) })
    }

    /// Forgets a source that is not there any more, or that does not give what it dropped.
    fn forget_if_gone(&mut self) -> Result<(), Box<dyn Error>> {
        let Some(source) = self.target.source() else { return Ok(()) };
        let is_late = self.target.is_dropped() && self.heard.elapsed() > FETCH_LIMIT;
        let mut is_gone = false;
        if self.alive.elapsed() > ALIVE {
            self.alive = Instant::now();
            is_gone = windows::there(self.server.get_geometry(source)?.reply())?.is_none();
        }
        if is_late || is_gone {
            self.target.forget();
        }
        Ok(())
    }

    /// What a message says, and the window of its source; `None` if it is none of a drag.
    fn heard_in(&self, message: &ClientMessageEvent) -> Result<Option<(u32, Heard)>, Box<dyn Error>> {
        let (words, atoms) = (message.data.as_data32(), &self.atoms);
        let heard = match message.type_ {
            name if name == atoms.XdndEnter => Heard::Enter { has_files: self.has_files(words)? },
            name if name == atoms.XdndPosition => Heard::Position,
            name if name == atoms.XdndLeave => Heard::Leave,
            name if name == atoms.XdndDrop => Heard::Drop { time: words[2] },
            _ => return Ok(None),
        };
        Ok(Some((words[0], heard)))
    }

    /// Whether a list of files is among the forms that a source enters with: three in its message, or all in a property.
    fn has_files(&self, words: [u32; 5]) -> Result<bool, Box<dyn Error>> {
        if words[1] & 1 == 0 {
            return Ok(words[2..].contains(&self.atoms.URI_LIST));
        }
        let forms =
            self.server.get_property(false, words[0], self.atoms.XdndTypeList, AtomEnum::ATOM, 0, MAX_WORDS);
        let forms = windows::there(forms?.reply())?;
        let is_list = |forms: &x11rb::protocol::xproto::GetPropertyReply| {
            forms.value32().is_some_and(|mut forms| forms.any(|form| form == self.atoms.URI_LIST))
        };
        Ok(forms.as_ref().is_some_and(is_list))
    }

    /// The data of a source that was asked for it.
    fn fetched(&self, answer: &SelectionNotifyEvent) -> Result<Option<(u32, Heard)>, Box<dyn Error>> {
        let Some(source) = self.target.source() else { return Ok(None) };
        if answer.property == x11rb::NONE {
            return Ok(Some((source, Heard::Data(None))));
        }
        let data = self.server.get_property(true, self.own, answer.property, AtomEnum::ANY, 0, MAX_WORDS);
        let data = windows::there(data?.reply())?.filter(|data| data.format == 8 && data.bytes_after == 0);
        Ok(Some((source, Heard::Data(data.map(|data| data.value)))))
    }

    /// Takes a step; returns the files of a drop.
    fn take(&self, step: Step) -> Result<Vec<PathBuf>, Box<dyn Error>> {
        let atoms = &self.atoms;
        match step {
            Step::Answer(source, answer) => {
                windows::send(&self.server, source, source, answer.encode(atoms, self.window))?;
            }
            Step::Fetch(time) => {
                let (selection, form) = (atoms.XdndSelection, atoms.URI_LIST);
                self.server.convert_selection(self.own, selection, form, selection, time)?.ignore_error();
            }
            Step::Take(list) => return Ok(uri_list::paths(&list)),
        }
        Ok(Vec::new())
    }
}
