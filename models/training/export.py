"""Writes what ships (model.safetensors in f16, config.json) and fixtures that other implementations of the network are tested on.

python export.py --checkpoint run/checkpoint.pt --out DIR     the weights of a checkpoint
python export.py --average A.safetensors B.safetensors --out DIR   the mean of the weights of two runs, one from the other
python export.py --fixture DIR/model.safetensors              DIR/parity.safetensors beside it
python export.py --tiny DIR                                   a tiny seeded model and its fixture

A fixture holds `ids` (T, S) i64 and `logits.0` … `logits.{S-1}`, each (T-1, V) f32: the logits of every slot of the
tokens 1 to T-1, given all earlier tokens and the token's own earlier slots. F32 arithmetic on the f16-rounded weights.
"""

import argparse
import os
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from model import Config, Network

TINY = dict(name="tiny", vocab_hash="tiny", slots=[23, 31, 17, 11], context_len=256)
TINY |= dict(width=32, n_layers=2, n_heads=2, n_kv_heads=1, head_width=16, hidden=64)
FIXTURE_LEN = 48  # tokens: more than one of any likely block or vector width, still a small file


def save(net: Network, folder, config: Config | None = None):
    """Writes `folder`/model.safetensors and config.json, each whole or not at all."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: w.detach().to("cpu", torch.float16).contiguous() for name, w in net.state_dict().items()}
    assert all(w.isfinite().all() for w in weights.values()), "a weight does not fit f16"
    save_file(weights, folder / "model.safetensors.new", {"vocab_hash": net.config.vocab_hash})
    net.config.write(folder / "config.json.new")
    os.replace(folder / "model.safetensors.new", folder / "model.safetensors")
    os.replace(folder / "config.json.new", folder / "config.json")


def load(path, dropout: float = 0.0) -> Network:
    """The network of a model.safetensors, with the config.json beside it."""
    net = Network(Config.read(Path(path).with_name("config.json")), dropout)
    net.load_state_dict({name: w.float() for name, w in load_file(path).items()})
    return net


def average(paths) -> Network:
    """The mean of the weights of networks of one kind.

    Source: Izmailov et al., "Averaging weights leads to wider optima and better generalization", UAI 2018.
    """
    nets = [load(path) for path in paths]
    assert all(net.config == nets[0].config for net in nets), "these weights are of different networks"
    states = [net.state_dict() for net in nets]
    nets[0].load_state_dict({name: sum(state[name] for state in states) / len(states) for name in states[0]})
    return nets[0]


def write_fixture(path) -> Path:
    net = load(path)
    random = torch.Generator().manual_seed(1)
    ids = torch.stack([torch.randint(n, (FIXTURE_LEN,), generator=random) for n in net.config.slots], dim=1)  # (T, S)
    with torch.no_grad():
        logits = net(ids)  # S × (T-1, V)
    out = Path(path).with_name("parity.safetensors")
    save_file({"ids": ids} | {f"logits.{s}": y.contiguous() for s, y in enumerate(logits)}, out)
    return out


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--checkpoint", help="with --out: take the weights of this checkpoint")
    args.add_argument("--average", metavar="WEIGHTS", nargs="+", help="with --out: the mean of these weights")
    args.add_argument("--out", help="folder for the weights")
    args.add_argument("--fixture", metavar="WEIGHTS", help="write parity.safetensors beside these weights")
    args.add_argument("--tiny", metavar="DIR", help="write a tiny seeded model and its fixture there")
    args = args.parse_args()
    torch.set_num_threads(1)
    if args.checkpoint:
        state = torch.load(args.checkpoint, weights_only=True)
        net = Network(Config(**state["config"]))
        net.load_state_dict(state["weights"])
        save(net, args.out)
    if args.average:
        save(average(args.average), args.out)
    if args.tiny:
        torch.manual_seed(0)
        net = Network(Config(**TINY))
        for name, w in net.named_parameters():
            if w.dim() < 2:
                w.data.uniform_(0.5, 1.5)  # a norm of ones would hide a forgotten norm weight
            elif name.startswith("embed"):
                w.data.normal_(std=0.3)  # logits large enough to compare
        save(net, args.tiny)
        print(write_fixture(Path(args.tiny) / "model.safetensors"))
    if args.fixture:
        print(write_fixture(args.fixture))


if __name__ == "__main__":
    main()
