"""Descant's standalone on JACK servers of its own, without sound hardware: notes in, notes out.

    pip install JACK-Client==0.5.7
    cargo build --release --no-default-features --features standalone --bin descant
    python3 tests/hosts/standalone_jack.py target/release/descant

Needs `jackd`; with `Xvfb` the window opens out of sight, and with `xdotool` too a phrase is composed and played. The session
is kept in a folder of its own.
"""

import base64
import bz2
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RATE, BLOCK = 48_000, 512
SERVER = "descant-test"  # always the same: what a server that was killed leaves behind goes with the next of its name
TIMEOUT_MILLISECONDS = 5000
MAX_STARTING_SECONDS = 30
MAX_COMPOSING_SECONDS = 120
ON, OFF = 0x90, 0x80
# A session without a phrase that JACK's transport moves.
SESSION = {"params": {"playmode": {"i32": 0}}, "fields": {"project": '{"format":1}'}}


def wait_for(what: str, is_so, seconds: float) -> None:
    """Waits until it is so, at most so long."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.05)


class Programs:
    """What this started, and stops again, the last first."""

    def __init__(self) -> None:
        self.running: list[subprocess.Popen] = []

    def start(self, *command: str, **options) -> subprocess.Popen:
        program = subprocess.Popen(command, **options)
        self.running.append(program)
        return program

    def stop(self) -> None:
        while self.running:
            program = self.running.pop()
            program.send_signal(signal.SIGINT)
            try:
                program.wait(30)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()


class Wire:
    """A JACK client that sends scripted notes and keeps those it receives."""

    def __init__(self) -> None:
        import jack

        self.client = jack.Client("wire", no_start_server=True, servername=SERVER)
        self.outgoing = self.client.midi_outports.register("out")
        self.incoming = self.client.midi_inports.register("in")
        self.random = random.Random(2)
        self.due: list[tuple[int, int, int]] = []  # at most one a block, so that order is all there is
        self.received: list[tuple[int, int, int, int]] = []  # kind, channel, key, velocity
        self.client.set_process_callback(self.process)
        self.client.activate()

    def process(self, _n_frames: int) -> None:
        self.outgoing.clear_buffer()
        if self.due:
            self.outgoing.write_midi_event(self.random.randrange(BLOCK), bytes(self.due.pop(0)))
        for _offset, data in self.incoming.incoming_midi_events():
            status, *rest = bytes(data)
            kind = status & 0xF0
            if kind in (ON, OFF):
                key, velocity = rest
                kind = OFF if velocity == 0 else kind
                self.received.append((kind, status & 0x0F, key, velocity))

    def close(self) -> None:
        self.client.deactivate()
        self.client.close()

    def check_balance(self) -> int:
        """Each note-on has one note-off, and is not played again before it. Returns how many there were."""
        sounding, n_ons = set(), 0
        for kind, channel, key, _velocity in self.received:
            if kind == ON:
                assert (channel, key) not in sounding, f"key {key} of channel {channel} is played twice"
                sounding.add((channel, key))
                n_ons += 1
            else:
                assert (channel, key) in sounding, f"key {key} of channel {channel} is released but not played"
                sounding.remove((channel, key))
        assert not sounding, f"never released: {sounding}"
        return n_ons


def script() -> list[tuple[int, int, int]]:
    """Two hundred notes on sixteen channels, up to six at a time."""
    rng, held, messages = random.Random(1), [], []
    for _ in range(200):
        channel, key = rng.randrange(16), rng.randrange(128)
        if (channel, key) in held:
            continue
        held.append((channel, key))
        messages.append((ON | channel, key, rng.randrange(1, 128)))
        while len(held) > rng.randrange(6):
            channel, key = held.pop(rng.randrange(len(held)))
            messages.append((OFF | channel, key, 0))
    return messages + [(OFF | channel, key, 0) for channel, key in held]


def passes_through(wire: Wire) -> None:
    """While the transport rests, what comes in goes out, in order."""
    sent = script()
    wire.due = list(sent)
    wait_for("sending notes", lambda: not wire.due, 60)
    time.sleep(1)
    wanted = [(status & 0xF0, status & 0x0F, key, velocity) for status, key, velocity in sent]
    got = [(kind, channel, key, velocity if kind == ON else 0) for kind, channel, key, velocity in wire.received]
    assert got == wanted, f"{len(wanted)} messages went in, and {len(got)} others came out"
    print(f"{wire.check_balance()} notes in, the same out")


def composes_and_plays(wire: Wire, environment: dict) -> None:
    """The key for Generate composes; JACK's transport starts and stops it."""

    def xdotool(*command: str) -> str:
        found = subprocess.run(["xdotool", *command], env=environment, capture_output=True, text=True)
        return found.stdout.strip()

    wait_for("the window", lambda: xdotool("search", "--name", "Descant"), MAX_STARTING_SECONDS)
    window = xdotool("search", "--name", "Descant").splitlines()[0]
    # There is no window manager that would do it.
    xdotool("windowfocus", window)
    time.sleep(2)
    wire.received.clear()
    xdotool("key", "ctrl+g")
    wire.client.transport_locate(0)
    wire.client.transport_start()
    wait_for("the first note", lambda: wire.received, MAX_COMPOSING_SECONDS)
    time.sleep(8)
    wire.client.transport_stop()
    time.sleep(1)
    print(f"{wire.check_balance()} notes of a phrase, each released; none after the stop")


@contextmanager
def on_a_server(standalone: str, environment: dict) -> Iterator[tuple[subprocess.Popen, Wire]]:
    """A standalone that has just started, connected to a wire, on a server that no other client was on before.

    A server keeps a client whose process has ended until it has noticed, and refuses others meanwhile, on a busy machine for
    longer than any of them waits.
    """
    programs = Programs()
    # On a busy machine the server waits for who is late: otherwise what was sent would arrive twice, or not at all.
    options = ["-r", "-S", "-t", str(TIMEOUT_MILLISECONDS), "-d", "dummy", "-r", str(RATE), "-p", str(BLOCK)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        programs.start("jackd", "-n", SERVER, *options, env=environment, **quiet)
        wait = ["jack_wait", "-s", SERVER, "-w", "-t", str(MAX_STARTING_SECONDS)]
        subprocess.run(wait, env=environment, check=True, **quiet)
        wire = Wire()
        descant = programs.start(standalone, "-b", "jack", env=environment)
        ports = {"descant:midi_input", "descant:midi_output"}

        def has_ports() -> bool:
            assert descant.poll() is None, "the standalone has ended"
            return ports <= {port.name for port in wire.client.get_ports("descant:.*")}

        wait_for("ports of the standalone", has_ports, MAX_STARTING_SECONDS)
        time.sleep(1)  # until its callback runs
        wire.client.connect(wire.outgoing, "descant:midi_input")
        wire.client.connect("descant:midi_output", wire.incoming)
        yield descant, wire
        wire.close()
    finally:
        programs.stop()


def end(descant: subprocess.Popen, session: Path) -> int:
    """Ends the standalone as the system does; returns how many takes its session has."""
    descant.send_signal(signal.SIGTERM)
    assert descant.wait(30) == 0, "the standalone did not end in order"
    project = json.loads(json.loads(session.read_text())["fields"]["project"])
    if "packed" in project:
        project = json.loads(bz2.decompress(base64.b64decode(project["packed"])))
    return len(project["takes"]["entries"])


def starts_with_a_phrase(standalone: str, environment: dict) -> None:
    """A first start sounds, and the next one has what it left."""
    with tempfile.TemporaryDirectory() as folder:
        environment = environment | {"XDG_DATA_HOME": folder}
        session = Path(folder) / "descant/session.json"
        for _ in range(2):
            with on_a_server(standalone, environment) as (descant, wire):
                wait_for("the first note", lambda: wire.received, MAX_STARTING_SECONDS)
                assert end(descant, session) == 1
    print("a first start sounds, and its session is there at the next")


def resumes_a_session(standalone: str, environment: dict) -> None:
    """What comes in goes out, and what is composed is played and kept."""
    with tempfile.TemporaryDirectory() as folder:
        environment = environment | {"XDG_DATA_HOME": folder}
        session = Path(folder) / "descant/session.json"
        session.parent.mkdir()
        session.write_text(json.dumps(SESSION))
        with on_a_server(standalone, environment) as (descant, wire):
            passes_through(wire)
            n_takes = 0
            if shutil.which("Xvfb") and shutil.which("xdotool"):
                composes_and_plays(wire, environment)
                n_takes = 1
            assert descant.poll() is None, "the standalone has ended"
            assert end(descant, session) >= n_takes, "what was composed is not in the session"


def main() -> None:
    standalone = sys.argv[1]
    programs = Programs()
    environment = os.environ | {"JACK_DEFAULT_SERVER": SERVER, "JACK_NO_AUDIO_RESERVATION": "1"}
    try:
        if shutil.which("Xvfb"):
            read, write = os.pipe()
            screen = ["-screen", "0", "1280x900x24", "-noreset", "+extension", "GLX"]
            programs.start("Xvfb", "-displayfd", str(write), *screen, pass_fds=[write])
            os.close(write)
            environment["DISPLAY"] = ":" + os.read(read, 16).decode().strip()
        resumes_a_session(standalone, environment)
        starts_with_a_phrase(standalone, environment)
    finally:
        programs.stop()


main()
