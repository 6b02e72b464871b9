"""A recurrent language model: layers of LSTM or GRU cells between an embedding and an output layer (Zaremba et al. 2014; Merity et al. 2018).

B batch, T tokens, D width, V vocabulary, L layers.
"""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from assay.model.cpu_features import cpu_has_bf16
from assay.model.language_model import Cache, LanguageModel
from assay.model.schema import CellSchema, RecurrentSchema

CELLS: dict[str, type[nn.LSTM | nn.GRU]] = {"lstm": nn.LSTM, "gru": nn.GRU}
State = tuple[Tensor, ...]
"""State of one layer: (1, B, D) of a GRU; of an LSTM two tensors, its output and its cell."""
Masks = list[Tensor | None]
EMBEDDING_RANGE = 0.1  # Merity et al. 2018, section 5
FORGET_BIAS = 1.0  # Jozefowicz et al. 2015, section 5: with torch's 0 on average, a cell forgets half of what it holds at each token


@dataclass
class RecurrentState(Cache):
    """State of all layers after the tokens seen so far. It does not grow with them, so they have no limit."""

    ENDLESS: ClassVar[bool] = True
    layers: list[State | None]  # type: ignore[assignment]
    seen: int = 0

    @property
    def tokens(self) -> int:
        return self.seen


def run_cell(cell: nn.Module, x: Tensor, state: State | None, own_precision: bool) -> tuple[Tensor, State]:
    """x (B, T, inputs) and the state before its first token, None for zeros -> (B, T, D) and the state after the last.

    `own_precision`: on a CPU compute in the dtype of the cell's weights under autocast too, because oneDNN has no LSTM in bfloat16 there.
    """
    leaves_autocast = own_precision and x.device.type == "cpu"
    with torch.autocast("cpu", enabled=False) if leaves_autocast else nullcontext():
        x = x.to(next(cell.parameters()).dtype) if leaves_autocast else x
        before = None if state is None else tuple(each.to(x.dtype) for each in state)
        output, after = cell(x, before if before is None or len(before) > 1 else before[0])
    return output, after if isinstance(after, tuple) else (after,)


class Layers(nn.Module):
    """Cells on top of each other. What goes from one to the next is dropped out, what goes from token to token is not (Zaremba et al. 2014, eq. 6)."""

    def __init__(self, config: CellSchema, layers: int, inputs: int, width: int) -> None:
        super().__init__()
        self.config = config
        self.widths = [inputs] + [width] * layers
        self.cells = nn.ModuleList(CELLS[config.cell](each, width, batch_first=True) for each in self.widths[:-1])
        self.own_precision = not cpu_has_bf16()

    def forward(self, x: Tensor, states: list[State | None], masks: Masks | None = None) -> tuple[Tensor, list[State | None]]:
        """x (B, T, inputs), a state or None for each layer -> (B, T, D) and the states after the last token. `masks`: for all tokens of a
        text that is given in pieces."""
        masks = self.masks(x.shape[0], x) if masks is None else masks
        after: list[State | None] = []
        for cell, state, mask in zip(self.cells, states, masks[:-1], strict=True):
            x, kept = run_cell(cell, dropped(x, self.config, self.training, mask), state, self.own_precision)
            after.append(kept)
        return dropped(x, self.config, self.training, masks[-1]), after

    def masks(self, rows: int, like: Tensor) -> Masks:
        """Draw dropout masks for the input of each layer and the output of the last; None where each element is dropped by itself, or nothing is."""
        return [locked_mask(like.new_ones(rows, 1, width), self.config, self.training) for width in self.widths]


def locked_mask(ones: Tensor, config: CellSchema, training: bool) -> Tensor | None:
    """(B, 1, D): the same channels for all tokens of a row (Gal & Ghahramani 2016). None if it is not asked for."""
    return F.dropout(ones, config.dropout) if training and config.dropout and config.dropout_mask == "locked" else None


def dropped(x: Tensor, config: CellSchema, training: bool, mask: Tensor | None = None) -> Tensor:
    """x (B, T, D) with dropout, by this mask if there is one."""
    if mask is None:
        mask = locked_mask(x.new_ones(x.shape[0], 1, x.shape[2]), config, training)
    return F.dropout(x, config.dropout, training) if mask is None else x * mask


def initialise(model: nn.Module) -> None:
    """Cells as torch has them, uniform within 1 / sqrt(D), with open forget gates; embeddings within 0.1; of other matrices Glorot & Bengio's range."""
    for module in model.modules():
        if isinstance(module, nn.Embedding):
            nn.init.uniform_(module.weight, -EMBEDDING_RANGE, EMBEDDING_RANGE)
        elif isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
        elif isinstance(module, nn.LSTM):
            for name, parameter in module.named_parameters():
                if name.startswith("bias"):  # two of each, whose sum is used; gates lie in the order input, forget, cell, output
                    nn.init.zeros_(parameter)
                if name.startswith("bias_ih"):
                    nn.init.constant_(parameter.chunk(4)[1], FORGET_BIAS)


class Recurrent(LanguageModel):
    """tokens (B, T) -> logits (B, T, V). Each window of training begins with an empty state."""

    def __init__(self, config: RecurrentSchema, vocab_size: int, context_tokens: int) -> None:
        """`context_tokens`: the windows that it is trained and scored on. A longer text is read on with the state it has then."""
        super().__init__()
        self.config = config
        self.vocab_size = config.vocab_size or vocab_size
        self.context_tokens = context_tokens
        self.embedding = nn.Embedding(self.vocab_size, config.d_model)
        self.layers = Layers(config, config.n_layer, config.d_model, config.d_model)
        self.head = nn.Linear(config.d_model, self.vocab_size, bias=False)
        self.output_bias = nn.Parameter(torch.zeros(self.vocab_size))
        initialise(self)
        if config.tie_embeddings:
            self.head.weight = self.embedding.weight

    def forward(self, tokens: Tensor, cache: RecurrentState | None = None) -> Tensor:
        """tokens (B, T) int64 -> logits (B, T, V). With a cache, tokens continue those seen before, and its state moves on."""
        state = self.empty_cache() if cache is None else cache
        x, state.layers = self.layers(self.embedding(tokens), state.layers)
        state.seen += tokens.shape[1]
        return F.linear(x, self.head.weight, self.output_bias)

    def empty_cache(self) -> RecurrentState:
        return RecurrentState([None] * self.config.n_layer)

    def flops_per_token(self, context_tokens: int) -> float:
        """6 a weight of a matrix (Chowdhery et al. 2022, appendix B): a cell's work does not depend on how many tokens came before.
        The embedding look-up is none."""
        matrices = sum(parameter.numel() for parameter in self.parameters() if parameter.dim() > 1)
        return 6.0 * (matrices - (0 if self.config.tie_embeddings else self.embedding.weight.numel()))
