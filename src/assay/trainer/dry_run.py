"""What a planned run amounts to: parameters, tokens, compute, memory, time, data, and whether it was run before."""

from assay.config.schema import TrainConfig
from assay.data.prepare import current
from assay.tracking.identity import identify
from assay.tracking.lookup import finished_run
from assay.trainer.plan import Plan
from assay.trainer.probe import measure_cost


def print_plan(config: TrainConfig, plan: Plan) -> None:
    """The resolved plan of a dry run. Nothing is trained and nothing is written."""
    prepared = current(config)
    vocab_size = prepared.vocab_size() if prepared else getattr(config.tokenizer, "vocab_size", 257)
    cost = measure_cost(config, plan, vocab_size)
    steps = plan.total_steps
    rows = [
        ("model", f"{config.model.name}, {cost.parameters:,} parameters with embeddings" if cost.parameters else f"{config.model.name}, counts"),
        ("budget", f"{steps:,} steps of {plan.tokens_per_step:,} tokens = {steps * plan.tokens_per_step:,} tokens" if steps else f"{config.trainer.max_minutes} minutes"),
        ("batch", f"{plan.microbatches_per_step} micro-batch(es) of {config.trainer.sequences_per_microbatch} x {config.data.context_tokens} tokens a step"),
        ("numerics", f"{plan.precision}, {plan.threads} thread(s), {plan.accelerator}"),
    ]
    if cost.flops_per_token:
        rows.append(("compute", f"{cost.flops_per_token / 1e6:.1f} MFLOP a token" + (f", {cost.flops_per_token * steps * plan.tokens_per_step / 1e12:.1f} TFLOP in all" if steps else "")))
    if cost.peak_memory_megabytes is not None:
        rows.append(("memory", f"about {cost.peak_memory_megabytes:,.0f} MB at the peak (measured on two micro-batches here)"))
    if cost.seconds_per_step is not None and steps:
        rows.append(("time", f"about {cost.seconds_per_step * steps / 60:.1f} minutes of training on this machine (measured likewise; evaluation not included)"))
    rows += _data_rows(config, plan)
    print("\n".join(f"{name:<10} {text}" for name, text in rows))


def _data_rows(config: TrainConfig, plan: Plan) -> list[tuple[str, str]]:
    prepared = current(config)
    if prepared is None:
        return [("data", f"{config.data.name}: not prepared yet; the run will do it first"), ("identical", "unknown until the data are prepared")]
    versions = prepared.versions()
    identity = identify(config, plan, prepared)
    found = finished_run(identity)
    said = f"yes: run {found['run_id']} is finished; the same command returns it" if found else "no finished run is identical"
    return [
        ("data", ", ".join(f"{name} {sha256[:12]}" for name, sha256 in versions.items())),
        ("identity", identity.sha256),
        ("identical", said),
    ]
