"""The dry run of a plan: parameters, tokens, compute, memory, time, data, and whether it was run before."""

from assay.config.schema import TrainConfig
from assay.data.mixing import mix
from assay.data.prepare import Prepared, current
from assay.tokenizer.tokenizer import Tokenizer
from assay.tracking.difference import nearest_run
from assay.tracking.identity import Identity, identify
from assay.tracking.lookup import find_run, runs_with_identity
from assay.tracking.opening import resumable
from assay.trainer.plan import Plan
from assay.trainer.probe import Cost, measure_cost

BYTE_VOCABULARY = 257  # 256 bytes and the end of a document


def print_plan(config: TrainConfig, plan: Plan) -> None:
    """The resolved plan of a dry run. Nothing is trained and nothing is written."""
    prepared = current(config)
    vocab_size = prepared.vocab_size() if prepared else getattr(config.tokenizer, "vocab_size", BYTE_VOCABULARY)
    own_mask = Tokenizer.load(prepared.tokenizer_folder).mask if prepared else None
    cost = measure_cost(config, plan, vocab_size, own_mask)
    rows = _plan_rows(config, plan, cost) + _cost_rows(plan, cost) + _data_rows(config, plan, prepared)
    print("\n".join(f"{name:<10} {text}" for name, text in rows))


def _plan_rows(config: TrainConfig, plan: Plan, cost: Cost) -> list[tuple[str, str]]:
    size = f"{cost.parameters:,} parameters with embeddings" if cost.parameters else "counts"
    budget = f"{config.trainer.max_minutes} minutes of training"
    if plan.total_steps is not None:
        budget = f"{plan.total_steps:,} steps of {plan.tokens_per_step:,} tokens = {plan.total_steps * plan.tokens_per_step:,} tokens"
    sequences = f"{config.trainer.sequences_per_microbatch} x {config.data.context_tokens} tokens"
    begins = f", begins with the weights of {config.init}" if config.init else ""
    return [
        ("model", f"{config.model.name}, {size}{begins}"),
        ("budget", budget),
        ("batch", f"{plan.microbatches_per_step} micro-batch(es) of {sequences} a step"),
        ("numerics", plan.numerics),
    ]


def _cost_rows(plan: Plan, cost: Cost) -> list[tuple[str, str]]:
    """Empty for a model that counts. Without a number of steps there is no sum."""
    rows, steps = [], plan.total_steps
    if cost.flops_per_token:
        whole = f", {cost.flops_per_token * steps * plan.tokens_per_step / 1e12:.1f} TFLOP in all" if steps else ""
        rows.append(("compute", f"{cost.flops_per_token / 1e6:.1f} MFLOP a token{whole}"))
    if cost.peak_memory_megabytes is not None:
        rows.append(("memory", f"about {cost.peak_memory_megabytes:,.0f} MB at the peak (measured on two micro-batches here)"))
    if cost.seconds_per_step is not None and steps:
        minutes = cost.seconds_per_step * steps / 60
        rows.append(("time", f"about {minutes:.1f} minutes of training on this machine (measured likewise; evaluation not included)"))
    return rows


def _data_rows(config: TrainConfig, plan: Plan, prepared: Prepared | None) -> list[tuple[str, str]]:
    if prepared is None:
        return [
            ("data", f"{config.data.name}: not prepared yet; the run will do it first"),
            ("identical", "unknown until the data are prepared"),
        ]
    identity = identify(config, plan, prepared)
    return [
        *_mix_rows(config, plan, prepared),
        ("data", ", ".join(f"{name} {sha256[:12]}" for name, sha256 in prepared.versions().items())),
        ("identity", identity.sha256),
        *_history_rows(config, plan, identity),
    ]


def _history_rows(config: TrainConfig, plan: Plan, identity: Identity) -> list[tuple[str, str]]:
    """Rows that say what the command without dry_run would do: return a finished run, resume one, or begin another."""
    if config.resume != "auto":
        entry = find_run(config.resume.partition("/")[0], finished_first=False)
        return [("identical", f"not looked for: resume={config.resume} resumes run {entry.run_id}")]
    same = runs_with_identity(identity)
    begun = [entry for entry in same if resumable(entry, config.rerun)]
    finished = [entry for entry in same if entry.finished]
    if finished and not config.rerun and plan.repeatable:
        return [("identical", f"yes: run {finished[0].run_id} is finished; the same command returns it")]
    if begun:
        return [("identical", f"yes: run {begun[0].run_id} is not finished; the same command resumes it")]
    if finished:
        why = (
            "rerun=true trains it again"
            if plan.repeatable
            else "a budget in minutes never gives the same run twice, so it is trained again"
        )
        return [("identical", f"yes: run {finished[0].run_id} is finished; {why}, as a new run")]
    return [("identical", "no run is identical"), *_nearest_rows(identity)]


def _mix_rows(config: TrainConfig, plan: Plan, prepared: Prepared) -> list[tuple[str, str]]:
    """Rows that say what the run reads of each source of a corpus of several."""
    tokens = [int(each["tokens"]) for each in prepared.split_sizes()["train"].get("by_source", [])]
    if not tokens:
        return []
    windows = (plan.total_steps or 0) * plan.tokens_per_step // config.data.context_tokens
    name, rows = "mix", []
    for each in mix(config.data, tokens, windows):
        read = f", read {each.epochs:.2f} times" if plan.total_steps else ""
        rows.append((name, f"{each.name} {each.share:.1%} of the windows: {each.tokens:,} tokens{read}"))
        name = ""
    return rows


def _nearest_rows(identity: Identity) -> list[tuple[str, str]]:
    found = nearest_run(identity)
    if found is None:
        return []
    entry, lines = found
    if not lines:  # resumed under other settings since, or begun by rerun=true
        return [("nearest", f"{entry.name} ({entry.run_id[:8]}); it began with the same settings, and the same command begins another run")]
    return [("nearest", f"{entry.name} ({entry.run_id[:8]}); since then moved:"), *(("", line) for line in lines)]
