"""A model, its objective and what trains it fit together, or are told what would."""

from collections.abc import Callable

import pytest

Wrong = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (
            ["model.d_model=385"],
            "override model.d_model=385 and conf/model/gpt_small.yaml:4: "
            "model.d_model=385 is not divisible by model.n_head=6; the nearest width that is: 384 or 390",
        ),
        (
            ["model=rnn_seq2seq_nano", "objective=denoising", "model.d_model=161"],
            "override model.d_model=161: model.d_model=161 is odd, and each direction of the encoder has half of it; the nearest width: 160 or 162",
        ),
        (
            ["model=ngram", "trainer.ema_decay=0.999"],
            "override trainer.ema_decay=0.999 and conf/model/ngram.yaml:2: "
            "trainer.ema_decay=0.999 is of weights that a gradient changes, and this model counts; remove it, or choose another model",
        ),
        (
            ["model=lstm_nano", "trainer.compile=true"],
            "override trainer.compile=true: trainer.compile=true: torch.compile has no form of recurrent cells (model.cell=lstm), and what stands around them "
            "gains nothing; give trainer.compile=false",
        ),
        (
            ["trainer.devices=2", "trainer.strategy=ddp"],
            "override trainer.devices=2 and override trainer.strategy=ddp: trainer.devices=2, trainer.strategy=ddp: training on several devices is not "
            "implemented; give trainer.devices=1 trainer.strategy=auto, or leave them out",
        ),
        (
            ["trainer.strategy=fsdp"],
            "override trainer.strategy=fsdp: trainer.strategy=fsdp: training on several devices is not implemented; "
            "give trainer.devices=1 trainer.strategy=auto, or leave them out",
        ),
        (
            ["model=llama_small", "model.n_kv_head=4"],
            "override model.n_kv_head=4 and conf/model/llama_small.yaml:4: "
            "model.n_head=6 is not divisible by model.n_kv_head=4, so some would serve more heads than others",
        ),
        (
            ["model.position=rotary", "model.d_model=18"],
            "override model.position=rotary and override model.d_model=18 and conf/model/gpt_small.yaml:4: "
            "model.position=rotary needs heads of even width, found 3 (model.d_model=18 / model.n_head=6)",
        ),
        (
            ["model=qwen3_nano", "model.d_head=15"],
            "override model.d_head=15 and conf/model/qwen3_nano.yaml:8 and conf/model/qwen3_nano.yaml:6 and conf/model/qwen3_nano.yaml:4: "
            "model.position=rotary needs heads of even width, found model.d_head=15",
        ),
        (
            ["model=hf", "objective=masked_lm"],
            "conf/objective/masked_lm.yaml:2 and conf/model/hf.yaml:2: this model predicts the next token, and this objective asks for hidden "
            "tokens; add objective=causal_lm, or model=hf_encoder",
        ),
        (
            ["model.n_positions=128"],
            "override model.n_positions=128: model.n_positions=128 is less than data.context_tokens=256; raise it, or give null to follow",
        ),
        (
            ["model.vocab_size=4095"],
            "override model.vocab_size=4095 and conf/tokenizer/bpe.yaml:2: "
            "model.vocab_size=4095 is less than tokenizer.vocab_size=4096; raise it, or give null to follow",
        ),
        (
            ["model.vocab_size=256", "tokenizer=byte"],
            "override model.vocab_size=256 and conf/tokenizer/byte.yaml:1: "
            "model.vocab_size=256 is less than the 257 of tokenizer=byte; raise it, or give null to follow",
        ),
        (
            ["optimizer=sgd", "optimizer.nesterov=true", "optimizer.momentum=0"],
            "override optimizer.nesterov=true and override optimizer.momentum=0: optimizer.nesterov=true needs optimizer.momentum above 0",
        ),
        (
            ["model=seq2seq_nano", "objective=span_corruption", "data.context_tokens=2048", "trainer.tokens_per_step=8192"],
            "override data.context_tokens=2048 and conf/objective/span_corruption.yaml:2: objective.hidden_fraction=0.15 "
            "and objective.mean_span_tokens=3 make 102 spans of data.context_tokens=2048, and there are sentinels for 99; "
            "lower data.context_tokens, or raise objective.mean_span_tokens",
        ),
        (
            ["model=seq2seq_nano", "objective=denoising", "objective.masked_fraction=0.6", "objective.deleted_fraction=0.5"],
            "override objective.masked_fraction=0.6 and override objective.deleted_fraction=0.5: objective.masked_fraction=0.6 and "
            "objective.deleted_fraction=0.5 are together more than all tokens outside of spans",
        ),
        (
            ["model=seq2seq_nano", "objective=denoising", "objective.hidden_fraction=0"],
            "override objective.hidden_fraction=0: the objective hides nothing, so there is nothing to learn but copying; "
            "raise objective.hidden_fraction",
        ),
        (
            ["model.position=relative", "model.relative_distance=16"],
            "override model.position=relative and override model.relative_distance=16: model.relative_distance=16 is within the half of "
            "model.relative_buckets=32 that hold one distance each; raise it above 16, or lower the buckets",
        ),
        (
            ["model.position=rotary", "model.d_head=7"],
            "override model.position=rotary and override model.d_head=7 and conf/model/gpt_small.yaml:4 and conf/model/gpt_small.yaml:5: "
            "model.position=rotary needs heads of even width, found model.d_head=7",
        ),
        (
            ["model=word2vec", "objective=skip_gram"],
            "conf/objective/skip_gram.yaml:1 and conf/optimizer/adamw.yaml:1: this objective makes its updates itself, by SGD and not by AdamW; "
            "add optimizer=plain_sgd",
        ),
        (
            ["model=fasttext", "objective=cbow", "optimizer=sgd"],
            "conf/optimizer/sgd.yaml:1 and conf/objective/cbow.yaml:2: optimizer.momentum=0.9 and optimizer.weight_decay=0: this objective updates a "
            "pair of words at a time, without either; add optimizer=plain_sgd, or set both to 0",
        ),
        (
            [
                "model=word2vec",
                "objective=skip_gram",
                "optimizer=plain_sgd",
                "trainer.compile=true",
                "trainer.precision=bf16",
                "trainer.accelerator=gpu",
            ],
            "override trainer.accelerator=gpu and override trainer.precision=bf16 and override trainer.compile=true and conf/objective/skip_gram.yaml:1: "
            "trainer.accelerator=gpu, trainer.precision=bf16, trainer.compile=true: this objective is trained by a compiled kernel of its own, on one CPU "
            "in float32; leave it out",
        ),
        (
            ["model=fasttext", "objective=skip_gram", "optimizer=plain_sgd", "model.min_n=7"],
            "override model.min_n=7: model.min_n=7 is above model.max_n=6, so a word would have no n-grams",
        ),
    ],
)
def test_parts_that_do_not_fit_are_both_named(wrong: Wrong, overrides: list[str], line: str) -> None:
    [found] = wrong(*overrides)
    *places, text = [*found.partition(": ")[0].split(" and "), found.partition(": ")[2]]
    *expected_places, expected = [*line.partition(": ")[0].split(" and "), line.partition(": ")[2]]
    assert (sorted(places), text) == (sorted(expected_places), expected)
