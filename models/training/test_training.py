"""Checks the training project in about two minutes: `python test_training.py`; with `--ddp`, two processes instead.

Synthetic shards in a temporary folder; a tiny network.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from safetensors.torch import load_file

import data
import export
import train
from attention import CausalAttention
from model import Config, Network
from validate import validate

SLOTS = [40, 30, 20, 10]
SMALL = "--width 32 --layers 2 --heads 2 --kv-heads 1 --head-width 16 --hidden 64 --tokens-per-step 1024 --warmup 5 --minutes 100 --validate-every 0".split()


def write_shards(folder: Path):
    """Sequences in which each slot follows from the token before, but for a little noise."""
    rng, shards = np.random.default_rng(0), []
    for stem, split, n in (("train-0000", "train", 300), ("train-0001", "train", 200), ("valid-0000", "valid", 60)):
        index, tokens, loss = np.zeros(n, data.INDEX), [], []
        for i in range(n):
            t = int(rng.integers(20, 200))
            ids = np.zeros((t, 4), "<u2")
            ids[:, 0] = 1 + (np.arange(t) * 3 + rng.integers(0, 39)) % 39
            note = rng.random(t) < 0.8
            for s in (1, 2, 3):
                ids[note, s] = 1 + (ids[note, 0] * s + rng.integers(0, 2, note.sum())) % (SLOTS[s] - 1)
            low = np.where(note, 15, 1)
            low[: t // 4] = 0
            part = int(rng.integers(0, 2))
            index[i]["offset"], index[i]["n_tokens"] = sum(map(len, tokens)), t
            index[i]["n_notes"], index[i]["styles"] = (low == 15).sum(), 1 << int(rng.integers(0, 2))
            index[i]["parts"], index[i]["flags"], index[i]["family"] = 1 << part, 1, rng.integers(0, 2**32)
            index[i]["source"] = i % 3 == 0
            tokens.append(ids)
            loss.append((low | part << 4).astype("u1"))
        np.concatenate(tokens).tofile(folder / f"{stem}.tokens")
        np.concatenate(loss).tofile(folder / f"{stem}.loss")
        index.tofile(folder / f"{stem}.index")
        sizes = dict(n_examples=n, n_tokens=sum(map(len, tokens)), n_notes=int(index["n_notes"].sum()))
        shards.append(dict(stem=stem, split=split) | sizes)
    manifest = dict(format=1, vocab_hash="test", slots=SLOTS, context_len=256, seed=7, styles=["a", "b"], parts=["x", "y"])
    manifest |= dict(groups=["x", "y", "harmony", "structure"], tasks=["t"], sources=["many", "few"], shards=shards)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def run(shards, out, *flags):
    return train.main(["--shards", str(shards), "--out", str(out), *SMALL, *map(str, flags)])


def test_attention():
    """Equals PyTorch's, forward and backward, over several blocks."""
    torch.manual_seed(0)
    n, t, r, d = 3, 300, 2, 16
    q, k, v, g = (torch.randn(n, rows, d, requires_grad=True) for rows in (t * r, t, t, t * r))
    got = CausalAttention.apply(q * d**-0.5, k, v)
    got_d = torch.autograd.grad(got, (q, k, v), g)
    heads = q.view(n, t, r, d).transpose(1, 2)  # (N, R, T, D)
    want = F.scaled_dot_product_attention(heads, k[:, None], v[:, None], is_causal=True, enable_gqa=True)
    want = want.transpose(1, 2).reshape(n, t * r, d)
    for a, b in zip((got, *got_d), (want, *torch.autograd.grad(want, (q, k, v), g))):
        torch.testing.assert_close(a, b, atol=2e-5, rtol=1e-4)


def test_nats(shards):
    """The nats of a padded batch are the cross-entropies of the plain forward pass of each sequence."""
    torch.manual_seed(0)
    net, split = Network(Config(slots=SLOTS, width=32, n_layers=2, n_heads=2, n_kv_heads=1, head_width=16, hidden=64)), data.Split(shards, "train")
    examples = np.array([3, 4, 5])
    ids, bits = split.batch(examples)
    got = sum(y.sum() for y in net.nats(ids, data.slots_at(bits, 4)))
    want = 0
    for row, n in enumerate(split.index["n_tokens"][examples]):
        for s, logits in enumerate(net(ids[row, :n])):
            counts = (bits[row, 1:n] >> s) & 1
            want += (F.cross_entropy(logits, ids[row, 1:n, s], reduction="none") * counts).sum()
    torch.testing.assert_close(got, want, rtol=1e-5, atol=1e-3)


def test_dropout():
    """Changes what is trained on and nothing else: not the first weights, and not what is validated."""
    sizes = dict(slots=SLOTS, width=32, n_layers=2, n_heads=2, n_kv_heads=1, head_width=16, hidden=64)
    ids, nets = torch.randint(1, 10, (20, 4)), []
    for share in (0.0, 0.3):
        torch.manual_seed(0)
        nets.append(Network(Config(**sizes), share))
    plain = nets[0](ids)
    assert torch.equal(plain[3], nets[0].eval()(ids)[3]) and torch.equal(plain[3], nets[1].eval()(ids)[3])
    assert not torch.allclose(plain[3], nets[1].train()(ids)[3])


def test_headline_slots(shards, folder):
    """The manifest may say how many slots count in the headline."""
    for stem in shards.iterdir():
        (folder / stem.name).symlink_to(stem)
    (folder / "manifest.json").unlink()
    manifest = json.loads((shards / "manifest.json").read_text())
    net = Network(Config(slots=SLOTS, width=32, n_layers=1, n_heads=2, n_kv_heads=1, head_width=16, hidden=64))
    headlines = []
    for extra in ({}, dict(headline_slots=3), dict(headline_slots=4)):
        (folder / "manifest.json").write_text(json.dumps(manifest | extra))
        result = validate(net, data.Split(folder, "valid"), None, 1024, bf16=False)
        headlines.append(result["headline"])
    assert headlines[0] == headlines[1] and abs(headlines[2] - headlines[1] - result["slots"][3]) < 1e-3, (headlines, result["slots"])


def test_sampler(shards):
    """Each rank gets other batches, as many, within the budget; a reloaded sampler goes on the same."""
    split = data.Split(shards, "train")
    a, b = (data.Sampler(split, 1024, 0.5, 1, rank, 2) for rank in (0, 1))
    assert len(a.batches) == len(b.batches) and not np.array_equal(a.next_examples(), b.next_examples())
    assert all(split.batch(e)[0][:, 1:].numel() <= 1024 * 4 for e in a.batches)
    c = data.Sampler(split, 1024, 0.5, 1, 0, 2)
    c.load(a.state())
    for _ in range(3 * len(a.batches)):
        assert np.array_equal(a.next_examples(), c.next_examples())
    w = data.weights(split.index, 1.0)
    pair = split.index["styles"] * 16 + split.index["parts"]
    shares = [w[pair == p].sum() for p in np.unique(pair)]
    assert np.allclose(shares, 1 / len(shares)), "alpha 1 gives every pair the same share"
    notes = data.shared(split, 0.5, {"few": 0.6}) * split.index["n_notes"]
    assert np.isclose(notes[split.index["source"] == 1].sum() / notes.sum(), 0.6), "a source gets its share of the notes"


def test_training(shards, folder):
    """The loss falls; interrupted and resumed is the same as not; the exported weights load and give the same logits."""
    flags = ("--no-compile", "--no-bf16")
    whole = run(shards, folder / "whole", "--max-steps", 60, *flags)
    assert whole["losses"][-1] < whole["losses"][0] - 1, whole["losses"]
    run(shards, folder / "half", "--max-steps", 30, *flags)
    half = run(shards, folder / "half", "--max-steps", 60, "--resume", folder / "half/checkpoint.pt", *flags)
    assert half["step"] == 60 and np.allclose(half["losses"], whole["losses"][30:], atol=1e-5)

    net = export.load(folder / "whole/model.safetensors")
    assert all(torch.equal(w, v.half().float()) for w, v in zip(net.parameters(), whole["net"].parameters()))
    fixture = load_file(export.write_fixture(folder / "whole/model.safetensors"))
    torch.testing.assert_close(net(fixture["ids"])[3], fixture["logits.3"])

    again = run(shards, folder / "again", "--init", folder / "whole/model.safetensors", "--max-steps", 1, *flags)
    assert abs(again["losses"][0] - whole["losses"][-1]) < 1.5, "a start from shipped weights keeps what was learned"
    (folder / "again/finish").write_text("0.01")
    bf16 = run(shards, folder / "again", "--init", folder / "whole/model.safetensors", "--no-compile")
    assert bf16["step"] < 1000 and bf16["valid"]["loss"] < whole["losses"][0], "the finish file ends the run, with a validation"
    assert set(bf16["valid"]["cells"]) == {"a/x", "a/y", "b/x", "b/y"}


def test_ddp(shards, folder):
    """Two processes end with the same parameters, and the loss falls."""
    worker = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-addr", "127.0.0.1", "--master-port", "29517"]
    subprocess.run([*worker, __file__, "--worker", str(shards), str(folder)], check=True, timeout=300)
    ranks = [torch.load(folder / f"rank{rank}.pt") for rank in (0, 1)]
    assert all(torch.equal(a, b) for a, b in zip(ranks[0]["weights"], ranks[1]["weights"]))
    assert ranks[0]["losses"] == ranks[1]["losses"] and ranks[0]["losses"][-1] < ranks[0]["losses"][0] - 1
    assert ranks[0]["valid"] == ranks[1]["valid"] and ranks[0]["valid"]["notes"] > 0


def ddp_worker(shards, folder):
    """Ends by the clock, as in earnest: both processes must stop at the same step."""
    result = run(shards, folder / "ddp", "--minutes", "0.15", "--no-compile")
    weights = [w.detach() for w in result.pop("net").parameters()]
    torch.save(dict(weights=weights, losses=result["losses"], valid=result["valid"]), folder / f"rank{os.environ['RANK']}.pt")
    dist.destroy_process_group()


if __name__ == "__main__":
    if "--worker" in sys.argv:
        ddp_worker(*map(Path, sys.argv[2:4]))
        sys.exit()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        shards = Path(temporary) / "shards"
        shards.mkdir()
        write_shards(shards)
        if "--ddp" in sys.argv:
            test_ddp(shards, Path(temporary))
        else:
            test_attention()
            test_nats(shards)
            test_dropout()
            (Path(temporary) / "headline").mkdir()
            test_headline_slots(shards, Path(temporary) / "headline")
            test_sampler(shards)
            test_training(shards, Path(temporary))
    print("ok")
