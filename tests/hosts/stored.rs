//! Reads and changes a stored state: the framework's JSON after its length, with our project as JSON in a field.

use std::sync::LazyLock;

use descant::session::Project;
use serde_json::Value;

use crate::clap_host::ClapHost;
use crate::host::Host;

/// A stored state in parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored(pub Value);

impl Stored {
    /// Reads a CLAP state.
    pub fn read(bytes: &[u8]) -> Self {
        let (length, json) = bytes.split_at(8);
        let length = u64::from_le_bytes(length.try_into().expect("split at eight bytes"));
        assert_eq!(length, json.len() as u64, "the state says how long it is");
        Self(serde_json::from_slice(json).expect("a state is JSON"))
    }

    /// As a CLAP host stores it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let json = self.0.to_string().into_bytes();
        let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
        bytes.extend(json);
        bytes
    }

    /// The text of the project.
    pub fn project_text(&self) -> &str {
        self.0["fields"]["project"].as_str().expect("the project is a text")
    }

    /// The project as data, however few bytes it is stored in.
    pub fn project_json(&self) -> Value {
        serde_json::from_str(&self.project().to_json()).expect("the project is JSON")
    }

    /// The project.
    pub fn project(&self) -> Project {
        Project::from_text(self.project_text())
    }

    /// This with another text as its project.
    pub fn with_project_text(mut self, text: &str) -> Self {
        self.0["fields"]["project"] = text.into();
        self
    }

    /// This with another project.
    pub fn with_project_json(self, project: &Value) -> Self {
        self.with_project_text(&project.to_string())
    }

    /// This without any take.
    pub fn without_takes(self) -> Self {
        self.with_project_text(r#"{"format":1}"#)
    }

    /// This with the takes of these numbers in the slots.
    pub fn with_slots(self, numbers: &[Option<u64>]) -> Self {
        let mut project = self.project_json();
        project["takes"]["slots"] = numbers.into();
        self.with_project_json(&project)
    }

    /// This with a parameter's stored value, a number, text or switch, changed.
    pub fn with_param(mut self, id: &str, value: impl Into<Value>) -> Self {
        let param = &mut self.0["params"][id];
        let Some(slot) = param.as_object_mut().and_then(|tagged| tagged.values_mut().next()) else {
            panic!("{id} is stored as {param}");
        };
        *slot = value.into();
        self
    }
}

/// A state with at least three takes in it, the first one chosen, composed once for all tests.
pub fn composed() -> Stored {
    static COMPOSED: LazyLock<Stored> = LazyLock::new(|| {
        let mut host = ClapHost::active();
        host.set("bars", "4 bars");
        (0..3).for_each(|_| host.generate());
        let state = host.save();
        let mut project = state.project_json();
        project["takes"]["current"] = 0.into();
        // Stored once more, so that it is as the plugin writes it.
        host.load(&state.with_project_json(&project));
        host.save()
    });
    COMPOSED.clone()
}
