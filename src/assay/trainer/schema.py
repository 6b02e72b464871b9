"""Schema of conf/trainer/*.yaml."""

from dataclasses import dataclass
from typing import Literal

from assay.config.fields import setting


@dataclass(frozen=True, kw_only=True)
class TrainerSchema:
    """Budget, batch and machine. Exactly one of max_steps, max_tokens, max_minutes is given."""

    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    max_steps: int | None = setting(None, at_least=1, at_most=1_000_000_000)
    max_tokens: int | None = setting(None, at_least=1, at_most=10**15)
    max_minutes: float | None = setting(
        None, above=0, at_most=1_000_000, help="of training, without evaluations; depends on the clock: refused in dvc.yaml"
    )
    tokens_per_step: int = setting(4096, at_least=1, at_most=10**9, help="a whole number of micro-batches")
    sequences_per_microbatch: int = setting(16, at_least=1, at_most=1_000_000)
    accelerator: Literal["auto", "cpu", "gpu"] = setting("auto")
    devices: int = setting(1, at_least=1, at_most=65_536, help="1: training on several devices is not implemented")
    strategy: Literal["auto", "ddp", "fsdp"] = setting("auto", help="auto: the others are of several devices, which is not implemented")
    precision: Literal["auto", "fp32", "bf16"] = setting(
        "auto", help="bf16: autocast, float32 weights; auto: bf16 where the hardware multiplies it"
    )
    threads: int | Literal["auto"] = setting(
        "auto", at_least=1, at_most=1024, help="CPU threads; changes the last bits. auto: one per core"
    )
    loader_workers: int = setting(
        0, at_least=0, at_most=1024, help="processes that cut windows; the same windows for any. 0: the main process, which is fastest"
    )
    compile: bool = setting(False, help="torch.compile the model")
    gradient_clip_norm: float | None = setting(1.0, above=0, at_most=1e6, help="null: no clipping")
    skip_gradient_norm_above: float | None = setting(
        None, above=0, at_most=1e12, help="steps with a larger gradient norm, as a spike's, change no weight; null: none is skipped"
    )
    evaluate_every_steps: int | Literal["auto"] = setting("auto", at_least=1, at_most=1_000_000_000, help="auto: a fifth of the run")
    ema_decay: float | None = setting(
        None,
        above=0,
        below=1,
        help="of the moving average of the weights, which is then scored, sampled and exported in their place; 0.999 is usual, null: none",
    )
    early_stopping_patience: int | None = setting(
        None, at_least=1, at_most=1_000_000, help="evaluations without a better val/loss before stopping"
    )
    checkpoint_every_steps: int | Literal["auto"] = setting(
        "auto", at_least=1, at_most=1_000_000_000, help="auto: once a minute of training. Each evaluation is followed by one in any case"
    )
    print_every_steps: int = setting(10, at_least=1, at_most=1_000_000_000, help="lines of plain output")
