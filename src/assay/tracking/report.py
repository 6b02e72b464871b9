"""The lines that are printed after a run."""

from typing import Any

from assay.tokenizer.lost import Lost
from assay.tracking.export import export_run
from assay.tracking.lookup import experiment_number
from assay.tracking.store import MLRUNS

SHOWN = (
    "val/bits_per_byte",
    "val/loss",
    "val/perplexity",
    "val/accuracy",
    "test/bits_per_byte",
    "test/loss",
    "test/perplexity",
    "test/accuracy",
    "wordsim353/spearman",
    "simlex999/spearman",
    "analogies/accuracy",
)


def report(result: dict[str, Any], export: str | None) -> None:
    """Export if asked; then metrics, links, and the line that ends every finished run."""
    metrics = result["metrics"]
    if export:
        export_run(result, export)
    if result.get("stored"):
        print(f"an identical run is finished: its stored result follows. To train again: rerun=true. Folder: {_folder(result)}")
    if best := _said_best(result):
        print(best)
    for split in ("val", "test"):
        said = result["evaluated"][split]
        print(_split_line(split, metrics, said))
        for name, sizes in said.get("by_source", {}).items():
            bits = metrics.get(f"{split}/{name}/bits_per_byte")
            shown = "no bits per byte" if bits is None else f"bits per byte {bits:.4f}"
            print(f"      {name} loss {metrics[f'{split}/{name}/loss']:.4f}  {shown}  ({sizes['tokens']:,} tokens)")
    for source in result.get("mix", []):
        print(f"mix   {source['name']} {source['share']:.1%} of the windows, {source['tokens']:,} tokens read {source['epochs']:.2f} times")
    print(f"folder {_folder(result)}")
    number = experiment_number(result["run_id"])
    page = f", then http://127.0.0.1:5000/#/experiments/{number}/runs/{result['run_id']}" if number else ""
    print(f"dashboard: make dashboard{page}")
    print(f"run {result['run_id']} finished " + " ".join(f"{name}={metrics[name]:.4f}" for name in SHOWN if name in metrics), flush=True)


def _said_best(result: dict[str, Any]) -> str | None:
    """Whose weights were scored, where those are not simply the last ones."""
    last, why = f"step_{result.get('steps', 0):09d}", result.get("stopped_early")
    if result.get("checkpoint", last) == last and not why:
        return None
    stopped = f"stopped early at step {result['steps']}: {why}. " if why else ""
    return (
        f"{stopped}Best val/loss {result['best_loss']:.4f} at step {result['best_step']} of {result['steps']}: "
        f"its weights are scored below, and are what RUN and export= mean"
    )


def _split_line(split: str, metrics: dict[str, float], said: dict[str, Any]) -> str:
    """Return the line of one split. A loss without bits per byte has its own baseline, `SPLIT/NAME_loss`; word vectors have no perplexity either."""
    if f"{split}/perplexity" not in metrics:
        return f"{split:<5} " + "  ".join(
            [f"{name.removeprefix(f'{split}/')} {value:.4f}" for name, value in metrics.items() if name.startswith(f"{split}/")]
            + [f"({', '.join(f'{count:,} {name}' for name, count in said.items())})"]
        )
    loss, perplexity, accuracy = (metrics[f"{split}/{name}"] for name in ("loss", "perplexity", "accuracy"))
    unit = "masked token" if "hidden_in_rounds" in said else "token"
    line = f"{split:<5} loss {loss:.4f} nats per {unit}  perplexity {perplexity:.6g}  "
    if "document_end_tokens" in said:
        lost, bits = Lost.of(said), metrics.get(f"{split}/bits_per_byte")
        shown = "" if bits is None else f"bits per byte {bits:.4f}  "
        sizes = f"({said['tokens']:,} tokens, {said['document_end_tokens']:,} of them document ends)"
        return line + f"{shown}accuracy {accuracy:.4f}  {sizes}" + (f"\n      no bits per byte: {lost.said(said)}" if lost else "")
    floors = [(name, value) for name, value in metrics.items() if name.startswith(f"{split}/") and name.endswith("_loss")]
    beside = "".join(f"; by {name.removeprefix(f'{split}/').removesuffix('_loss')} {value:.4f}" for name, value in floors)
    if "hidden_tokens" in said:
        return (
            f"{split:<5} loss {loss:.4f} nats per target token{beside.replace(';', ',')}  accuracy {accuracy:.4f}  "
            f"nats of hidden ones {metrics[f'{split}/hidden_nats']:.4f}  "
            f"({said['target_tokens']:,} target tokens, {said['hidden_tokens']:,} of them not in the source)"
        )
    return line + f"accuracy {accuracy:.4f}  ({said['tokens']:,} tokens, each predicted once{beside})"


def _folder(result: dict[str, Any]) -> str:
    return f"{MLRUNS.name}/{result['experiment']}/{result['run_id']}/artifacts"
