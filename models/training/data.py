"""Reads the shards and deals out batches. The format is described in README.md; ids are never interpreted.

A batch is `(ids, bits)`: ids (B, T, S) i64 and loss bytes (B, T) u8, padded with zeros at the right.
"""

import json
from pathlib import Path

import numpy as np
import torch

INDEX = np.dtype(
    [
        ("offset", "<u8"),  # first token, in tokens
        ("n_tokens", "<u4"),
        ("n_notes", "<u4"),  # notes whose loss counts
        ("styles", "<u4"),  # bit mask
        ("parts", "u1"),  # bit mask of the composed parts
        ("task", "u1"),
        ("flags", "u1"),  # bit 0: counts for the headline loss
        ("variant", "u1"),
        ("family", "<u4"),  # hash; a family is wholly in one split
        ("source", "<u2"),
        ("reserved", "<u2"),
    ]
)
assert INDEX.itemsize == 32

ROUND = 16  # lengths are padded to a multiple of this: fewer shapes, whole vector registers
POOL = 2048  # examples drawn at once, sorted by length, cut into batches: enough that few tokens are padding


class Split:
    """All examples of one split: memory-mapped tokens and the joined index."""

    def __init__(self, folder, split: str):
        folder = Path(folder)
        self.manifest = json.loads((folder / "manifest.json").read_text())
        assert self.manifest["format"] == 1, "shards of another format: build them again"
        n_slots = len(self.manifest["slots"])
        self.tokens, self.loss, index, shard = [], [], [], []
        for entry in self.manifest["shards"]:
            if entry["split"] != split:
                continue
            stem, n = entry["stem"], entry["n_tokens"]
            if n == 0:
                continue
            self.tokens.append(np.memmap(folder / f"{stem}.tokens", "<u2", "r", shape=(n, n_slots)))
            self.loss.append(np.memmap(folder / f"{stem}.loss", "u1", "r", shape=(n,)))
            index.append(np.fromfile(folder / f"{stem}.index", INDEX))
            assert len(index[-1]) == entry["n_examples"], f"{stem}.index does not fit the manifest"
            shard.append(np.full(len(index[-1]), len(shard)))
        assert index, f"no {split} shards in {folder}"
        self.index, self.shard = np.concatenate(index), np.concatenate(shard)  # (n_examples)

    def batch(self, examples) -> tuple[torch.Tensor, torch.Tensor]:
        """Pads the named examples to one length, a multiple of ROUND plus one (the last token is only a target)."""
        longest = int(self.index["n_tokens"][examples].max())
        t = -(-(longest - 1) // ROUND) * ROUND + 1
        ids = np.zeros((len(examples), t, self.tokens[0].shape[1]), np.int64)  # (B, T, S)
        bits = np.zeros((len(examples), t), np.uint8)  # (B, T)
        for row, e in enumerate(examples):
            start, n, shard = int(self.index["offset"][e]), int(self.index["n_tokens"][e]), self.shard[e]
            ids[row, :n] = self.tokens[shard][start : start + n]
            bits[row, :n] = self.loss[shard][start : start + n]
        return torch.from_numpy(ids), torch.from_numpy(bits)

    def cut(self, examples, tokens: int) -> list[np.ndarray]:
        """Sorts `examples` by length and cuts them into batches of at most `tokens` padded tokens."""
        examples = examples[np.argsort(self.index["n_tokens"][examples], kind="stable")]
        padded = -(-(self.index["n_tokens"][examples].astype(np.int64) - 1) // ROUND) * ROUND
        batches, first = [], 0
        for i in range(1, len(examples) + 1):
            if i == len(examples) or (i + 1 - first) * padded[i] > tokens:
                batches.append(examples[first:i])
                first = i
        return batches


def weights(index: np.ndarray, alpha: float) -> np.ndarray:
    """Chance of each example: the mean over its (style, part) pairs of count(pair) ** -alpha, normed to sum 1.

    `alpha` 0 leaves the corpus as it is; 1 gives every pair the same share.
    """
    styles = (index["styles"][:, None] >> np.arange(32, dtype=np.uint32)) & 1  # (n, 32)
    parts = (index["parts"][:, None] >> np.arange(8, dtype=np.uint8)) & 1  # (n, 8)
    styles = np.concatenate([styles, styles.sum(1, keepdims=True) == 0], 1).astype(np.float64)  # no style is one more style
    parts = np.concatenate([parts, parts.sum(1, keepdims=True) == 0], 1).astype(np.float64)
    count = styles.T @ parts  # (33, 9) examples in each pair
    value = np.where(count > 0, np.maximum(count, 1) ** -alpha, 0)
    w = np.einsum("ns,sp,np->n", styles, value, parts, optimize=True) / (styles.sum(1) * parts.sum(1))
    return w / w.sum()


def shared(split: Split, alpha: float, shares: dict[str, float]) -> np.ndarray:
    """Chance of each example: the sources of `shares` get their share of the notes, each weighed by itself, the rest what is left."""
    source = split.index["source"]
    groups = [(source == split.manifest["sources"].index(name), share) for name, share in shares.items()]
    rest = ~np.any([mask for mask, _ in groups], axis=0) if groups else np.ones(len(source), bool)
    w = np.zeros(len(source))
    for mask, share in groups + [(rest, 1 - sum(shares.values()))]:
        part = weights(split.index[mask], alpha)
        w[mask] = share * part / max((part * split.index["n_notes"][mask]).sum(), 1e-9)
    return w / w.sum()


class Sampler:
    """An endless, seeded stream of batches for one of `world` ranks. Its state is the step number alone."""

    def __init__(self, split: Split, tokens: int, alpha: float, seed: int, rank: int = 0, world: int = 1, shares: dict[str, float] = {}):
        self.split, self.tokens, self.seed, self.rank, self.world = split, tokens, seed, rank, world
        self.cumulative = np.cumsum(shared(split, alpha, shares))
        self.pool_idx, self.in_pool, self.batches = 0, 0, self._pool(0)

    def _pool(self, pool_idx: int) -> list[np.ndarray]:
        rng = np.random.default_rng([self.seed, pool_idx])
        drawn = np.searchsorted(self.cumulative, rng.random(POOL * self.world) * self.cumulative[-1], side="right")
        batches = self.split.cut(np.minimum(drawn, len(self.cumulative) - 1), self.tokens)
        order = rng.permutation(len(batches))
        n = max(1, len(batches) // self.world)  # every rank gets as many
        return [batches[order[(i * self.world + self.rank) % len(batches)]] for i in range(n)]

    def next_examples(self) -> np.ndarray:
        if self.in_pool == len(self.batches):
            self.pool_idx, self.in_pool = self.pool_idx + 1, 0
            self.batches = self._pool(self.pool_idx)
        self.in_pool += 1
        return self.batches[self.in_pool - 1]

    def state(self) -> tuple[int, int]:
        return self.pool_idx, self.in_pool

    def load(self, state: tuple[int, int]):
        (self.pool_idx, self.in_pool), self.batches = state, self._pool(state[0])


def headline(split: Split, per_family: int = 4, tokens: int | None = None) -> np.ndarray:
    """Headline examples, at most `per_family` of each family, in an order of families that is fixed but follows nothing.

    `tokens` stops there: a subset of whole families, the same at each call.
    """
    chosen, of_family = [], {}
    for e in np.flatnonzero(split.index["flags"] & 1):
        of_family.setdefault(int(split.index["family"][e]), []).append(e)
    used = 0
    for family in sorted(of_family, key=lambda f: (f * 2654435761) & 0xFFFFFFFF):
        for e in of_family[family][:per_family]:
            used += int(split.index["n_tokens"][e])
            chosen.append(e)
        if tokens is not None and used >= tokens:
            break
    assert chosen, "no headline examples in this split"
    return np.array(chosen)


def slots_at(bits: torch.Tensor, n_slots: int) -> list[torch.Tensor]:
    """Where each slot's loss counts, as `Network.nats` wants it. `bits` (B, T+1), of which the first token is never predicted."""
    low = (bits[:, 1:] & 15).flatten()  # (B*T)
    later = (low > 1).nonzero()[:, 0]  # any slot but 0
    of_later = low[later]
    return [(low & 1).nonzero()[:, 0], later] + [((of_later >> s) & 1).nonzero()[:, 0] for s in range(1, n_slots)]
