"""The headline loss: nats a note of the held-out headline examples, overall and by style and part.

The first slots of all tokens count, three unless the manifest says how many, but for those of the group "harmony"; a
note is a token whose slot 1 counts, in one of the first groups, which are the parts.

python validate.py --weights run/model.safetensors --shards DIR --split valid    what shipped weights reach
"""

import argparse

import numpy as np
import torch
import torch.distributed as dist

import data
import export

HEADLINE_SLOTS = 3  # unless the manifest says otherwise: all slots but the last


def validate(net, split: data.Split, tokens: int | None, batch_tokens: int, bf16: bool, rank: int = 0, world: int = 1) -> dict:
    """`tokens`: about how many of the split to use; None for all. The processes share the work; all get the result."""
    m = split.manifest
    net.eval()
    n_groups, harmony = len(m["groups"]), m["groups"].index("harmony")
    n_slots = m.get("headline_slots", HEADLINE_SLOTS)
    chosen = data.headline(split, tokens=tokens)
    nats = np.zeros((len(split.index), n_groups))  # of each example and group; rows not chosen stay zero
    notes = np.zeros_like(nats)
    by_slot = np.zeros((len(m["slots"]), 2))  # nats, times predicted
    plain = np.zeros(2)  # nats of all slots, tokens: what training minimises
    for examples in split.cut(chosen, batch_tokens)[rank::world]:
        ids, bits = split.batch(examples)  # (B, T+1, S), (B, T+1)
        at = data.slots_at(bits, ids.shape[2])
        # Not under no_grad: that would compile everything once more, which takes longer than it saves.
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            predicted = net.nats(ids, at)
        row = np.repeat(examples, bits.shape[1] - 1)  # (B*T)
        group = (bits[:, 1:] >> 4).flatten().numpy()  # (B*T)
        for s, y in enumerate(predicted):
            where = (at[0] if s == 0 else at[1][at[s + 1]]).numpy()
            y = y.detach().double().numpy()
            plain[0] += y.sum()
            by_slot[s] += y.sum(), len(y)
            if s < n_slots:
                np.add.at(nats, (row[where], group[where]), y)
            if s == 1:
                np.add.at(notes, (row[where], group[where]), 1)
        plain[1] += np.count_nonzero(bits[:, 1:] & 15)
    net.train()
    if dist.is_initialized():
        for total in (nats, notes, by_slot, plain):
            dist.all_reduce(torch.from_numpy(total))
    nats[:, harmony] = 0
    result = dict(examples=len(chosen), notes=int(split.index["n_notes"][chosen].sum()))
    result |= dict(headline=float(nats.sum()) / max(result["notes"], 1), loss=float(plain[0] / max(plain[1], 1)), cells={})
    result["slots"] = [float(nats / max(n, 1)) for nats, n in by_slot]
    for i, style in enumerate(m["styles"]):
        mask = ((split.index["styles"] >> np.uint32(i)) & 1).astype(bool)
        for g, part in enumerate(m["parts"]):
            n = notes[mask, g].sum()
            if n > 0:
                families = len(np.unique(split.index["family"][mask & (notes[:, g] > 0)]))
                cell = dict(nats=float(nats[mask, g].sum() / n), notes=int(n), families=families)
                result["cells"][f"{style}/{part}"] = cell
    return result


def report(r: dict) -> str:
    lines = [f"valid: {r['headline']:.4f} nats a note over {r['notes']:,} notes of {r['examples']:,} examples; loss {r['loss']:.4f}"]
    lines += [f"  {name:24} {c['nats']:7.4f}  {c['notes']:8,} notes  {c['families']:5,} families" for name, c in r["cells"].items()]
    return "\n".join(lines)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--weights", required=True, help="model.safetensors, with its config.json beside it")
    args.add_argument("--shards", required=True, help="folder with manifest.json")
    args.add_argument("--split", default="valid", help="as the manifest names it")
    args.add_argument("--tokens", type=int, default=4096, help="padded tokens a batch")
    args = args.parse_args()
    torch.set_num_threads(1)
    net, split = export.load(args.weights), data.Split(args.shards, args.split)
    assert net.config.vocab_hash == split.manifest["vocab_hash"], "these weights belong to another vocabulary than the shards"
    with torch.no_grad():
        result = validate(net, split, None, args.tokens, bf16=False)
    print(f"{net.n_parameters():,} parameters, f16 weights, f32 arithmetic, {args.split}")
    print(report(result))
    print("nats by slot: " + ", ".join(f"{y:.4f}" for y in result["slots"]))


if __name__ == "__main__":
    main()
