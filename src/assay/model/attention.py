"""Attention, causal or not, by the route that is fast for the device and precision.

B batch, T tokens, S tokens attended to (S >= T with a cache), H heads, K width of one head.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional as F

QUERY_BLOCKS = 2
"""Blocks of queries: each skips the keys after it. Two are fastest (docs/log.md, 2026-11-21)."""


def attend(q: Tensor, k: Tensor, v: Tensor, dropout: float, bias: Tensor | None = None) -> Tensor:
    """softmax(q k^T / sqrt(K)) v with a causal mask (Vaswani et al. 2017, eq. 1). q (B, H, T, K), k and v (B, H, S, K) -> (B, H, T, K).

    The last query sees all S keys. In bfloat16 on a CPU, plain matrix products take half the time of torch's fused kernel, which does not
    use the hardware's bfloat16 units; elsewhere the kernel is the fast way. `bias` (H, T, S) is added to the products.
    """
    if bias is not None:
        later = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool, device=q.device).triu(k.shape[2] - q.shape[2] + 1)
        return attend_everywhere(q, k, v, dropout, bias=bias.masked_fill(later, float("-inf")))
    if q.device.type == "cpu" and q.dtype == torch.bfloat16:
        return _attend_in_blocks(q, k, v, dropout)
    queries, keys = q.shape[2], k.shape[2]
    if queries == keys:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=dropout)
    seen = torch.ones(queries, keys, dtype=torch.bool, device=q.device).tril(keys - queries)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=seen, dropout_p=dropout)


def _attend_in_blocks(q: Tensor, k: Tensor, v: Tensor, dropout: float) -> Tensor:
    batch, heads, queries, width = q.shape
    keys = k.shape[2]
    q, k, v = q.reshape(batch * heads, queries, width), k.reshape(batch * heads, keys, width), v.reshape(batch * heads, keys, width)
    edges = [round(queries * i / QUERY_BLOCKS) for i in range(QUERY_BLOCKS + 1)]
    blocks = []
    for start, end in pairwise(edges):
        if start < end:
            reach = keys - queries + end
            blocks.append(_attend_block(q[:, start:end], k[:, :reach], v[:, :reach], dropout))
    return torch.cat(blocks, dim=1).view(batch, heads, queries, width)


def _attend_block(q: Tensor, k: Tensor, v: Tensor, dropout: float) -> Tensor:
    """Queries (B H, T, K) that end with the last of the keys (B H, S, K)."""
    queries, keys, width = q.shape[1], k.shape[1], q.shape[2]
    later = torch.ones(queries, keys, dtype=torch.bool, device=q.device).triu(keys - queries + 1)
    mask = torch.zeros(queries, keys, dtype=q.dtype, device=q.device).masked_fill_(later, float("-inf"))
    weights = torch.baddbmm(mask, q, k.transpose(1, 2), alpha=1 / math.sqrt(width)).softmax(dim=-1)
    if dropout:
        weights = F.dropout(weights, dropout)
    return torch.bmm(weights, v)


def attend_everywhere(q: Tensor, k: Tensor, v: Tensor, dropout: float, visible: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
    """Attend without a causal mask: each query sees every key, or those that are `visible` (B, S)."""
    mask = None if visible is None else visible[:, None, None, :]
    if bias is not None:
        mask = bias.to(q.dtype) if mask is None else bias.to(q.dtype).masked_fill(~mask, float("-inf"))
    if q.device.type != "cpu" or q.dtype != torch.bfloat16:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=dropout)
    scores = torch.matmul(q, k.transpose(2, 3)) / math.sqrt(q.shape[3])
    if mask is not None:
        scores = scores + mask if bias is not None else scores.masked_fill(~mask, float("-inf"))
    weights = scores.softmax(dim=-1)
    if dropout:
        weights = F.dropout(weights, dropout)
    return torch.matmul(weights, v)
