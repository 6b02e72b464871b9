"""Two vectors of each word."""

import numpy as np
import torch

from assay.model.schema import Word2VecSchema
from assay.model.word2vec import Word2Vec


def test_vectors_are_looked_up_by_the_first_token_of_a_word() -> None:
    made = Word2Vec(Word2VecSchema(d_model=3), 4, 8)
    assert made.vectors().abs().sum() == 0  # no word was learnt yet
    made.learn_words(np.array([-1, 1, 1, 3], dtype=np.int32), [None, "a", None, "b"])
    assert torch.equal(made.vectors()[[1, 3]], made.table[[1, 3]])
    assert made.vectors()[[0, 2]].abs().sum() == 0
    made.output.normal_()
    scores = made(torch.tensor([[0, 1, 2]]))
    assert scores[0, 0].abs().sum() == 0
    torch.testing.assert_close(scores[0, 1], made.output @ made.table[1])
    assert torch.equal(scores[0, 1], scores[0, 2])


def test_no_vector_begins_longer_than_another_may() -> None:
    made = Word2Vec(Word2VecSchema(d_model=50), 400, 8)
    assert 0.019 < made.table.abs().max() <= 0.02
    assert made.output.abs().sum() == 0  # so all is as likely as not
    assert not any(each.requires_grad for each in made.parameters())
