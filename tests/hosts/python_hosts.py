"""Descant's VST3 in two hosts that are Python packages.

    pip install pedalboard==0.9.26 dawdreamer==0.9.0
    python3 tests/hosts/python_hosts.py FOLDER_OF_BUNDLES [pedalboard] [dawdreamer]

Both render offline, where Generate does nothing: they play the project of `tests/data/state`. Pedalboard's transport stands
still, so there a held key plays the phrase; in DawDreamer the transport does.
"""

import importlib
import json
import struct
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

RATE = 48_000
SECONDS = 6.0
LEAST_PEAK = 0.001  # of full scale: what counts as sound
PROJECT = Path(__file__).parents[1] / "data/state/format-1.json"
# How the hosts' framework writes bytes into its XML: six bits a character, the lowest first.
DIGITS = ".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+"


def unpack(state: bytes) -> tuple[ElementTree.Element, dict]:
    """What a host stored, as XML and as the plugin's own state in it."""
    length = struct.unpack_from("<I", state, 4)[0]
    tree = ElementTree.fromstring(state[8 : 8 + length].rstrip(b"\0"))
    n_bytes, digits = tree.findtext("IComponent").split(".", 1)
    bits = sum(DIGITS.index(digit) << 6 * idx for idx, digit in enumerate(digits))
    return tree, json.loads(bits.to_bytes(len(digits) * 6 // 8 + 1, "little")[: int(n_bytes)])


def pack(tree: ElementTree.Element, state: dict) -> bytes:
    """The reverse of `unpack`, with another state."""
    data = json.dumps(state).encode()
    bits, n_digits = int.from_bytes(data, "little"), (len(data) * 8 + 5) // 6
    digits = "".join(DIGITS[bits >> 6 * idx & 63] for idx in range(n_digits))
    tree.find("IComponent").text = f"{len(data)}.{digits}"
    text = ElementTree.tostring(tree) + b"\0"
    return struct.pack("<II", 0x21324356, len(text) - 1) + text


def with_project(state: dict, **params: object) -> dict:
    """The state with a stored phrase and a learnt controller in it, and other values of parameters."""
    fields = state["fields"] | {"project": PROJECT.read_text(), "midi": '{"generate":"cc 20"}'}
    changed = {name: {next(iter(state["params"][name])): value} for name, value in params.items()}
    return state | {"fields": fields, "params": state["params"] | changed}


def check_same(wanted: dict, got: dict) -> None:
    """A state that comes back has every parameter, what is learnt and the takes as they were."""
    assert got["params"] == wanted["params"], "parameters differ after loading"
    assert got["fields"]["midi"] == wanted["fields"]["midi"], "what is learnt differs after loading"
    projects = [json.loads(state["fields"]["project"]) for state in (wanted, got)]
    assert projects[0]["takes"]["entries"] == projects[1]["takes"]["entries"], "takes differ after loading"


def pedalboard(bundle: Path) -> None:
    """Parameters, state and the sound of a held key."""
    from pedalboard import load_plugin

    plugin = load_plugin(str(bundle), initialization_timeout=1.0)
    names = set(plugin.parameters)
    assert plugin.is_instrument and {"generate", "bars", "melody_channel"} <= names, sorted(names)[:20]
    tree, empty = unpack(plugin.raw_state)
    wanted = with_project(empty, playmode="keys", swing=60.0)
    plugin.raw_state = pack(tree, wanted)
    check_same(wanted, unpack(plugin.raw_state)[1])
    plugin.bars = "4 bars"
    assert unpack(plugin.raw_state)[1]["params"]["bars"] == {"i32": 4}, "a parameter that is set is not stored"
    silence = plugin([], SECONDS, RATE)
    held = plugin([(b"\x90\x3c\x64", 0.0), (b"\x80\x3c\x00", SECONDS - 1)], SECONDS, RATE)
    assert abs(silence).max() < LEAST_PEAK <= abs(held).max(), (abs(silence).max(), abs(held).max())
    print(f"pedalboard: {len(names)} parameters, state equal, a held key peaks at {abs(held).max():.3f}")


def dawdreamer(bundle: Path) -> None:
    """State, and two renders of the stored phrase."""
    from dawdreamer import RenderEngine

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "state"

        def instance(engine: RenderEngine):
            return engine.make_plugin_processor("descant", str(bundle))

        def stored(plugin) -> bytes:
            plugin.save_state(str(file))
            return file.read_bytes()

        engine = RenderEngine(RATE, 512)  # what it makes goes with it
        tree, empty = unpack(stored(instance(engine)))
        wanted = with_project(empty, swing=60.0)
        packed = pack(tree, wanted)

        def render():
            engine = RenderEngine(RATE, 512)
            engine.set_bpm(96.5)
            plugin = instance(engine)
            file.write_bytes(packed)
            plugin.load_state(str(file))
            check_same(wanted, unpack(stored(plugin))[1])
            engine.load_graph([(plugin, [])])
            engine.render(SECONDS)
            return engine.get_audio()

        first, second = render(), render()
    assert abs(first).max() >= LEAST_PEAK, "the output is silent"
    assert (first == second).all(), "two renders differ"
    print(f"dawdreamer: state equal, two renders equal, peak {abs(first).max():.3f}")


def main() -> None:
    bundle = Path(sys.argv[1]) / "Descant.vst3"
    for name in sys.argv[2:] or ["pedalboard", "dawdreamer"]:
        importlib.import_module(name)
        {"pedalboard": pedalboard, "dawdreamer": dawdreamer}[name](bundle)


main()
