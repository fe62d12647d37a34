"""Causal attention for training on a CPU in bf16: on one core several times faster than PyTorch's fused kernel, mostly backward.

Queries go in blocks of BLOCK tokens, and a block's scores reach only as far as its last key: the half above the
diagonal costs nothing, and a block's scores stay in the cache from one operation to the next.

Shapes: N batch times key-value heads, T time, R query heads to a key-value head (row t * R + r of a query matrix is
token t), D head width, I rows of a block, J keys it sees.
"""

import torch
from torch import Tensor

BLOCK = 128  # tokens; of 64, 96, 128, 192 and 256 the fastest at T = 300


class CausalAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """`q` (N, T*R, D), already scaled; `k`, `v` (N, T, D) → (N, T*R, D)."""
        r, k_t = q.shape[1] // k.shape[1], k.transpose(1, 2)  # (N, D, T)
        ctx.probs, out = [], torch.empty_like(q)
        with torch.autocast("cpu", enabled=False):
            for i, j in blocks(k.shape[1]):
                scores = torch.bmm(q[:, i * r : j * r], k_t[:, :, :j])  # (N, I, J)
                scores[:, :, i:] += future(j - i, r, scores)
                p = torch._softmax(scores, -1, False)  # (N, I, J)
                out[:, i * r : j * r] = torch.bmm(p, v[:, :j])
                ctx.probs.append(p)
        ctx.save_for_backward(q, k, v)
        return out

    @staticmethod
    def backward(ctx, d_out: Tensor):
        q, k, v = ctx.saved_tensors
        r, v_t = q.shape[1] // k.shape[1], v.transpose(1, 2)  # (N, D, T)
        d_q, d_k, d_v = torch.empty_like(q), torch.zeros_like(k), torch.zeros_like(v)
        with torch.autocast("cpu", enabled=False):
            for i, j in reversed(blocks(k.shape[1])):
                p, q_i, d_i = ctx.probs.pop(), q[:, i * r : j * r], d_out[:, i * r : j * r]  # (N, I, J), (N, I, D) twice
                d_v[:, :j] += torch.bmm(p.transpose(1, 2), d_i)
                d_p = torch.bmm(d_i, v_t[:, :, :j])  # (N, I, J)
                d_s = torch._softmax_backward_data(d_p, p, -1, p.dtype)
                d_q[:, i * r : j * r] = torch.bmm(d_s, k[:, :j])
                d_k[:, :j] += torch.bmm(d_s.transpose(1, 2), q_i)
        return d_q, d_k, d_v


def blocks(t: int) -> list[tuple[int, int]]:
    return [(i, min(i + BLOCK, t)) for i in range(0, t, BLOCK)]


def future(n: int, r: int, like: Tensor) -> Tensor:
    """What to add to the diagonal block's scores: (n * R, n), very negative where the key is later than the query."""
    at = torch.arange(n)
    return torch.where(at[:, None] < at, -1e9, 0.0).to(like.dtype).repeat_interleave(r, dim=0)
