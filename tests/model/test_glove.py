"""GloVe's tables."""

import torch

from assay.model.glove import Glove
from assay.model.schema import GloveSchema


def model(seed: int = 0) -> Glove:
    torch.manual_seed(seed)
    return Glove(GloveSchema(d_model=4), 6, 8)


def test_logits_are_the_log_of_the_count_beside_each_word_but_for_the_words_own_bias() -> None:
    made = model()
    made.context_biases.copy_(torch.arange(6.0))
    made.word_of = torch.tensor([-1, -1, 2, 3, 4, 3])
    logits = made(torch.tensor([[3, 5, 1]]))
    expected = [sum(made.word_vectors[3, d] * made.context_vectors[k, d] for d in range(4)) + made.context_biases[k] for k in range(6)]
    torch.testing.assert_close(logits[0, 0], torch.stack(expected).float())  # type: ignore[arg-type]
    assert torch.equal(logits[0, 1], logits[0, 0])  # another spelling of the same word
    assert not logits[0, 2].any()


def test_all_that_training_goes_on_from_is_saved() -> None:
    """AdaGrad's sums, the order of the pairs and the place in it too."""
    names = set(model().state_dict())
    tables = {f"{side}_{part}" for side in ("word", "context") for part in ("vectors", "biases", "vectors_sums", "biases_sums")}
    assert names == tables | {"word_of", "order_key", "position"}
    assert model(1).order_key != model(2).order_key
    assert model(1).order_key == model(1).order_key


def test_parameters_are_two_vectors_and_two_biases_a_word_and_have_no_gradient() -> None:
    made = model()
    assert made.count_parameters() == 2 * 6 * (4 + 1)
    assert not [name for name, parameter in made.named_parameters() if parameter.requires_grad]
    assert float(made.word_vectors.abs().max()) <= 0.5 / 4


def test_a_words_vector_is_the_sum_of_both_and_what_is_no_word_has_none() -> None:
    made = model()
    made.word_of = torch.tensor([-1, 1, 1, 3, -1, -1])
    total = made.word_vectors + made.context_vectors
    assert torch.equal(made.vectors()[[1, 3]], total[[1, 3]])
    assert not made.vectors()[[0, 2, 4, 5]].any()
