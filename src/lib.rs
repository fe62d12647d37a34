//! Descant, an AI phrase composer.
//!
//! A small transformer, run on the user's own machine, composes phrases of 1–16 bars for up to five parts. A phrase is a
//! grid of cells, part × bar, and every task is the same act: some cells are given, the model composes the rest under
//! constraints. So generating, continuing, answering, varying and re-composing share one prompt format, one sampler and
//! one training objective.
//!
//! # Data flow
//!
//! ```text
//!  words, presets ─► Knobs ┐
//!                          ├► Task ─► Prompt ─► prefix tokens ─► model ⇄ grammar + sampler
//!             given notes ─┘                                       │
//!                                            token ids ◄───────────┘
//!                                                ╰─► decode ─► Phrase ─► take
//!                                                                      │
//!                        MIDI file ◄── smf ◄───────────────────────────┤
//!                        picture, text ◄── roll ◄──────────────────────┤
//!                        sound ◄── synth ◄── player's Clip ◄───────────┘
//! ```
//!
//! In the plugin the same goes through three threads, bar by bar:
//!
//! ```text
//!  MAIN (host UI)                 WORKER (ours, one per instance)          AUDIO (the host's)
//!  parameters ──────────────────► brief ─► Job ─► compose
//!  editor ─► Request ══channel══►            │                ┌══ Triggers (atomic) ══ switches that went on
//!  takes, status ◄── Shared (locks) ◄── takes ◄┤                ▼
//!  playhead ◄───── Monitor (atomics) ◄───────┼─────────────────────────── Player ─► notes ─► host
//!                                            └► Clip ══fresh══► Player ◄═ host's time, notes in
//!                                     call to answer ◄══input══ │
//!                                                    ◄══spent══    └────► Synth ─► stereo out
//! ```
//!
//! Music enters and leaves as a `Phrase`, which is sorted, in range and free of overlaps by construction. Text and files
//! are parsed at the edge; inside, types carry what was checked. What a model writes is treated like user input: decoding
//! it never fails, but says what it repaired.
//!
//! # Threads
//!
//! Code is written for one of three threads, and its docs say which:
//!
//! | thread | runs | may |
//! |---|---|---|
//! | main | command line or host UI: parameters, editor, files, state | block |
//! | worker | `compose`, and so `model` | lock with main, allocate; looks at its cancel flag once a token |
//! | audio | `player`, `synth`, the audio processor of `plugin` | neither allocate, free, lock, log, make a system call nor panic |
//!
//! The command line needs no worker and no audio thread: it composes, renders and writes on its main thread.
//!
//! # Invariants
//!
//! - Imports point inwards only: a module may use those above it in the list below, and then only some.
//!   `tests/it/layering.rs` holds the table. No file imports in a circle: see `tests/it/circles.rs`.
//! - `files`, `music`, `smf`, `token`, `words`, `session`, `preset`, `knobs`, `player` and `training` build with `--no-default-features`:
//!   no tensors, no plugin framework, no window system.
//! - `model` sees ids and shapes and knows no music; `token` knows no tensors.
//! - Given and locked notes are copied from the input, never decoded back.
//! - The same receipt gives the same phrase on one build, whatever the thread count or batch size. What is random takes its
//!   generator as an argument.
//! - Weights refuse to load against a vocabulary other than the one they were trained with.
//! - A function that the audio thread may call says so in the last line of its docs: *Real-time:* wait-free, no allocation.
//!
//! # Examples
//!
//! A few lines to copy stand in the docs of the modules: composing a phrase with the shipped model in `compose`, reading and
//! writing a MIDI file in `smf`, words to settings in `words`, and playing a clip in `player`.
//!
//! # Modules, in reading order
//!
//! | module | feature | what it is |
//! |---|---|---|
//! | `files` | | reading and writing so that nothing of the user's is lost |
//! | `music` | | theory, time and measurement: plain values |
//! | `look` | | colours and fonts that the editor and pictures share |
//! | `smf` | | Standard MIDI Files ⇄ phrases |
//! | `token` | | phrases ⇄ compound token ids: vocabulary, prompt, grammar |
//! | `words` | | "dark lo-fi in D minor" → controls |
//! | `session` | | tasks, rules, receipts and takes |
//! | `preset` | | named settings, ours and the user's, as files |
//! | `knobs` | | what words and presets set, and the settings of a task that come of it |
//! | `model` | `model` | ids → logits: the transformer, its weights and the sampler |
//! | `compose` | `model` | a task → takes: decoding under constraints; the models there are |
//! | `player` | | the audio thread's half: clips and host time in, note events out |
//! | `synth` | `synth` | the preview synth: clips in, stereo out |
//! | `worker` | `worker` | the thread that composes, bar by bar |
//! | `params` | `plugin` | what the host may automate: ids for ever |
//! | `editor` | `plugin` | what the user sees: a state in, actions out |
//! | `plugin` | `plugin` | all of it as CLAP and VST3 |
//! | `training` | | windows of music → tasks → the sequences that a network learns from |
//! | `corpus` | `cli` | folders of MIDI files → training shards and statistics |
//! | `eval` | `cli` | held-out loss compared with the n-gram floor, control accuracy, speed |
//! | `roll` | `cli` | a phrase drawn as a picture and as text |

pub mod files;

pub mod music;

pub mod look;

pub mod smf;

pub mod token;

pub mod words;

pub mod session;

pub mod preset;

pub mod knobs;

#[cfg(feature = "model")]
pub mod model;

#[cfg(feature = "model")]
pub mod compose;

pub mod player;

#[cfg(feature = "synth")]
pub mod synth;

#[cfg(feature = "worker")]
pub mod worker;

#[cfg(feature = "plugin")]
pub mod params;

#[cfg(feature = "plugin")]
pub mod editor;

#[cfg(feature = "plugin")]
pub mod plugin;

pub mod training;

#[cfg(feature = "cli")]
pub mod corpus;

#[cfg(feature = "cli")]
pub mod eval;

#[cfg(feature = "cli")]
pub mod roll;
