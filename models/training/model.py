"""The network, top to bottom: a decoder-only transformer over compound tokens.

A compound token is S slot ids. The trunk reads their summed embeddings and predicts the next token's slot 0;
one small head for each further slot then predicts it from the trunk's state and the slots already known.
Nothing here knows what an id means. The parameter names are the keys of the safetensors file.

Shapes: B batch, T time, C width, H heads, G key-value heads, D head width, F hidden, S slots, V vocabulary of a slot,
N positions picked out of B * T.
"""

import json
from dataclasses import asdict, dataclass, field

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from attention import CausalAttention


@dataclass
class Config:
    """What config.json holds."""

    name: str = "descant-1"
    kind: str = "phrase-transformer"  # what the network is for, and so which code runs it
    format: int = 1
    vocab_hash: str = ""
    slots: list[int] = field(default_factory=list)  # sizes of the vocabularies, one a slot
    width: int = 192  # C
    n_layers: int = 8
    n_heads: int = 6  # H
    n_kv_heads: int = 2  # G, divides H
    head_width: int = 32  # D
    hidden: int = 512  # F
    context_len: int = 2048  # most tokens attended to
    rope_base: float = 10000.0
    norm_eps: float = 1e-5

    def write(self, path):
        with open(path, "w") as f:
            json.dump(asdict(self), f, indent=2)
            f.write("\n")

    @staticmethod
    def read(path) -> "Config":
        with open(path) as f:
            return Config(**json.load(f))


class RMSNorm(nn.Module):
    def __init__(self, width: int, eps: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, x.shape[-1:], self.weight, self.eps)


def linear(n_in: int, n_out: int) -> nn.Linear:
    return nn.Linear(n_in, n_out, bias=False)


def rope_table(c: Config, device=None) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the rotary angles, each (context_len, D/2)."""
    freq = c.rope_base ** (-torch.arange(0, c.head_width, 2, dtype=torch.float64, device=device) / c.head_width)
    angle = torch.outer(torch.arange(c.context_len, dtype=torch.float64, device=device), freq)
    return angle.cos().float(), angle.sin().float()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions, half-split: `x` (B, T, H, D); `cos`, `sin` (T, 1, D/2)."""
    a, b = x.chunk(2, dim=-1)  # (B, T, H, D/2) each
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1).to(x.dtype)


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Causal attention: `q` (B, T, H, D); `k`, `v` (B, T, G, D) → (B, T, H*D)."""
    (b, t, h, d), g = q.shape, k.shape[2]
    if q.dtype != torch.bfloat16 or q.device.type != "cpu":
        q, k, v = (y.transpose(1, 2) for y in (q, k, v))  # (B, H or G, T, D)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)  # (B, H, T, D)
        return y.transpose(1, 2).flatten(2)
    q = q.view(b, t, g, h // g, d).transpose(1, 2).reshape(b * g, t * h // g, d)
    k, v = (y.transpose(1, 2).reshape(b * g, t, d) for y in (k, v))
    y = CausalAttention.apply(q * d**-0.5, k, v)  # (B*G, T*H/G, D)
    return y.view(b, g, t, h // g, d).transpose(1, 2).reshape(b, t, h * d)


def drop(x: Tensor, share: float, training: bool) -> Tensor:
    """`x` with a `share` of its numbers left out while training; nothing is done, nor drawn, at share 0."""
    return F.dropout(x, share) if training and share else x


class Layer(nn.Module):
    def __init__(self, c: Config, dropout: float = 0.0):
        super().__init__()
        self.dropout = dropout
        self.n_heads, self.n_kv_heads, self.head_width = c.n_heads, c.n_kv_heads, c.head_width
        self.attn_norm = RMSNorm(c.width, c.norm_eps)
        self.q = linear(c.width, c.n_heads * c.head_width)
        self.k = linear(c.width, c.n_kv_heads * c.head_width)
        self.v = linear(c.width, c.n_kv_heads * c.head_width)
        self.o = linear(c.n_heads * c.head_width, c.width)
        self.mlp_norm = RMSNorm(c.width, c.norm_eps)
        self.gate = linear(c.width, c.hidden)
        self.up = linear(c.width, c.hidden)
        self.down = linear(c.hidden, c.width)

    def project(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        a = self.attn_norm(x)  # (B, T, C)
        q = rotate(self.q(a).unflatten(-1, (-1, self.head_width)), cos, sin)  # (B, T, H, D)
        k = rotate(self.k(a).unflatten(-1, (-1, self.head_width)), cos, sin)  # (B, T, G, D)
        v = self.v(a).unflatten(-1, (-1, self.head_width))  # (B, T, G, D)
        return q, k, v

    def rest(self, x: Tensor, y: Tensor) -> Tensor:
        x = x + drop(self.o(y), self.dropout, self.training)  # (B, T, C)
        m = self.mlp_norm(x)
        return x + drop(self.down(F.silu(self.gate(m)) * self.up(m)), self.dropout, self.training)  # (B, T, F) inside

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        return self.rest(x, attend(*self.project(x, cos, sin)))


class Head(nn.Module):
    """Predicts one further slot of the next token, given the slot before it."""

    def __init__(self, c: Config, dropout: float = 0.0):
        super().__init__()
        self.dropout = dropout
        self.in_norm = RMSNorm(c.width, c.norm_eps)
        self.up = linear(c.width, c.width)
        self.down = linear(c.width, c.width)
        self.out_norm = RMSNorm(c.width, c.norm_eps)

    def forward(self, u: Tensor, known: Tensor) -> Tensor:
        """`u`, `known` (N, C): the state, the embedding of the slot just known. Returns the new state (N, C)."""
        z = u + known
        return z + drop(self.down(F.silu(self.up(self.in_norm(z)))), self.dropout, self.training)


class Network(nn.Module):
    def __init__(self, c: Config, dropout: float = 0.0):
        """`dropout`: share of the embedded tokens' and of every layer's and head's output left out while training; no weight depends on it."""
        super().__init__()
        self.config, self.dropout = c, dropout
        self.embed = nn.ModuleList(nn.Embedding(n, c.width) for n in c.slots)
        self.layers = nn.ModuleList(Layer(c, dropout) for _ in range(c.n_layers))
        self.norm = RMSNorm(c.width, c.norm_eps)
        self.head = nn.ModuleDict({str(s): Head(c, dropout) for s in range(1, len(c.slots))})
        cos, sin = rope_table(c)
        self.register_buffer("cos", cos, persistent=False)  # (context_len, D/2)
        self.register_buffer("sin", sin, persistent=False)
        self.init_weights()

    def init_weights(self):
        for name, w in self.named_parameters():
            if w.dim() < 2:
                continue  # norms start at one
            std = 0.02 if name.startswith("embed") else w.shape[1] ** -0.5
            if name.endswith(("o.weight", "down.weight")):
                std /= (2 * self.config.n_layers) ** 0.5  # keeps the residual stream's size, as in GPT-2
            nn.init.normal_(w, std=std)

    def n_parameters(self) -> int:
        return sum(w.numel() for w in self.parameters())

    def trunk(self, ids: Tensor) -> Tensor:
        """`ids` (B, T, S) → (B, T, C), before the last norm."""
        t = ids.shape[1]
        x = sum(e(ids[..., s]) for s, e in enumerate(self.embed))  # (B, T, C)
        x = drop(x, self.dropout, self.training)
        cos, sin = self.cos[:t, None], self.sin[:t, None]  # (T, 1, D/2)
        for layer in self.layers:
            x = layer(x, cos, sin)
        return x

    def slot_logits(self, x: Tensor, next_ids: Tensor) -> list[Tensor]:
        """Logits of every slot of the next token, given its slots before: `x` (N, C), `next_ids` (N, S) → S × (N, V)."""
        u = self.norm(x)
        logits = [F.linear(u, self.embed[0].weight)]  # (N, V)
        for s, head in enumerate(self.head.values(), start=1):
            u = head(u, self.embed[s - 1](next_ids[:, s - 1]))
            logits.append(F.linear(head.out_norm(u), self.embed[s].weight))
        return logits

    def forward(self, ids: Tensor) -> list[Tensor]:
        """Teacher-forced logits of a whole sequence: `ids` (T, S) → S × (T-1, V)."""
        return self.slot_logits(self.trunk(ids[None, :-1])[0], ids[1:])

    def nats(self, ids: Tensor, slots_at: list[Tensor]) -> list[Tensor]:
        """Nats of the slots that count.

        `ids` (B, T+1, S). `slots_at[0]`: flat positions in B * T whose next token's slot 0 counts;
        `slots_at[1]`: those with any further slot that counts; `slots_at[s+1]`: where slot s counts, as indices into `slots_at[1]`.
        Returns one vector a slot, as long as `slots_at[0]`, `slots_at[2]`, `slots_at[3]`, ….
        """
        x = self.trunk(ids[:, :-1]).flatten(0, 1)  # (B*T, C)
        target = ids[:, 1:].flatten(0, 1)  # (B*T, S)
        at = slots_at[0]
        out = [nats_of(self.norm(x[at]), self.embed[0].weight, target[at, 0])]
        if len(slots_at[1]) == 0:
            return out + [x.new_zeros(0) for _ in self.head]
        u, target = self.norm(x[slots_at[1]]), target[slots_at[1]]  # (N, C), (N, S)
        for s, head in enumerate(self.head.values(), start=1):
            u = head(u, self.embed[s - 1](target[:, s - 1]))  # (N, C)
            at = slots_at[s + 1]
            out.append(nats_of(head.out_norm(u[at]), self.embed[s].weight, target[at, s]))
        return out


def nats_of(u: Tensor, embed: Tensor, target: Tensor) -> Tensor:
    """`u` (N, C), `embed` (V, C), `target` (N) → (N)."""
    return F.cross_entropy(F.linear(u, embed).float(), target, reduction="none")
