"""Recurrent cells by their equations, what they keep, and what they cost."""

from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from assay.model import recurrent
from assay.model.recurrent import CELLS, Recurrent, dropped
from assay.model.schema import RecurrentSchema

VOCAB, CONTEXT, WIDTH = 11, 6, 8
BOTH = pytest.mark.parametrize("cell", CELLS)


def make(cell: str, **choices: Any) -> Recurrent:
    torch.manual_seed(0)
    model = Recurrent(RecurrentSchema(cell=cell, n_layer=2, d_model=WIDTH, **choices), VOCAB, CONTEXT).eval()  # type: ignore[arg-type]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return model


def tokens(rows: int = 2, columns: int = CONTEXT) -> torch.Tensor:
    return torch.randint(0, VOCAB, (rows, columns), generator=torch.Generator().manual_seed(1))


def by_hand(model: Recurrent, row: list[int]) -> list[torch.Tensor]:
    """The logits after each token, by the equations (Hochreiter & Schmidhuber 1997 with forget gates; Cho et al. 2014 in cuDNN's form)."""
    states = [(torch.zeros(WIDTH), torch.zeros(WIDTH)) for _ in model.layers.cells]
    found = []
    for token in row:
        x = model.embedding.weight[token]
        for index, cell in enumerate(model.layers.cells):
            h, c = states[index]
            into: torch.Tensor = cell.weight_ih_l0 @ x + cell.bias_ih_l0  # type: ignore[operator]
            back: torch.Tensor = cell.weight_hh_l0 @ h + cell.bias_hh_l0  # type: ignore[operator]
            if isinstance(cell, torch.nn.LSTM):
                i, f, g, o = (into + back).chunk(4)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                h = o.sigmoid() * c.tanh()
            else:
                (r, z, n), (r_back, z_back, n_back) = into.chunk(3), back.chunk(3)
                r, z = (r + r_back).sigmoid(), (z + z_back).sigmoid()
                h = (1 - z) * (n + r * n_back).tanh() + z * h
            states[index], x = (h, c), h
        found.append(model.head.weight @ x + model.output_bias)
    return found


@BOTH
def test_the_logits_are_those_of_the_equations(cell: str) -> None:
    model, row = make(cell), tokens()[:1]
    with torch.inference_mode():
        torch.testing.assert_close(model(row)[0], torch.stack(by_hand(model, row[0].tolist())), atol=1e-5, rtol=1e-4)


@BOTH
def test_a_token_changes_what_comes_after_it_and_nothing_before(cell: str) -> None:
    model, row = make(cell), tokens()[:1]
    other = row.clone()
    other[0, 2] = (row[0, 2] + 1) % VOCAB
    with torch.inference_mode():
        moved = (model(row) - model(other))[0].abs().amax(dim=1)
    assert (moved[:2] == 0).all()
    assert (moved[2:] > 0).all()


@BOTH
def test_rows_do_not_touch_each_other_and_a_window_begins_with_nothing(cell: str) -> None:
    model, rows = make(cell), tokens(3)
    with torch.inference_mode():
        alone = torch.cat([model(row[None]) for row in rows])
        torch.testing.assert_close(model(rows), alone, atol=1e-6, rtol=1e-5)
        assert torch.equal(model(rows), model(rows))


@BOTH
def test_a_state_goes_on_past_the_windows_of_training(cell: str) -> None:
    model, row = make(cell), tokens(1, 3 * CONTEXT)
    cache = model.empty_cache()
    with torch.inference_mode():
        pieces = torch.cat([model(row[:, start : start + 5], cache) for start in range(0, 3 * CONTEXT, 5)], dim=1)
        torch.testing.assert_close(pieces, model(row), atol=1e-5, rtol=1e-4)
    assert (cache.tokens, cache.ENDLESS) == (3 * CONTEXT, True)


@BOTH
@pytest.mark.parametrize("tied", [True, False])
def test_the_work_of_a_token_is_what_torch_counts(cell: str, tied: bool) -> None:
    """Three times that of the way forward, of which torch counts the products: in float64, for which there is no kernel of whole layers."""
    model = make(cell, tie_embeddings=tied).double()
    with FlopCounterMode(display=False) as counter:
        model(tokens())
    assert model.flops_per_token(CONTEXT) * 2 * CONTEXT == 3 * counter.get_total_flops()
    assert model.flops_per_token(CONTEXT) == model.flops_per_token(999)


def test_only_half_as_much_is_stored_where_the_output_shares_the_embedding() -> None:
    sizes = [make("lstm", tie_embeddings=tied).count_parameters() for tied in (True, False)]
    assert sizes[0] == VOCAB * WIDTH + VOCAB + 2 * (4 * WIDTH * 2 * WIDTH + 8 * WIDTH)
    assert sizes[1] - sizes[0] == VOCAB * WIDTH


def test_a_cell_begins_with_its_forget_gate_open() -> None:
    model = Recurrent(RecurrentSchema(n_layer=1, d_model=WIDTH), VOCAB, CONTEXT)
    (cell,) = model.layers.cells
    both = cell.bias_ih_l0 + cell.bias_hh_l0  # type: ignore[operator]
    assert torch.equal(both, torch.tensor([0.0, 1.0, 0.0, 0.0]).repeat_interleave(WIDTH))


def test_what_is_dropped_out_is_the_same_at_all_tokens_where_it_is_locked() -> None:
    x = torch.ones(2, 5, 400)
    forms = {mask: RecurrentSchema(n_layer=1, d_model=WIDTH, dropout=0.25, dropout_mask=mask) for mask in ("each", "locked")}  # type: ignore[arg-type]
    kept = {mask: dropped(x, form, training=True) for mask, form in forms.items()}
    for found in kept.values():
        assert sorted(found.unique().tolist()) == pytest.approx([0, 4 / 3])
        assert (found == 0).float().mean() == pytest.approx(0.25, abs=0.05)
    same = {mask: bool((found == found[:, :1]).all()) for mask, found in kept.items()}
    assert same == {"each": False, "locked": True}
    assert not torch.equal(kept["locked"][0], kept["locked"][1])
    assert all(torch.equal(dropped(x, form, training=False), x) for form in forms.values())


@BOTH
def test_in_bfloat16_the_logits_are_near_those_of_float32(cell: str) -> None:
    model = make(cell)
    with torch.inference_mode():
        exact = model(tokens())
        with torch.autocast("cpu", torch.bfloat16):
            near = model(tokens())
    assert ((near - exact).norm() / exact.norm()) < 0.05


@BOTH
def test_cells_compute_in_float32_where_the_cpu_has_no_bf16(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that is read on has the state that it was left with."""
    monkeypatch.setattr(recurrent, "cpu_has_bf16", lambda: False)
    model = make(cell)
    x = torch.rand(2, 4, WIDTH, generator=torch.Generator().manual_seed(1))
    exact, _ = model.layers(x, [None] * model.config.n_layer)
    with torch.autocast("cpu", torch.bfloat16):
        begun, states = model.layers(x[:, :2], [None] * model.config.n_layer)
        read_on, _ = model.layers(x[:, 2:], states)
    torch.testing.assert_close(torch.cat([begun, read_on], dim=1), exact)
