//! The player under hosts of every kind: its guarantees, checked over whole sequences of blocks.
//!
//! The tests of each guarantee; `hosts` are the tests of the built bundles in `tests/hosts`.
//!
//! | guarantee | here | elsewhere |
//! | --- | --- | --- |
//! | 1 stop | `time::stopping_releases_at_the_stop_sample_and_input_goes_on` | hosts `half_a_minute_of_everything_hangs_no_note` |
//! | 2 start in mid-phrase | `time::starting_in_the_middle_plays_what_lies_ahead` | |
//! | 2 on the song's bars | `bars::after_an_odd_bar_the_phrase_is_on_the_songs_bars_again` | |
//! | 3 loop and seek | `time::loops_neither_double_the_first_note_nor_lose_the_last`, `time::a_loop_inside_the_phrase_is_cut_at_its_sample`, `time::jumps_without_a_word_release_and_seat_anew` | hosts `tempo_seeks_and_stops_hang_no_note` |
//! | 4 block independence | `random::events_do_not_depend_on_blocks`, `random::keys_do_not_depend_on_blocks`, `random::a_sequence_does_not_depend_on_blocks` | hosts `one_pass_is_the_phrase` |
//! | 5 tempo | `time::tempo_changes_and_glides_lose_and_double_nothing` | |
//! | 6 rate, block size, activation | `time::another_rate_or_activation_releases_first_and_keeps_every_beat` | hosts `another_rate_or_block_size_changes_no_beat` |
//! | 7 changes | `changes::bypass_mute_and_mode_release_at_once`, `changes::a_restored_phrase_takes_over_once_the_other_is_released`, `changes::another_octave_or_channel_releases_what_sounds`, `changes::activation_releases_everything_with_the_first_sample_of_the_next_block`, `changes::everything_is_released_at_once_where_no_block_follows` | hosts `an_instance_may_go_at_any_moment` |
//! | 8 offline render | `random::a_bounce_equals_playback`, `time::a_reset_makes_the_next_render_equal_to_the_first`, `stage::every_render_begins_with_what_was_set_or_sent_last` | hosts `offline_renders_are_equal_and_compose_nothing` |
//! | 9 launch quantum | `changes::another_phrase_waits_for_the_quantum` | |
//! | 9 commit horizon | `changes::what_was_composed_takes_over_beyond_the_commit_horizon`, `changes::the_commit_horizon_reaches_round_a_loop_and_ends_with_a_seek`, `changes::round_a_loop_without_a_bound_another_phrase_takes_over_at_the_loop_point`, `changes::what_is_composed_while_another_waits_takes_over_where_that_would_have`, `changes::a_longer_version_takes_over_without_a_break` | |
//! | 9 follow, launch off | `follow::the_phrase_follows_the_chord_held_from_the_next_half_beat`, `follow::what_is_followed_does_not_depend_on_blocks`, `changes::what_evolved_takes_over_when_the_phrase_begins_again`, `answer::an_answer_sent_while_it_listens_begins_with_its_window` | `worker` `what_is_chosen_while_composing_plays_at_once_and_stays` |
//! | 10 model late | `changes::a_late_model_rests_or_goes_on_and_plays_nothing_late` | |
//! | 11 many instances | | `network::weights_are_shared_and_named_by_their_bytes`, `worker` `an_idle_instance_reads_no_network_and_composes_nothing`, hosts `two_instances_compose_for_themselves` |
//! | 12 state | `state::every_format_loads_to_the_same_project`, `state::later_and_damaged_projects_are_refused_and_kept`, `state::no_damage_to_a_project_panics_or_loses_anything` (of this binary) | hosts `clap_state`, unit tests of `session::project`, `session::takes`, `params` and `worker` |
//! | 13 live input | `keys::input_passes_or_plays_by_mode_and_output_is_no_input`, `echo::what_the_host_sends_back_is_ignored` | hosts `keys_pass_through_sample_by_sample` |
//! | 14 missing transport | `time::a_host_without_transport_is_played_to_at_the_knob` | hosts `without_any_transport_the_phrase_plays_on_its_own` |
//! | 15 one note-off a note-on | `random::nothing_hangs_under_any_sequence` | hosts `half_a_minute_of_everything_hangs_no_note` |

mod answer;
mod audition;
mod bars;
mod changes;
mod echo;
mod follow;
mod keys;
mod played;
mod probe;
mod random;
mod regressions;
mod rig;
mod script;
mod stage;
mod time;
