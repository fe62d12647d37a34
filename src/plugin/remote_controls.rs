//! Pages of parameters for controllers of eight knobs, where a host offers them.

use nice_plug::prelude::{RemoteControlsContext, RemoteControlsPage, RemoteControlsSection};

use crate::music::Part;
use crate::params::DescantParams;
use crate::params::text::title;
use crate::session::{Command, Verb};

/// Adds the pages of `params` to what a CLAP host offers. Longer than other functions: a table of pages, a row for each knob.
pub fn add(context: &mut impl RemoteControlsContext, params: &DescantParams) {
    context.add_section("Composing", |section| {
        section.add_page("Phrase", |page| {
            let composing = &params.composing;
            page.add_param(&composing.style);
            page.add_param(&composing.valence);
            page.add_param(&composing.arousal);
            page.add_param(&composing.density);
            page.add_param(&composing.complexity);
            page.add_param(&composing.surprise);
            page.add_param(&composing.bars);
            page.add_param(params.actions.switch(Command::Compose(Verb::Generate)));
        });
        section.add_page("Frame", |page| {
            let composing = &params.composing;
            page.add_param(&composing.tonic);
            page.add_param(&composing.mode);
            page.add_param(&composing.scale);
            page.add_param(&composing.meter);
            page.add_param(&composing.syncopation);
            page.add_param(&composing.register);
            page.add_param(&composing.leaps);
            page.add_param(&composing.rests);
        });
    });
    context.add_section("Playing", |section| {
        section.add_page("Stage", |page| {
            let (playing, actions) = (&params.playing, &params.actions);
            page.add_param(actions.switch(Command::Compose(Verb::Generate)));
            page.add_param(actions.switch(Command::Compose(Verb::Continue)));
            page.add_param(actions.switch(Command::Compose(Verb::Vary)));
            page.add_param(actions.switch(Command::PreviousTake));
            page.add_param(actions.switch(Command::NextTake));
            page.add_param(&playing.quantum);
            page.add_param(&playing.mode);
            page.add_param(actions.switch(Command::Panic));
        });
        section.add_page("Feel", |page| {
            let playing = &params.playing;
            page.add_param(&playing.tempo);
            page.add_param(&playing.tempo_source);
            page.add_param(&playing.swing);
            page.add_param(&playing.swing_unit);
            page.add_param(&playing.humanise);
            page.add_param(&playing.preview_level);
            page.add_param(&params.composing.vary_amount);
            page.add_param(&params.composing.vary_keep);
        });
        section.add_page("Groove", |page| {
            let playing = &params.playing;
            page.add_param(&playing.groove);
            page.add_param(&playing.groove_amount);
            page.add_param(&playing.performance);
            page.add_param(&playing.swing);
            page.add_param(&playing.humanise);
            page.add_param(&playing.accent);
            page.add_param(&playing.note_length);
            page.add_param(&playing.velocity_curve);
        });
        section.add_page("Keys", |page| {
            page.add_param(&params.playing.key_trigger);
            page.add_param(&params.playing.key_dynamics);
            page.add_param(&params.playing.accent);
            page.add_param(&params.playing.note_length);
            page.add_param(params.actions.switch(Command::Compose(Verb::Respond)));
            page.add_param(params.actions.switch(Command::Compose(Verb::Accompany)));
            page.add_param(&params.composing.form);
            page.add_param(&params.playing.commit_beats);
        });
        section.add_page("Live", |page| {
            page.add_param(&params.playing.follow);
            page.add_param(&params.playing.evolve);
            page.add_param(&params.playing.answer);
            page.add_param(&params.playing.one_channel);
            page.add_param(&params.playing.velocity_curve);
            page.add_param(&params.actions.slot);
            page.add_param(&params.playing.key_switches);
            page.add_param(&params.playing.hold);
        });
        section.add_page("MIDI", |page| {
            page.add_param(&params.playing.through);
            page.add_param(&params.playing.count_in);
            for part in Part::ALL {
                page.add_param(&params.part(part).program);
            }
        });
        for part in Part::ALL {
            let of_part = params.part(part);
            section.add_page(title(part.name()), |page| {
                page.add_param(&of_part.on);
                page.add_param(&of_part.mute);
                page.add_param(&of_part.solo);
                page.add_param(&of_part.level);
                page.add_param(&of_part.pan);
                if part.is_drums() {
                    page.add_spacer();
                } else {
                    page.add_param(&of_part.octave);
                }
                page.add_param(&of_part.density);
                page.add_param(&of_part.channel);
            });
        }
    });
}
