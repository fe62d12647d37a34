//! The state that a host stores in addition to the parameters: texts by name.
//!
//! The framework's own fields keep only valid JSON and drop the rest. Here each text is kept as it is, so that text
//! that this version cannot read or does not know is stored again byte for byte.
//!
//! # Threads
//!
//! A host that loads while it plays may do so on its audio thread, so locks are held briefly.

use std::collections::BTreeMap;
use std::sync::Arc;

use nice_plug::prelude::{ParamPtr, Params};
use parking_lot::Mutex;

use super::bindings::Bindings;
use crate::session::Project;
use crate::worker::Shared;

/// Stores and restores the project of the shared state.
///
/// Restoring waits for the worker only in a render faster than real time; see [`Shared::set_restore_timeout`].
#[derive(Debug)]
pub struct StoredProject(pub Arc<Shared>);

impl StoredProject {
    /// The name under which the project is stored.
    pub const FIELD: &str = "project";
}

#[expect(unsafe_code, reason = "the framework's trait for what is stored is unsafe to implement")]
// SAFETY: the trait asks that the pointers to parameters be valid for as long as this is; there are none.
unsafe impl Params for StoredProject {
    fn param_map(&self) -> Vec<(String, ParamPtr, String)> {
        Vec::new()
    }

    fn serialize_fields(&self) -> BTreeMap<String, String> {
        BTreeMap::from([(Self::FIELD.to_owned(), self.0.project().to_text())])
    }

    fn deserialize_fields(&self, stored: &BTreeMap<String, String>) {
        if let Some(text) = stored.get(Self::FIELD) {
            self.0.restore(Project::from_text(text));
        }
    }
}

/// Stores and restores the bindings of controls.
#[derive(Debug, Default)]
pub struct StoredBindings(pub Arc<Bindings>, Mutex<Option<Loaded>>);

/// Bindings as they were loaded.
#[derive(Debug)]
struct Loaded {
    text: String,
    /// The entries that bind nothing in this version: unknown commands or controls.
    others: BTreeMap<String, String>,
    /// The number of changes of the bindings at loading: while it is unchanged, the loaded text is stored again.
    n_changes: u32,
}

impl StoredBindings {
    /// The name under which they are stored.
    pub const FIELD: &str = "midi";

    fn to_text(&self) -> String {
        let mut map = match &*self.1.lock() {
            Some(loaded) if loaded.n_changes == self.0.n_changes() => return loaded.text.clone(),
            Some(loaded) => loaded.others.clone(),
            None => BTreeMap::new(),
        };
        map.extend(self.0.to_map());
        // A map of texts always has a form in JSON.
        serde_json::to_string(&map).unwrap_or_default()
    }

    /// Sets the bindings by `text`; none if it cannot be read.
    fn restore(&self, text: &str) {
        let others = self.0.restore(serde_json::from_str(text).unwrap_or_default());
        *self.1.lock() = Some(Loaded { text: text.to_owned(), others, n_changes: self.0.n_changes() });
    }
}

#[expect(unsafe_code, reason = "the framework's trait for what is stored is unsafe to implement")]
// SAFETY: the trait asks that the pointers to parameters be valid for as long as this is; there are none.
unsafe impl Params for StoredBindings {
    fn param_map(&self) -> Vec<(String, ParamPtr, String)> {
        Vec::new()
    }

    fn serialize_fields(&self) -> BTreeMap<String, String> {
        BTreeMap::from([(Self::FIELD.to_owned(), self.to_text())])
    }

    fn deserialize_fields(&self, stored: &BTreeMap<String, String>) {
        if let Some(text) = stored.get(Self::FIELD) {
            self.restore(text);
        }
    }
}

/// Fields of a later version, kept as they were loaded.
#[derive(Debug, Default)]
pub struct StoredOthers(Mutex<BTreeMap<String, String>>);

#[expect(unsafe_code, reason = "the framework's trait for what is stored is unsafe to implement")]
// SAFETY: the trait asks that the pointers to parameters be valid for as long as this is; there are none.
unsafe impl Params for StoredOthers {
    fn param_map(&self) -> Vec<(String, ParamPtr, String)> {
        Vec::new()
    }

    fn serialize_fields(&self) -> BTreeMap<String, String> {
        self.0.lock().clone()
    }

    fn deserialize_fields(&self, stored: &BTreeMap<String, String>) {
        let is_known = |name: &str| [StoredProject::FIELD, StoredBindings::FIELD].contains(&name);
        let others = stored.iter().filter(|(name, _)| !is_known(name));
        *self.0.lock() = others.map(|(name, text)| (name.clone(), text.clone())).collect();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::params::DescantParams;
    use crate::params::bindings::{Control, Learnable};

    /// The fields stored after `fields` were loaded.
    fn reloaded(params: &DescantParams, fields: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        params.deserialize_fields(fields);
        params.serialize_fields()
    }

    fn fields(project: &str, midi: &str) -> BTreeMap<String, String> {
        let fields = [("project", project), ("midi", midi), ("later", "[1e400, \"\\ud800\"")];
        fields.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
    }

    #[test]
    fn what_cannot_be_read_is_stored_again_to_the_byte() {
        let params = DescantParams::new(Arc::default());
        let deep = "[".repeat(5000) + &"]".repeat(5000);
        for text in
            [&deep, "\"\\ud800\"", "1e400", "", "no JSON \u{0}", "{\"format\":1,\"takes\":1e400}", "[]"]
        {
            let fields = fields(text, text);
            assert_eq!(reloaded(&params, &fields), fields);
        }
        let later =
            fields("{\"format\":1,\"window\":null,\"takes\":{}}", "{\"dance\":\"cc 3\",\"hold\":\"cc 64\"}");
        let stored = reloaded(&params, &later);
        assert_eq!((&stored["midi"], &stored["later"]), (&later["midi"], &later["later"]));
        let hold = params.bindings.0.control_of(Learnable::Hold);
        assert_eq!(hold, Some(Control::Controller(64)));
    }

    #[test]
    fn bindings_that_cannot_be_read_give_way_to_what_is_learnt() {
        let stored = StoredBindings::default();
        stored.restore("{\"hold\":\"cc 64\"}");
        assert_eq!(stored.0.control_of(Learnable::Hold), Some(Control::Controller(64)));
        stored.restore("{\"hold\":64}");
        assert_eq!(stored.to_text(), "{\"hold\":64}");
        assert_eq!(stored.0.control_of(Learnable::Hold), None);
        stored.0.learn(Learnable::Hold);
        stored.0.receive(Control::Controller(3), true);
        assert_eq!(stored.to_text(), "{\"hold\":\"cc 3\"}");
        stored.restore("{\"dance\":\"cc 5\"}");
        stored.0.learn(Learnable::Hold);
        stored.0.receive(Control::Controller(3), true);
        assert_eq!(stored.to_text(), "{\"dance\":\"cc 5\",\"hold\":\"cc 3\"}");
    }

    proptest! {
        #[test]
        fn any_texts_are_stored_again_or_stand_as_they_are_read(
            project in "\\PC{0,40}|\\{\"format\":1(,\"[a-z]\":[0-9e\\[\\]]{0,9}){0,3}\\}",
            midi in "\\PC{0,40}|\\{(\"(hold|dance|panic)\":\"(cc|key) [0-9]{1,3}\"){0,1}\\}",
        ) {
            let params = DescantParams::new(Arc::default());
            let fields = fields(&project, &midi);
            let stored = reloaded(&params, &fields);
            prop_assert_eq!(&stored["later"], &fields["later"]);
            let is_kept = Project::from_text(&project).error().is_some();
            prop_assert!(!is_kept || stored["project"] == project);
            prop_assert_eq!(&stored["midi"], &midi);
            prop_assert_eq!(&reloaded(&params, &stored), &stored);
        }
    }
}
