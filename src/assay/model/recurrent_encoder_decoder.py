"""Recurrent cells that read one text and write another, with attention: Bahdanau et al.'s (2015) and Luong et al.'s (2015) forms.

B batch, S source tokens, T target tokens, D width, V vocabulary. What is read is D wide: each direction has half.
"""

import torch
from torch import Tensor, nn

from assay.model.cpu_features import cpu_has_bf16
from assay.model.language_model import EncoderDecoder, multiplied_weights
from assay.model.recurrent import CELLS, Layers, RecurrentState, State, dropped, initialise, run_cell
from assay.model.schema import RecurrentEncoderDecoderSchema


class BothWays(nn.Module):
    """Layers of which each reads the text from left to right and from right to left (Schuster & Paliwal 1997). Padding is not read."""

    def __init__(self, config: RecurrentEncoderDecoderSchema) -> None:
        super().__init__()
        self.config = config
        cell, width, half = CELLS[config.cell], config.d_model, config.d_model // 2
        self.ahead = nn.ModuleList(cell(width, half, batch_first=True) for _ in range(config.n_layer))
        self.back = nn.ModuleList(cell(width, half, batch_first=True) for _ in range(config.n_layer))
        self.own_precision = not cpu_has_bf16()

    def forward(self, x: Tensor, visible: Tensor | None) -> Tensor:
        """Embedded tokens (B, S, D), `visible` (B, S) -> (B, S, D); 0 where it is padding."""
        if visible is None:
            visible = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device)
        first = (~visible).long().argsort(dim=1, stable=True)  # padding goes to the end, where no state passes through it to a token
        turned = _turned(visible)
        x = _taken(x, first)
        for ahead, back in zip(self.ahead, self.back, strict=True):
            x = dropped(x, self.config, self.training)
            from_left, _ = run_cell(ahead, x, None, self.own_precision)
            from_right, _ = run_cell(back, _taken(x, turned), None, self.own_precision)
            x = torch.cat([from_left, _taken(from_right, turned)], dim=2)
        x = dropped(x, self.config, self.training)
        return _taken(x, first.argsort(dim=1)) * visible.unsqueeze(2)


def _turned(visible: Tensor) -> Tensor:
    """The place of each token (B, S) when the visible ones, which come first, are read from the last; of padding its own. Its own inverse."""
    places = torch.arange(visible.shape[1], device=visible.device).expand_as(visible)
    from_last = visible.sum(dim=1, keepdim=True) - 1 - places
    return torch.where(from_last >= 0, from_last, places)


def _taken(x: Tensor, places: Tensor) -> Tensor:
    """x (B, S, D) at places (B, S)"""
    return x.gather(1, places.unsqueeze(2).expand_as(x))


class SourceAttention(nn.Module):
    """Attention of a decoder state over the source tokens."""

    def __init__(self, width: int, additive: bool) -> None:
        super().__init__()
        self.key = nn.Linear(width, width, bias=False)
        self.query = nn.Linear(width, width, bias=False) if additive else None
        self.energy = nn.Parameter(torch.empty(width).uniform_(-(width**-0.5), width**-0.5)) if additive else None

    def weights(self, states: Tensor, keys: Tensor, visible: Tensor | None) -> Tensor:
        """states (B, T, D), keys (B, S, D): `key` of the memory -> (B, T, S), of which each row's sum is 1 and padding's are 0.

        v . tanh(W s + U m) (Bahdanau et al. 2015, appendix A.1.2), which holds (B, T, S, D) at once, or s W m (Luong et al. 2015, "general").
        """
        if self.query is None or self.energy is None:
            scores = torch.bmm(states, keys.transpose(1, 2))
        else:
            scores = torch.matmul(torch.tanh(self.query(states).unsqueeze(2) + keys.unsqueeze(1)), self.energy.unsqueeze(1)).squeeze(3)
        if visible is not None:
            scores = scores.masked_fill(~visible.unsqueeze(1), float("-inf"))
        return scores.softmax(dim=2)


class RecurrentEncoderDecoder(EncoderDecoder):
    """Source (B, S) and target (B, T) -> logits (B, T, V) of the token after each of the target's. Both sides share one embedding.

    Bahdanau's decoder looks at the source before each step, with the state before it, and takes what it sees as input: a loop over the
    target. Luong's runs over the whole target, then looks with all states at once (without input feeding, which would be a loop too).
    The output is Luong's in both: tanh(W [context; state]) (eq. 5) and the vocabulary.
    """

    def __init__(self, config: RecurrentEncoderDecoderSchema, vocab_size: int, context_tokens: int) -> None:
        super().__init__()
        self.config = config
        self.vocab_size = config.vocab_size or vocab_size
        self.context_tokens = context_tokens
        self.looks_first = config.attention == "bahdanau"
        width, layers = config.d_model, config.n_decoder_layer or config.n_layer
        self.embedding = nn.Embedding(self.vocab_size, width)
        self.encoder = BothWays(config)
        self.bridge = nn.Linear(width, layers * width * (2 if config.cell == "lstm" else 1))
        self.decoder = Layers(config, layers, inputs=2 * width if self.looks_first else width, width=width)
        self.attention = SourceAttention(width, additive=self.looks_first)
        self.combine = nn.Linear(2 * width, width, bias=False)
        self.head = nn.Linear(width, self.vocab_size)
        initialise(self)
        nn.init.zeros_(self.head.bias)
        if config.tie_embeddings:
            self.head.weight = self.embedding.weight

    def encode(self, source: Tensor, visible: Tensor | None = None) -> Tensor:
        memory: Tensor = self.encoder(self.embedding(source), visible)
        return memory

    def decode(self, target: Tensor, memory: Tensor, visible: Tensor | None = None, cache: RecurrentState | None = None) -> Tensor:  # type: ignore[override]
        state = self.empty_cache() if cache is None else cache
        if None in state.layers:
            state.layers = self._first_states(memory, visible)
        x, keys = self.embedding(target), self.attention.key(memory)
        run = self._look_then_step if self.looks_first else self._step_then_look
        states, contexts = run(x, memory, keys, visible, state)
        state.seen += target.shape[1]
        combined = torch.tanh(self.combine(torch.cat([contexts, states], dim=2)))
        logits: Tensor = self.head(dropped(combined, self.config, self.training))
        return logits

    def forward(self, source: Tensor, target: Tensor, visible: Tensor | None = None) -> Tensor:
        return self.decode(target, self.encode(source, visible), visible)

    def _first_states(self, memory: Tensor, visible: Tensor | None) -> list[State | None]:
        """From the mean of what was read (Sennrich et al. 2017, section 3), so that a decoder needs nothing but the memory."""
        mean = memory.mean(dim=1) if visible is None else memory.sum(dim=1) / visible.sum(dim=1, keepdim=True)  # 0 where it is padding
        parts = torch.tanh(self.bridge(mean)).view(len(mean), len(self.decoder.cells), -1, self.config.d_model)
        return [tuple(part.unsqueeze(0).contiguous() for part in parts[:, layer].unbind(1)) for layer in range(parts.shape[1])]

    def _step_then_look(
        self, x: Tensor, memory: Tensor, keys: Tensor, visible: Tensor | None, state: RecurrentState
    ) -> tuple[Tensor, Tensor]:
        """States and contexts (B, T, D)"""
        states, state.layers = self.decoder(x, state.layers)
        return states, torch.bmm(self.attention.weights(states, keys, visible), memory)

    def _look_then_step(
        self, x: Tensor, memory: Tensor, keys: Tensor, visible: Tensor | None, state: RecurrentState
    ) -> tuple[Tensor, Tensor]:
        masks, found = self.decoder.masks(x.shape[0], x), []
        for token in x.unbind(1):
            top = state.layers[-1]
            assert top is not None
            context = torch.bmm(self.attention.weights(top[0].transpose(0, 1), keys, visible), memory)
            after, state.layers = self.decoder(torch.cat([token.unsqueeze(1), context], dim=2), state.layers, masks)
            found.append((after, context))
        states, contexts = (torch.cat(each, dim=1) for each in zip(*found, strict=True))
        return states, contexts

    def empty_cache(self) -> RecurrentState:
        return RecurrentState([None] * len(self.decoder.cells))

    def flops_per_pair(self, source_tokens: int, target_tokens: int) -> float:
        """6 a weight of a matrix (Chowdhery et al. 2022, appendix B), and attention from each token of the target to all that was read."""
        once, reading = self.bridge.weight.numel(), multiplied_weights(self.encoder) + self.attention.key.weight.numel()
        writing = multiplied_weights(self) - reading - once
        attention = 12.0 * self.config.d_model * source_tokens * target_tokens
        return 6.0 * (once + reading * source_tokens + writing * target_tokens) + attention
