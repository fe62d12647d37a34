"""Compares what ardour.lua recorded with the phrase stored in its session: every note, its start, end and velocity; and
the state that came back when the session was opened again with the one that was stored.

    python3 tests/hosts/ardour.py FOLDER

Ardour writes 19,200 ticks a beat, of which it uses every tenth. Before each note it puts an event of its own with the
note's number, and that event takes the delta time: a reader that passes over it must still add its time.
"""

import base64
import bz2
import itertools
import json
import re
import struct
import sys
from pathlib import Path

TICKS = 960  # a beat, in stored phrases
TOLERANCE = 1.0  # ticks: what a sample and Ardour's grid round to
MOST_LATE = 39  # ticks: the furthest that a performance moves a note
PARTS = ["drums", "bass", "chords", "arp", "melody"]  # in the order of stored phrases


def stored_state(session: Path) -> dict:
    """The parameters and fields of the first plugin with a stored state."""
    chunk = re.search(r"<chunk>(.*?)</chunk>", session.read_text(), re.DOTALL)
    if chunk is None:
        sys.exit(f"{session.name} holds no state of a plugin")
    state = base64.b64decode(chunk.group(1))
    text = state[state.index(b"{") :].decode("utf-8", errors="replace")
    return json.JSONDecoder().raw_decode(text)[0]


def compare_states(stored: dict, reopened: dict) -> None:
    """Every parameter and every field, the project included, has to come back as it was."""
    for kind in ("params", "fields"):
        names = sorted(stored[kind].keys() | reopened[kind].keys())
        changed = [name for name in names if stored[kind].get(name) != reopened[kind].get(name)]
        if changed:
            sys.exit(f"other {kind} after opening the session again: {', '.join(changed)}")
    if stored != reopened:
        sys.exit("the state differs after opening the session again")
    sizes = len(stored["params"]), len(stored["fields"])
    print(f"state equal after opening the session again: {sizes[0]} parameters, {sizes[1]} fields")


def number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length and where it ends."""
    value = 0
    while True:
        value, at = value << 7 | data[at] & 127, at + 1
        if data[at - 1] < 128:
            return value, at


def recorded_notes(path: Path) -> tuple[list[tuple], float]:
    """Notes as (start, end, channel, pitch, velocity) and where the recording ends, in ticks of phrases."""
    data = path.read_bytes()
    scale = TICKS / struct.unpack_from(">H", data, 12)[0]
    at, end = 22, 22 + struct.unpack_from(">I", data, 18)[0]
    notes, held, time, status = [], {}, 0, 0
    while at < end:
        delta, at = number(data, at)
        time += delta
        if data[at] >= 0x80:
            status, at = data[at], at + 1
        if status == 0xFF or status in (0xF0, 0xF7):
            n_bytes, at = number(data, at + (status == 0xFF))
            at += n_bytes
            continue
        kind, channel, pitch = status >> 4, status & 15, data[at]
        velocity = data[at + 1]
        at += 1 if kind in (0xC, 0xD) else 2
        if kind == 0x9 and velocity > 0:
            if (channel, pitch) in held:
                sys.exit(f"key {pitch} of channel {channel} is played twice at tick {time * scale:.1f}")
            held[channel, pitch] = (time * scale, velocity)
        elif kind in (0x8, 0x9):
            if (channel, pitch) not in held:
                sys.exit(f"key {pitch} of channel {channel} is released but not played at tick {time * scale:.1f}")
            start, velocity = held.pop((channel, pitch))
            notes.append((start, time * scale, channel, pitch, velocity))
    if held:
        sys.exit(f"never released: {held}")
    return notes, time * scale


def stored_takes(state: dict) -> dict:
    """The takes of the project, in as few bytes as it may be stored."""
    project = json.loads(state["fields"]["project"])
    packed = project.get("packed")
    return (json.loads(bz2.decompress(base64.b64decode(packed))) if packed else project)["takes"]


def stored_notes(part: dict | list) -> list:
    """The notes of a part, which is stored note by note or in columns: start, written end, pitch and velocity as played."""
    if isinstance(part, list):
        onsets = [note["onset"] for note in part]
        durations, pitches, velocities = ([note[name] for note in part] for name in ("duration", "pitch", "velocity"))
        late, louder = zip(*(note.get("nuance", (0, 0)) for note in part)) if part else ((), ())
    else:
        onsets = list(itertools.accumulate(part["steps"]))
        durations, pitches, velocities = (part[name] for name in ("durations", "pitches", "velocities"))
        late, louder = (part.get(name) or [0] * len(onsets) for name in ("late", "louder"))
    return [
        (onset + after, onset + duration, pitch, min(max(velocity + more, 1), 127))
        for onset, duration, pitch, velocity, after, more in zip(onsets, durations, pitches, velocities, late, louder)
    ]


def compare_notes(state: dict, recording: Path) -> bool:
    """Whether the recording is the chosen take, pass after pass, and nothing else."""
    takes = stored_takes(state)
    phrase = takes["entries"][takes["current"]]["take"]["phrase"]
    channels = [next(iter(state["params"][f"{part}_channel"].values())) - 1 for part in PARTS]
    notes, end = recorded_notes(recording)
    frame = phrase["frame"]
    n_beats, unit = map(int, frame["meter"].split("/"))
    bar = n_beats * TICKS * 4 // unit
    length = (frame["n_bars"] + frame["has_pickup"]) * bar
    missing, left = [], list(notes)
    # No note on a bar line is played early, so no pass begins before its place.
    for pass_start in range(0, int(end) + 1, length):
        for part_idx, part in enumerate(phrase["parts"]):
            for start, stop, pitch, velocity in stored_notes(part):
                start = pass_start + start
                stop = min(pass_start + stop, end)
                if start >= end - TOLERANCE:
                    continue
                wanted = (channels[part_idx], pitch, velocity)
                match = next(
                    (
                        found
                        for found in left
                        if found[2:] == wanted
                        and abs(found[0] - start) <= TOLERANCE
                        and abs(found[1] - stop) <= MOST_LATE + TOLERANCE
                    ),
                    None,
                )
                left.remove(match) if match else missing.append((start, stop, *wanted))
    passes = f"{len(notes)} notes recorded in {end / length:.2f} passes"
    print(f"{recording.name}: {passes}; {len(missing)} missing, {len(left)} not in the phrase")
    for word, some in ("missing", missing), ("not in the phrase", left):
        for note in some[:20]:
            print(f"  {word}: start, end, channel, pitch, velocity = {note}")
    return not missing and not left and end >= length


def main() -> None:
    folder = Path(sys.argv[1])
    state = stored_state(folder / "stored.ardour")
    reopened = folder / "reopened.ardour"
    takes = {"Take1"}
    if reopened.exists():
        compare_states(state, stored_state(reopened))
        takes.add("Take2")
    # Ardour copies a take for each snapshot, and makes the file of the next recording in advance.
    files = sorted(folder.glob("interchange/*/midifiles/*Recorded*.mid"))
    files = [file for file in files if recorded_notes(file)[0]]
    recorded = {file.name.split("_")[0] for file in files}
    if recorded != takes:
        sys.exit(f"notes recorded in {sorted(recorded)} instead of {sorted(takes)}")
    if not all([compare_notes(state, file) for file in files]):
        sys.exit(1)


main()
