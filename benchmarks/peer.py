"""The baseline: the same architecture, data order and optimizer settings, trained by transformers.Trainer.

Run as a child process by the other benchmarks: python benchmarks/peer.py '{"model": "gpt_nano", ...}' prints one line of JSON.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainerCallback, TrainingArguments

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from assay.config.build import build
from assay.config.load import load
from assay.config.schema import TrainConfig
from assay.data.order import keyed
from assay.data.prepare import prepare
from assay.data.tokens import Tokens
from assay.evaluation.language_model import score_split
from assay.optimizer.adamw import AdamW
from assay.schedule.course import Course
from assay.tokenizer.tokenizer import Tokenizer
from assay.trainer.plan import Plan, make_plan


class Windows(torch.utils.data.Dataset[dict[str, Tensor]]):
    """Our training windows, one sequence at a time, in our order."""

    def __init__(self, batches: Any) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches) * self.batches.sequences

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        batch, place = divmod(index, self.batches.sequences)
        start = int(self.batches.starts(batch)[place])
        window = torch.from_numpy(self.batches.tokens[start : start + self.batches.context_tokens + 1].astype("int64"))
        return {"input_ids": window[:-1], "labels": window[1:]}


class Clock(TrainerCallback):
    """CPU seconds of each step."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def on_step_begin(self, *args: Any, **kwargs: Any) -> None:
        if not self.seconds:
            self._mark = time.process_time()

    def on_step_end(self, *args: Any, **kwargs: Any) -> None:
        now = time.process_time()
        self.seconds.append(now - self._mark)
        self._mark = now


class InOrder(Trainer):
    """The data set is in training order already."""

    def _get_train_sampler(self, *args: Any) -> torch.utils.data.Sampler[int]:
        return torch.utils.data.SequentialSampler(self.train_dataset)


class Logits(nn.Module):
    """GPT2LMHeadModel with our models' signature."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: Tensor) -> Tensor:
        return self.model(tokens).logits


def start_alike(theirs: GPT2LMHeadModel, ours: nn.Module) -> None:
    """Copy our initial weights, so that the two differ in nothing but the code that trains them."""
    state = {"transformer.wte.weight": ours.embedding.weight, "transformer.wpe.weight": ours.position.weight}
    for i, block in enumerate(ours.blocks):
        parts = {"ln_1": block.attention_norm, "ln_2": block.mlp_norm}
        linears = {
            "attn.c_attn": block.attention.qkv,
            "attn.c_proj": block.attention.out,
            "mlp.c_fc": block.mlp.up,
            "mlp.c_proj": block.mlp.down,
        }
        for name, part in {**parts, **linears}.items():
            weight = part.weight.T if name in linears else part.weight  # GPT-2's Conv1D keeps its matrix transposed
            state |= {f"transformer.h.{i}.{name}.weight": weight, f"transformer.h.{i}.{name}.bias": part.bias}
    state |= {"transformer.ln_f.weight": ours.norm.weight, "transformer.ln_f.bias": ours.norm.bias, "lm_head.weight": ours.head.weight}
    theirs.load_state_dict({name: tensor.detach().clone() for name, tensor in state.items()})


def next_token_loss(outputs: Any, labels: Tensor, num_items_in_batch: Any = None) -> Tensor:
    return F.cross_entropy(outputs.logits.flatten(0, 1).float(), labels.flatten())


def train(config: TrainConfig, plan: Plan, score: bool) -> dict[str, Any]:
    prepared = prepare(config, "auto")
    tokens = Tokens.open(prepared.tokens_folder)
    model_config = config.model
    torch.set_num_threads(plan.threads)
    tokenizer = Tokenizer.load(prepared.tokenizer_folder)
    model = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=tokenizer.vocab_size, n_positions=config.data.context_tokens, n_embd=model_config.d_model, n_layer=model_config.n_layer,
            n_head=model_config.n_head, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, use_cache=False,
        )
    )  # fmt: skip
    torch.manual_seed(keyed(config.seed, "initial weights") >> 1)
    start_alike(model, build(model_config, "model", vocab_size=tokenizer.vocab_size, context_tokens=config.data.context_tokens))
    data = build(
        config.data,
        "data",
        tokens=tokens,
        sequences=config.trainer.sequences_per_microbatch,
        seed=config.seed,
        microbatches=plan.total_microbatches,
        first=0,
    )
    optimizer = AdamW(config.optimizer, model)
    total = plan.total_steps
    schedule = build(config.schedule, "schedule", course=Course.planned(total, None, plan.warmup_steps))
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule.factor)
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder, max_steps=total, per_device_train_batch_size=config.trainer.sequences_per_microbatch,
            gradient_accumulation_steps=plan.microbatches_per_step, max_grad_norm=config.trainer.gradient_clip_norm, bf16=plan.precision == "bf16",
            use_cpu=True, report_to=[], save_strategy="no", logging_steps=10, disable_tqdm=True, seed=config.seed, dataloader_pin_memory=False,
        )  # fmt: skip
        trainer = InOrder(
            model=model,
            args=arguments,
            train_dataset=Windows(data.batches),
            optimizers=(optimizer, scheduler),
            compute_loss_func=next_token_loss,
            callbacks=[clock],
        )
        trainer.train()
    rate = plan.tokens_per_step / statistics.median(clock.seconds[2:] or clock.seconds)
    found: dict[str, Any] = {"tokens_per_cpu_second": rate, "parameters": model.num_parameters()}
    if score:
        part = tokens.split("val")
        scored = score_split(
            Logits(model),
            part.tokens,
            tokenizer.end_of_document,
            part.utf8_bytes,
            context_tokens=config.data.context_tokens,
            sequences_per_batch=16,
        )
        found["val/loss"] = scored.loss
    return found


if __name__ == "__main__":
    request = json.loads(sys.argv[1])
    asked = load("train", request["overrides"], TrainConfig)
    print(json.dumps(train(asked, make_plan(asked), request["score"])))
