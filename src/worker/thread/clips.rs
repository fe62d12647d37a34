//! What the player has of the project: the chosen take, the takes of the slots, and the phrase under way.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::music::{Frame, Key, Meter, Phrase};
use crate::player::{CallEvent, Cause, Clip, ClipSender, N_SLOTS};
use crate::session::{Entry, Project};
use crate::worker::Shared;

/// The clip id of silence, when there is no take.
const NO_TAKE: u64 = 0;

/// The clips that the player has, and those it lacks.
pub(super) struct Clips {
    sender: ClipSender,
    /// The newest clip, if the queue had no room for it.
    unsent: Option<Clip>,
    /// The player's slots: clip ids and their notes.
    in_slots: [Option<(u64, Arc<Phrase>)>; N_SLOTS],
    /// The version of the chosen take that the player has: take number and notes.
    given: Option<(u64, Arc<Phrase>)>,
    /// [`Shared::n_changes`] when the player last had everything.
    n_changes: Option<u64>,
    /// Clip ids of takes, by take number.
    ids: BTreeMap<u64, u64>,
    n_ids: u64,
}

impl Clips {
    pub fn new(sender: ClipSender) -> Self {
        Self {
            sender,
            unsent: None,
            in_slots: Default::default(),
            given: None,
            n_changes: None,
            ids: BTreeMap::new(),
            n_ids: NO_TAKE,
        }
    }

    /// The next call event, if any.
    pub fn take_call_event(&mut self) -> Option<CallEvent> {
        self.sender.take_call_event()
    }

    /// Frees spent clips and sends the unsent one; returns whether there was anything to do.
    pub fn collect(&mut self) -> bool {
        let n_spent = self.sender.collect_spent();
        if let Some(clip) = self.unsent.take() {
            self.send(clip);
        }
        n_spent > 0 || self.unsent.is_some()
    }

    /// Sends what changed: the takes of slots, and edits of the chosen take. Does nothing if the project did not
    /// change.
    pub fn update(&mut self, shared: &Shared) {
        let n_changes = shared.n_changes();
        if self.n_changes == Some(n_changes) {
            return;
        }
        let (slots, current) = shared.with_project(|project| (slots(project), current(project)));
        let is_complete = self.update_slots(slots) & self.update_edited(current);
        self.n_changes = is_complete.then_some(n_changes);
    }

    /// Fills the player's slots with `entries`; returns whether all are done, since the queue may be full.
    fn update_slots(&mut self, entries: [Option<Arc<Entry>>; N_SLOTS]) -> bool {
        for (slot_idx, entry) in entries.into_iter().enumerate() {
            let wanted = entry.map(|entry| (self.id(entry.number), Arc::clone(&entry.take.phrase)));
            let is_there = match (&self.in_slots[slot_idx], &wanted) {
                (None, None) => true,
                (Some((id, phrase)), Some((wanted_id, wanted))) => {
                    id == wanted_id && Arc::ptr_eq(phrase, wanted)
                }
                _ => false,
            };
            if is_there {
                continue;
            }
            let clip = wanted.as_ref().map(|(id, phrase)| Clip::new(*id, Cause::Chosen, phrase));
            if !self.sender.send_to_slot(slot_idx, clip) {
                return false;
            }
            self.in_slots[slot_idx] = wanted;
        }
        true
    }

    /// Sends the chosen take if it was edited, to be replaced without a break; returns whether nothing is left to do.
    fn update_edited(&mut self, current: Option<Arc<Entry>>) -> bool {
        let is_edited = |entry: &Arc<Entry>| {
            self.given.as_ref().is_some_and(|(number, phrase)| {
                *number == entry.number && !Arc::ptr_eq(phrase, &entry.take.phrase)
            })
        };
        let Some(entry) = current.filter(is_edited) else { return true };
        let id = self.id(entry.number);
        let cause = match &self.unsent {
            // The older version was not sent yet: it is replaced, with the same cause.
            Some(unsent) if unsent.id() == id => unsent.cause(),
            // Another clip must be sent first.
            Some(_) => return false,
            None => Cause::Edited,
        };
        self.play(Some(entry), cause);
        true
    }

    /// Sends the chosen take, or silence if there is none.
    pub fn play_current(&mut self, shared: &Shared, cause: Cause) {
        self.play(shared.with_project(current), cause);
    }

    fn play(&mut self, entry: Option<Arc<Entry>>, cause: Cause) {
        self.given = entry.as_ref().map(|entry| (entry.number, Arc::clone(&entry.take.phrase)));
        let clip = match entry {
            Some(entry) => Some(Clip::new(self.id(entry.number), cause, &entry.take.phrase)),
            None => Phrase::empty(Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 120.0))
                .ok()
                .map(|silence| Clip::new(NO_TAKE, cause, &silence)),
        };
        if let Some(clip) = clip {
            self.send(clip);
        }
    }

    /// Records that the player has `phrase`, which became the chosen take `number`.
    pub fn adopt(&mut self, number: u64, phrase: Arc<Phrase>) {
        self.given = Some((number, phrase));
    }

    /// Sends `clip`, later if the queue has no room; only the newest unsent clip is kept.
    pub fn send(&mut self, clip: Clip) {
        self.unsent = self.sender.send(clip).err();
    }

    /// The clip id of take `number`, always the same, so that the player recognises its versions.
    fn id(&mut self, number: u64) -> u64 {
        if let Some(id) = self.ids.get(&number) {
            return *id;
        }
        let id = self.fresh_id();
        self.ids.insert(number, id);
        id
    }

    /// A new clip id, unique across projects.
    pub const fn fresh_id(&mut self) -> u64 {
        self.n_ids += 1;
        self.n_ids
    }

    /// Gives take `number` the clip id `id`.
    pub fn name(&mut self, number: u64, id: u64) {
        self.ids.insert(number, id);
    }

    /// Forgets the takes of the previous project: those of the present one get other ids.
    pub fn forget_takes(&mut self) {
        self.ids.clear();
        self.n_changes = None;
    }
}

fn slots(project: &Project) -> [Option<Arc<Entry>>; N_SLOTS] {
    std::array::from_fn(|slot_idx| project.takes.in_slot(slot_idx).cloned())
}

fn current(project: &Project) -> Option<Arc<Entry>> {
    project.takes.current().cloned()
}
