"""What a dry run measures."""

from assay.config.load import load
from assay.config.schema import TrainConfig
from assay.trainer.plan import make_plan
from assay.trainer.probe import Cost, measure_cost

TINY = ("trainer=smoke", "trainer.threads=1", "data.context_tokens=32", "trainer.precision=fp32")


def cost(*overrides: str, own_mask: int | None = None) -> Cost:
    config = load("train", [*TINY, *overrides], TrainConfig)
    return measure_cost(config, make_plan(config), 300, own_mask)


def test_a_step_costs_its_microbatches_and_one_update() -> None:
    one = cost("model=gpt_nano", "model.d_model=8", "trainer.tokens_per_step=64")
    many = cost("model=gpt_nano", "model.d_model=8", "trainer.tokens_per_step=64000")
    # token and position embeddings; 2 layers: qkv, out, up, down with biases, 2 norms; the last norm. The output shares the embedding.
    assert one.parameters == 300 * 8 + 32 * 8 + 2 * (8 * 24 + 24 + 8 * 8 + 8 + 8 * 32 + 32 + 32 * 8 + 8 + 4 * 8) + 2 * 8
    assert one.seconds_per_step is not None
    assert many.seconds_per_step is not None
    assert many.seconds_per_step > 50 * one.seconds_per_step
    assert one.peak_memory_megabytes is not None
    assert one.peak_memory_megabytes > 100


def test_an_id_for_what_is_hidden_is_counted_once() -> None:
    words = ("model=seq2seq_nano", "objective=denoising", "model.d_model=8")
    assert cost(*words).parameters - cost(*words, own_mask=5).parameters == 8


def test_a_model_updated_in_place_costs_its_microbatches() -> None:
    of_words = ("model=fasttext", "objective=cbow", "optimizer=plain_sgd", "model.d_model=8", "model.buckets=10")
    one, many = (cost(*of_words, f"trainer.tokens_per_step={tokens}") for tokens in (64, 64000))
    assert (one.parameters, one.flops_per_token) == ((300 + 10 + 300) * 8, 0.0)
    assert one.seconds_per_step is not None
    assert many.seconds_per_step is not None
    assert many.seconds_per_step > 50 * one.seconds_per_step


def test_a_counting_model_has_no_cost_to_measure() -> None:
    assert cost("model=ngram") == Cost(0, 0.0, None, None)
