//! What the player has been given of the project: the chosen take, the takes of the slots, and what is under way.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::music::{Frame, Key, Meter, Phrase};
use crate::player::{Cause, Clip, ClipSender, Heard, N_SLOTS};
use crate::session::{Entry, Project};
use crate::worker::Shared;

/// The id of the clip that stands for no take.
const NO_TAKE: u64 = 0;

/// What the player has been given of the project.
pub(super) struct Clips {
    sender: ClipSender,
    /// The newest clip, if the player had no room for it.
    unsent: Option<Clip>,
    /// What lies in the player's slots: clip ids and their notes.
    in_slots: [Option<(u64, Arc<Phrase>)>; N_SLOTS],
    /// What the player was last given of the chosen take: the take's number and its notes.
    given: Option<(u64, Arc<Phrase>)>,
    /// [`Shared::n_changes`] when the player last had all that the project holds.
    n_changes: Option<u64>,
    /// Clip ids of takes, by their number in the project.
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

    /// What the player noticed of the musician's playing, once each.
    pub fn take_heard(&mut self) -> Option<Heard> {
        self.sender.take_heard()
    }

    /// Collects what the player gave back, and sends what it had no room for; whether there was anything.
    pub fn collect(&mut self) -> bool {
        let n_spent = self.sender.collect_spent();
        if let Some(clip) = self.unsent.take() {
            self.send(clip);
        }
        n_spent > 0 || self.unsent.is_some()
    }

    /// Has the player hold what the project does: the takes of its slots, and the chosen take as it was edited. Looks at the
    /// project only if that was changed.
    pub fn update(&mut self, shared: &Shared) {
        let n_changes = shared.n_changes();
        if self.n_changes == Some(n_changes) {
            return;
        }
        let (slots, current) = shared.with_project(|project| (slots(project), current(project)));
        let is_complete = self.update_slots(slots) & self.update_edited(current);
        self.n_changes = is_complete.then_some(n_changes);
    }

    /// Whether the player's slots hold `entries` now; it may have no room.
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

    /// Has the player go on with the chosen take as it was edited, without a break. Whether that is done, or there was nothing
    /// to do.
    fn update_edited(&mut self, current: Option<Arc<Entry>>) -> bool {
        let is_edited = |entry: &Arc<Entry>| {
            self.given.as_ref().is_some_and(|(number, phrase)| {
                *number == entry.number && !Arc::ptr_eq(phrase, &entry.take.phrase)
            })
        };
        let Some(entry) = current.filter(is_edited) else { return true };
        let id = self.id(entry.number);
        let cause = match &self.unsent {
            // It was not sent yet: its newer version goes in its place, for the same reason.
            Some(unsent) if unsent.id() == id => unsent.cause(),
            // Another one goes first.
            Some(_) => return false,
            None => Cause::Edited,
        };
        self.play(Some(entry), cause);
        true
    }

    /// Has the chosen take played, or silence if there is none.
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

    /// The player has `phrase`, which was sent while it was under way, and which became the chosen take of a number.
    pub fn adopt(&mut self, number: u64, phrase: Arc<Phrase>) {
        self.given = Some((number, phrase));
    }

    /// Hands `clip` to the player, later if it has no room now; then the newest counts.
    pub fn send(&mut self, clip: Clip) {
        self.unsent = self.sender.send(clip).err();
    }

    /// The clip id of a take of the project, the same each time, so that the player knows it again.
    fn id(&mut self, number: u64) -> u64 {
        if let Some(id) = self.ids.get(&number) {
            return *id;
        }
        let id = self.fresh_id();
        self.ids.insert(number, id);
        id
    }

    /// A clip id that no phrase has had, in this project or another.
    pub const fn fresh_id(&mut self) -> u64 {
        self.n_ids += 1;
        self.n_ids
    }

    /// From now on `id` is that of the take of a number.
    pub fn name(&mut self, number: u64, id: u64) {
        self.ids.insert(number, id);
    }

    /// Forgets the takes of the project before: those of the one that is there now get other ids.
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
